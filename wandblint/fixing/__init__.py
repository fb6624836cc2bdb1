"""Apply fixes: turn the changes of `findings/fix.py` into text edits, with LibCST.

Imports `findings`, `syntax` and `span`.
"""
