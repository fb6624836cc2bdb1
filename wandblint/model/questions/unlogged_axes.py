"""Axes that no log call supplies, and the keys that wandb plots over them."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from wandblint.model.events import Definition, LogCall, LoggedKey, ValueKind
from wandblint.model.sessions import Session
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.axes import is_step_name
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal

NEAR = 0.85
"""The minimum similarity of a suggested key: `val_step` or `val/steps` for `val/step`, not `val/loss`."""


class AxisUse(msgspec.Struct, frozen=True):
    """A definition in one session, and the keys that wandb certainly plots over its axis there."""

    session: Session
    definition: Definition
    axis: Template
    plotted: tuple[tuple[LogCall, LoggedKey], ...]


class UnloggedAxis(msgspec.Struct, frozen=True, dict=True):
    """An axis of the definitions of one file that certainly no call logs."""

    axis: Template
    uses: tuple[AxisUse, ...]

    @cached_property
    def definitions(self) -> list[Definition]:
        """The definitions with the axis."""
        return list(dict.fromkeys(use.definition for use in self.uses))

    @cached_property
    def plotted(self) -> list[tuple[LogCall, LoggedKey]]:
        """The keys that wandb plots over it, with the calls that log them."""
        return [pair for use in self.uses for pair in use.plotted]

    @cached_property
    def non_numbers(self) -> list[LoggedKey]:
        """The keys of its name whose values are texts, None or images: wandb reads an axis from numbers."""
        rows = self.uses[0].session.rows
        return [key for call in rows for key in call.keys if equal(key.name, self.axis) is Verdict.YES]

    @cached_property
    def logged_names(self) -> list[str]:
        """The names of all keys of the run, sorted."""
        return sorted({str(key.name) for call in self.uses[0].session.rows for key in call.keys})

    @cached_property
    def nearest(self) -> str | None:
        """The logged key that is spelled nearly like it."""
        nearest = max(self.logged_names, key=lambda key: _similarity(str(self.axis), key), default=None)
        is_near = nearest is not None and _similarity(str(self.axis), nearest) >= NEAR
        return nearest if is_near else None

    @cached_property
    def meant(self) -> str | None:
        """A key that all rows hold and that may be what it was meant to be: `step` for `train/step`."""
        rows = [{str(key.name) for key in call.keys if _is_counter(key)} for call, _ in self.plotted]
        common = set.intersection(*rows)
        section, _, word = str(self.axis).rpartition("/")
        same_word = sorted(name for name in common if _bare(name.rpartition("/")[2]) == _bare(word))
        same_section = sorted(name for name in common if section and name.rpartition("/")[0] == section)
        choices = same_word or same_section
        return choices[0] if len(choices) == 1 else None


def unlogged_axes(model: TrackingModel) -> list[UnloggedAxis]:
    """The axes that certainly no call logs although wandb plots keys over them, once per file."""
    uses: dict[tuple[str, str], list[AxisUse]] = defaultdict(list)
    for session in model.sessions():
        plotted_over = _plotted_over(session)
        for definition in session.definitions:
            axis, plotted = definition.step_metric, plotted_over.get(definition, [])
            if axis is not None and plotted and session.never_moves(definition):
                uses[definition.span.path, str(axis)].append(
                    AxisUse(session, definition, axis, tuple(plotted))
                )
    return [UnloggedAxis(found[0].axis, tuple(found)) for found in uses.values()]


def _plotted_over(session: Session) -> Mapping[Definition, list[tuple[LogCall, LoggedKey]]]:
    """By definition: the log calls and keys that wandb certainly plots over its axis."""
    plotted: dict[Definition, list[tuple[LogCall, LoggedKey]]] = defaultdict(list)
    for call in session.log_calls:
        for key in call.keys:
            definition = session.axis_definition(key) if key.kind is ValueKind.NUMBER else None
            if definition is not None:
                plotted[definition].append((call, key))
    return plotted


def keys_over(axes: Iterable[UnloggedAxis]) -> Mapping[Span, Mapping[LogCall, dict[tuple[str, str], None]]]:
    """By place and log call: its keys, each with the axis over which wandb plots it."""
    keys: dict[Span, dict[LogCall, dict[tuple[str, str], None]]] = defaultdict(lambda: defaultdict(dict))
    for unlogged in axes:
        for call, key in unlogged.plotted:
            keys[call.span][call].setdefault((str(key.name), str(unlogged.axis)))
    return keys


def _is_counter(key: LoggedKey) -> bool:
    """Whether each row certainly holds a number of a counter's name under the key."""
    is_certain = key.kind is ValueKind.NUMBER and not key.is_alternative and key.name.literal is not None
    return is_certain and is_step_name(str(key.name).rpartition("/")[2])


def _similarity(name: str, other: str) -> float:
    """The similarity of two names without their common sections, which would make all names similar.

    0 if it is below `NEAR`.
    """
    parts, others = name.split("/"), other.split("/")
    while min(len(parts), len(others)) > 1 and parts[0] == others[0]:
        parts, others = parts[1:], others[1:]
    matcher = difflib.SequenceMatcher(None, _bare("".join(parts)), _bare("".join(others)))
    # Cheap upper bounds first: nearly all names are far from each other.
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
        return 0.0
    return matcher.ratio()


def _bare(name: str) -> str:
    """A name without case and punctuation: `val/step`, `val_step` and `Val Step` are the same."""
    return "".join(char for char in name.lower() if char.isalnum())
