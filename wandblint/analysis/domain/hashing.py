"""Numbers for places and things that are the same whenever the project is run, and in whatever part.

What a call path told wandb is kept for the next run, and is put beside what other paths tell then: the
places that it names must be called alike by both.
"""

from __future__ import annotations

import hashlib
from functools import cache

import msgspec

from wandblint.analysis.domain.values import ClassInfo, Frame, FunctionInfo
from wandblint.span import Span
from wandblint.template import SymbolId


def stable_hash(thing: object) -> int:
    """A number of 64 bits that is made of the content of a thing: names, places, numbers, values.

    Python's own hash of strings differs from process to process; that of numbers, and of tuples of them, does
    not.
    """
    if type(thing) is int:
        return thing
    if type(thing) is not tuple:
        return _hash_leaf(thing)
    parts: list[int] = []
    for part in thing:
        if type(part) is int:
            parts.append(part)
        else:
            parts.append(stable_hash(part) if type(part) is tuple else _hash_leaf(part))
    return hash(tuple(parts))


def _hash_leaf(thing: object) -> int:
    if type(thing) is str:
        return _hash_text(thing)
    if isinstance(thing, Span):
        return hash((_hash_text(thing.path), thing.start, thing.end))
    return _hash_value(thing)


def _hash_value(thing: object) -> int:
    if thing is None or isinstance(thing, (bool, float)):
        return _hash_text(repr(thing))
    if isinstance(thing, list):
        return stable_hash(tuple(thing))
    if isinstance(thing, frozenset):
        return hash(tuple(sorted(stable_hash(part) for part in thing)))
    if isinstance(thing, SymbolId):
        return stable_hash(thing.key)
    if isinstance(thing, (FunctionInfo, ClassInfo)):
        return stable_hash(thing.id)
    assert isinstance(thing, msgspec.Struct), type(thing)
    # The scope of a function makes no other function of it (`Function.__eq__`).
    parts = [getattr(thing, name) for name in thing.__struct_fields__]
    return stable_hash((type(thing).__name__, *(part for part in parts if not isinstance(part, Frame))))


@cache
def _hash_text(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
