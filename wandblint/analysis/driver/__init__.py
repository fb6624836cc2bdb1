"""Runs the entry points and merges their results. May import all other parts of the analysis."""
