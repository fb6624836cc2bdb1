"""Carries out fixes: changes in the model's words become edits of texts, with LibCST and nothing executed."""
