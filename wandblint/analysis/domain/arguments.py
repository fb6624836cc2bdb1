"""The arguments of a call."""

from __future__ import annotations

import msgspec

from wandblint.analysis.domain.values import Value
from wandblint.span import Span


class Arguments(msgspec.Struct):
    """The evaluated arguments of a call, each with its location."""

    positional: list[tuple[Value, Span]] = msgspec.field(default_factory=list)
    keywords: dict[str, tuple[Value, Span]] = msgspec.field(default_factory=dict)
    more_positional: Value | None = None
    """The value of any further positional argument (`*args`); their number is unknown."""
    more_keywords: list[Value] = msgspec.field(default_factory=list)
    """Unknown mappings that add keywords (`**kwargs`)."""

    @property
    def is_empty(self) -> bool:
        """Whether the call certainly passes nothing."""
        given = self.positional or self.keywords or self.more_keywords
        return not given and self.more_positional is None

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position or with a name; None where the call does not pass it."""
        located = self.located(position, name)
        return None if located is None else located[0]

    def located(self, position: int, name: str) -> tuple[Value, Span] | None:
        """The same with its location."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if 0 <= position < len(self.positional) else None

    def values(self) -> list[Value]:
        """All values that the call passes."""
        given = [value for value, _ in self.positional]
        given += [value for value, _ in self.keywords.values()]
        given += self.more_keywords
        if self.more_positional is not None:
            given.append(self.more_positional)
        return given
