"""What a scope assigns, found in one walk."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wandblint import facts
from wandblint.index.walk import target_names


class Assignments(msgspec.Struct):
    """The assignments of a scope."""

    values: dict[str, list[facts.Expr]] = msgspec.field(default_factory=dict)
    """What is assigned to a name or attribute, by its source form."""
    unpacked: dict[str, list[facts.Expr]] = msgspec.field(default_factory=dict)
    """What a name gets an item of: `rank, size = place()`."""
    loops: list[facts.For] = msgspec.field(default_factory=list)
    counters: set[str] = msgspec.field(default_factory=set)
    """The targets of the loops, and the names to which something is added."""
    decremented: set[str] = msgspec.field(default_factory=set)
    """The names from which something is subtracted."""
    incremented_attributes: set[str] = msgspec.field(default_factory=set)
    """The attributes that an augmented assignment changes, of any object."""

    @classmethod
    def of(cls, statements: Iterable[facts.Node]) -> Assignments:
        """The assignments among these statements, without those inside them."""
        found = cls()
        for node in statements:
            match node:
                case facts.Assign(targets=targets, value=value) if value is not None:
                    for target in targets:
                        if form := facts.source_form(target):
                            found.values.setdefault(form, []).append(value)
                        elif isinstance(target, facts.Sequence):
                            for name in target_names(target):
                                found.unpacked.setdefault(name, []).append(value)
                case facts.For(target=target):
                    found.loops.append(node)
                    found.counters.update(target_names(target))
                case facts.AugAssign(target=facts.Attr(attr=attribute)):
                    found.incremented_attributes.add(attribute)
                case facts.AugAssign(op="+" | "-" as op, target=target):
                    found.counters.update(target_names(target))
                    if op == "-":
                        found.decremented.update(target_names(target))
        return found
