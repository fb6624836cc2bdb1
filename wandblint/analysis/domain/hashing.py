"""Hashes that are the same in every run and every process.

The results of an entry point are cached and merged with results that a later run computes, so both must
identify functions, classes and symbols by the same numbers.
"""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec

from wandblint.analysis.domain.values import ClassInfo, Frame, FunctionInfo
from wandblint.span import Span
from wandblint.template import SymbolId


def stable_hash(value: object) -> int:
    """A 64-bit hash of the content of a value.

    Python's hash of strings differs between processes; its hash of numbers and of tuples of numbers does not.
    """
    if type(value) is int:
        return value
    if type(value) is not tuple:
        return _hash_leaf(value)
    hashes: list[int] = []
    for item in value:
        if type(item) is int:
            hashes.append(item)
        else:
            hashes.append(stable_hash(item) if type(item) is tuple else _hash_leaf(item))
    return hash(tuple(hashes))


def _hash_leaf(value: object) -> int:
    if type(value) is str:
        return _hash_text(value)
    if isinstance(value, Span):
        return hash((_hash_text(value.path), value.start, value.end))
    return _hash_value(value)


def _hash_value(value: object) -> int:
    if value is None or isinstance(value, (bool, float)):
        return _hash_text(repr(value))
    if isinstance(value, (list, tuple)):
        return stable_hash(tuple(value))
    if isinstance(value, frozenset):
        return hash(tuple(sorted(stable_hash(item) for item in value)))
    if isinstance(value, SymbolId):
        if value.number is None:
            value.number = stable_hash(value.key)
        return value.number
    if isinstance(value, (FunctionInfo, ClassInfo)):
        return stable_hash(value.id)
    assert isinstance(value, msgspec.Struct), type(value)
    # Scopes are left out: the context of a function identifies its scope (`Function.__eq__`).
    fields = [getattr(value, name) for name in value.__struct_fields__]
    return stable_hash((type(value).__name__, *(item for item in fields if not isinstance(item, Frame))))


@cache
def _hash_text(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
