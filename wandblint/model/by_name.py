"""Finds what may have a name without comparing it with every name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from wandblint.template import Template

_Item = TypeVar("_Item")


class ByName(Generic[_Item]):
    """Items by name, in order. A name that is a pattern, or not fully known, may be any name."""

    def __init__(self, items: Iterable[tuple[Template, _Item]], pattern_suffix: str | None = None) -> None:
        self._items: list[_Item] = []
        self._known: dict[str, list[int]] = defaultdict(list)
        self._unknown: list[int] = []
        for index, (name, item) in enumerate(items):
            self._items.append(item)
            literal = name.literal
            if literal is None or (pattern_suffix is not None and literal.endswith(pattern_suffix)):
                self._unknown.append(index)
            else:
                self._known[literal].append(index)

    def candidates(self, name: Template) -> list[_Item]:
        """The items that may have this name: whether they do is for the caller to decide."""
        literal = name.literal
        if literal is None:
            return self._items
        return [self._items[index] for index in sorted([*self._known.get(literal, ()), *self._unknown])]
