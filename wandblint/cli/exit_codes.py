"""The exit codes of all verbs. CI configurations rely on them."""

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 2
"""No findings; findings; wandblint could not do all of its work."""
