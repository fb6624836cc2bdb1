"""The abstract interpreter, which runs facts with abstract values.

Imports `effects` and below.
"""
