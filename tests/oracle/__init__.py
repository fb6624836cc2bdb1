"""Random tracking programs, what they record when they run, and whether wandblint predicted it."""
