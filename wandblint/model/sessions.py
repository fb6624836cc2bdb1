"""TODO."""

from __future__ import annotations

import msgspec

from wandblint.model.events import Definition, LogCall, LoggedKey, ValueKind
from wandblint.semantics.axes import covers, is_built_in
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal


class Session(msgspec.Struct, frozen=True):
    """One run on one call path.

    `definitions` and `log_calls` are certainly done to it there, `all_definitions` and `rows` may be done
    to it anywhere.
    """

    run: Span
    entry_id: int
    definitions: tuple[Definition, ...]
    log_calls: tuple[LogCall, ...]
    all_definitions: tuple[Definition, ...]
    rows: tuple[LogCall, ...]
    is_open: bool
    """Whether keys may be logged about which nothing is known."""
    may_define_unseen: bool
    """Whether code that is not seen may define metrics: frameworks that log by themselves do."""

    def axis_definition(self, key: LoggedKey) -> Definition | None:
        """The definition that certainly gives the key its axis.

        An exact name beats any glob; what may beat it or may match beside it makes it uncertain.
        """
        if self.may_define_unseen:
            return None
        found: list[Definition] = []
        for definition in self.definitions:
            verdict = covers(definition.name, key.name)
            if verdict is Verdict.YES and definition.step_metric is not None:
                found.append(definition)
        exact = [d for d in self.all_definitions if equal(d.name, key.name) is not Verdict.NO]
        if exact:
            found = [d for d in found if d in exact] if len(exact) == 1 else []
        axes = {d.step_metric for d in found}
        return found[0] if len(axes) == 1 else None

    def custom_axis(self, call: LogCall) -> CustomAxis | None:
        """The first key of a log call that certainly has an x-axis of its own."""
        for key in call.keys:
            definition = self.axis_definition(key) if key.kind is ValueKind.NUMBER else None
            axis = None if definition is None else definition.step_metric
            # The axis itself may lie under its own glob.
            if definition is None or axis is None or equal(key.name, axis) is Verdict.YES:
                continue
            if not is_built_in(axis):
                return CustomAxis(key, definition, axis)
        return None

    def is_covered(self, key: LoggedKey) -> bool:
        """Whether some definition may apply to the key, or the key may be an axis itself."""
        return any(
            covers(d.name, key.name) is not Verdict.NO
            or (d.step_metric is not None and equal(d.step_metric, key.name) is not Verdict.NO)
            for d in self.all_definitions
        )

    def never_moves(self, definition: Definition) -> bool:
        """Whether the definition names an axis that certainly gets no value."""
        axis = definition.step_metric
        return bool(axis is not None and axis.parts and not is_built_in(axis) and not self.is_logged(axis))

    def is_logged(self, axis: Template) -> bool:
        """Whether some row may hold a number under this name."""
        return self.is_open or any(
            key.kind is ValueKind.NUMBER and equal(key.name, axis) is not Verdict.NO
            for call in self.rows
            for key in call.keys
        )


class CustomAxis(msgspec.Struct, frozen=True):
    """A key of a logged row that has an x-axis of its own."""

    key: LoggedKey
    definition: Definition
    axis: Template
