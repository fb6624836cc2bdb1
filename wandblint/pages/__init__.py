"""Rule pages: documentation and test in one file."""
