"""The abstract interpreter, which runs facts with abstract values.

Imports `domain`, `project`, `state` and `objects`.
"""
