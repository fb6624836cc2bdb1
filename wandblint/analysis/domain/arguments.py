"""The arguments of a call."""

from __future__ import annotations

import msgspec

from wandblint.analysis.domain.values import Value
from wandblint.span import Span


class Arguments(msgspec.Struct):
    """The evaluated arguments of a call, each with its place."""

    positional: list[tuple[Value, Span]] = msgspec.field(default_factory=list)
    keywords: dict[str, tuple[Value, Span]] = msgspec.field(default_factory=dict)
    more_positional: Value | None = None
    """What further positional arguments of unknown number may be (`*args`)."""
    more_keywords: list[Value] = msgspec.field(default_factory=list)
    """Unknown mappings that bring further keywords (`**kwargs`)."""

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position or of a name; None where it is not given."""
        found = self.located(position, name)
        return None if found is None else found[0]

    def located(self, position: int, name: str) -> tuple[Value, Span] | None:
        """The same with its place."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if 0 <= position < len(self.positional) else None

    def values(self) -> list[Value]:
        """All values that are given."""
        found = [value for value, _ in self.positional]
        found += [value for value, _ in self.keywords.values()]
        found += self.more_keywords
        if self.more_positional is not None:
            found.append(self.more_positional)
        return found
