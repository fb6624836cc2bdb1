"""Overlays: models of library functions, as handlers by canonical name.

Imports `interpreter` and the packages below it.
"""
