"""Sessions: what one entry point does to one run, and which x-axis its keys get."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from wandblint.model.by_name import ByName
from wandblint.model.events import Definition, LogCall, LoggedKey, ValueKind
from wandblint.semantics.axes import covers, is_built_in
from wandblint.semantics.metrics import NESTING
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal, template


class Session(msgspec.Struct, frozen=True, dict=True):
    """One run as one entry point opens it.

    The entry point must make `definitions` and `log_calls` on the run; any code may make `all_definitions`
    and `rows`.
    """

    run: Span
    entry_id: int
    definitions: tuple[Definition, ...]
    log_calls: tuple[LogCall, ...]
    all_definitions: tuple[Definition, ...]
    rows: tuple[LogCall, ...]
    is_open: bool
    """Whether any key may be logged."""
    may_define_unseen: bool
    """Whether unseen code may define metrics, as frameworks that log by themselves do."""

    def axis_definition(self, key: LoggedKey) -> Definition | None:
        """The definition that certainly gives the key its axis.

        An exact name takes precedence over globs. None if another definition may match too.
        """
        if self.may_define_unseen:
            return None
        if key.name not in self._axes:
            self._axes[key.name] = self._axis_definition(key.name)
        return self._axes[key.name]

    def _axis_definition(self, key: Template) -> Definition | None:
        matching = [
            d
            for d in self._certain.candidates(key)
            if covers(d.name, key) is Verdict.YES and d.step_metric is not None
        ]
        exact = [d for d in self._possible.candidates(key) if equal(d.name, key) is not Verdict.NO]
        if exact:
            matching = [d for d in matching if d in exact] if len(exact) == 1 else []
        axes = {d.step_metric for d in matching}
        return matching[0] if len(axes) == 1 else None

    def custom_axis(self, call: LogCall) -> CustomAxis | None:
        """The first key of a log call that certainly has a custom x-axis."""
        for key in call.keys:
            definition = self.axis_definition(key) if key.kind is ValueKind.NUMBER else None
            axis = None if definition is None else definition.step_metric
            # A glob may also cover its own axis.
            if definition is None or axis is None or equal(key.name, axis) is Verdict.YES:
                continue
            if not is_built_in(axis):
                return CustomAxis(key, definition, axis)
        return None

    def is_covered(self, key: LoggedKey) -> bool:
        """Whether a definition may apply to the key, or the key may be an axis itself."""
        return any(
            covers(d.name, key.name) is not Verdict.NO for d in self._possible.candidates(key.name)
        ) or any(equal(axis, key.name) is not Verdict.NO for axis in self._possible_axes.candidates(key.name))

    def never_moves(self, definition: Definition) -> bool:
        """Whether certainly nothing logs the axis of the definition."""
        axis = definition.step_metric
        return bool(axis is not None and axis.parts and not is_built_in(axis) and not self.is_logged(axis))

    def is_logged(self, axis: Template) -> bool:
        """Whether some row may contain a number under this name, perhaps inside an unknown value."""
        return self.is_open or any(
            equal(name, key) is not Verdict.NO
            for key in _with_outer_keys(axis)
            for name in self._numbers.candidates(key)
        )

    @cached_property
    def _axes(self) -> dict[Template, Definition | None]:
        return {}

    @cached_property
    def _certain(self) -> ByName[Definition]:
        return ByName(((d.name, d) for d in self.definitions), "*")

    @cached_property
    def _possible(self) -> ByName[Definition]:
        return ByName(((d.name, d) for d in self.all_definitions), "*")

    @cached_property
    def _possible_axes(self) -> ByName[Template]:
        axes = (d.step_metric for d in self.all_definitions)
        return ByName((axis, axis) for axis in axes if axis is not None)

    @cached_property
    def _numbers(self) -> ByName[Template]:
        keys = (key for call in self.rows for key in call.keys if key.kind is ValueKind.NUMBER)
        return ByName((key.name, key.name) for key in keys)


def _with_outer_keys(key: Template) -> Iterator[Template]:
    """A key, and those under which a dictionary would have it: of `a.b.c`, `a.b` and `a` as well."""
    yield key
    for number, part in enumerate(key.parts):
        if isinstance(part, str):
            ends = [at for at, char in enumerate(part) if char == NESTING]
            yield from (template(*key.parts[:number], part[:end]) for end in ends)


class CustomAxis(msgspec.Struct, frozen=True):
    """A logged key with a custom x-axis."""

    key: LoggedKey
    definition: Definition
    axis: Template
