"""What the model does not know, and what it takes for deliberate: the facts that may silence a claim.

Rules need no second code path to say why they are silent. `without` returns the model as if some doubts were
dispelled; what a rule claims of that model, and not of the real one, these doubts silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from wandblint.model.control_flow import BranchKind, Condition, ControlContext, ProgramPoint, RunOpened
from wandblint.model.doubt import Doubt, DoubtKind
from wandblint.model.events import Init, LogCall
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Use
from wandblint.semantics.launchers import NodeCount
from wandblint.span import Span

_Event = TypeVar("_Event", bound=msgspec.Struct)


_EVENTS = (
    *("inits", "calls", "writes", "reads", "definitions", "log_calls"),
    *("inits_while_active", "process_launches"),
)
"""The fields of the model whose events may be uncertain."""


def doubts(model: TrackingModel) -> list[Doubt]:
    """Every doubt of a model, each once per place."""
    return list(dict.fromkeys(_doubts(model)))


def _doubts(model: TrackingModel) -> Iterator[Doubt]:
    yield from (Doubt(DoubtKind.UNSEEN, span) for span, _ in model.unseen_effects)
    yield from (Doubt(DoubtKind.UNREAD, _file(path)) for path in model.unread_files)
    yield from (Doubt(DoubtKind.RESUMES, _file(path)) for path in model.resuming_files)
    yield from (Doubt(DoubtKind.SWEEP, _file(path)) for path in model.sweep_handling_files)
    yield from (Doubt(DoubtKind.GUARDED, use.span) for use in model.api_uses if use.is_guarded)
    for file in model.launch_files:
        if file.nodes is NodeCount.ONE:
            yield Doubt(DoubtKind.ONE_NODE, _file(file.name))
    yield from (event.held_back for event in model.held_back_inits if event.held_back is not None)
    for name in _EVENTS:
        for event in getattr(model, name):
            yield from _of_event(event, model)
    for events in model.induction_events.values():
        yield from (Doubt(DoubtKind.UNCERTAIN, e.span) for e in events if not getattr(e, "is_must", True))


def _file(path: str) -> Span:
    return Span(path, 0, 0)


def _of_event(event: Any, model: TrackingModel) -> Iterator[Doubt]:  # noqa: ANN401 (one of many structs)
    if not event.is_must:
        yield Doubt(DoubtKind.UNCERTAIN, event.span)
    if event.entry_id in model.approximate_only:
        yield Doubt(DoubtKind.UNREACHED, event.span)
    if getattr(event, "has_unseen_arguments", False):
        yield Doubt(DoubtKind.UNSEEN_ARGUMENTS, event.span)
    if hasattr(event, "point"):
        yield from _of_conditions(event.point)
    if isinstance(event, Init):
        if event.coordinates_processes:
            yield Doubt(DoubtKind.COORDINATED, event.span)
        if event.node_count is NodeCount.ONE:
            yield Doubt(DoubtKind.ONE_NODE, event.span)
    elif isinstance(event, LogCall):
        yield from _of_row(event)
    elif isinstance(event, Use) and event.run.after_unknown_call:
        yield Doubt(DoubtKind.UNKNOWN_CODE, event.span)


def _of_row(call: LogCall) -> Iterator[Doubt]:
    if call.is_open:
        yield Doubt(DoubtKind.OPEN_ROW, call.span)
    if not call.runs:
        yield Doubt(DoubtKind.UNKNOWN_RUN, call.span)
    yield from (Doubt(DoubtKind.ALTERNATIVE_KEY, key.span) for key in call.keys if key.is_alternative)
    if (unused := call.context.unused_step) is not None and unused.signature_is_fixed:
        yield Doubt(DoubtKind.FIXED_SIGNATURE, unused.span)
    if call.context.unseen_caller is not None:
        yield Doubt(DoubtKind.UNSEEN_CALLER, call.context.unseen_caller)


def _of_conditions(point: ProgramPoint) -> Iterator[Doubt]:
    for step in point.conditions:
        if not step.tests_rank and (step.may_hold_once or not step.is_loop_invariant):
            yield Doubt(DoubtKind.SELECTS_ITERATIONS, step.span)
        if step.tests_rank:
            yield Doubt(DoubtKind.RANK_CHECK, step.span)
        elif step.is_unseen_choice:
            yield Doubt(DoubtKind.UNSEEN_CHOICE, step.span)


def without(model: TrackingModel, dispelled: Iterable[Doubt]) -> TrackingModel:
    """The model as if these doubts were dispelled."""
    return _Certainty(model, dispelled).model()


class _Certainty:
    """Rewrites a model whose doubts are dispelled."""

    def __init__(self, model: TrackingModel, dispelled: Iterable[Doubt]) -> None:
        self._before = model
        self._spans: dict[DoubtKind, set[Span | None]] = defaultdict(set)
        for doubt in dispelled:
            self._spans[doubt.kind].add(doubt.span)
        self._contexts: dict[ControlContext, ControlContext] = {}
        self._conditions: dict[Condition, Condition] = {}

    def _is_gone(self, kind: DoubtKind, span: Span | None) -> bool:
        return span in self._spans[kind]

    def _remaining(self, kind: DoubtKind, paths: Collection[str]) -> list[str]:
        return [path for path in paths if not self._is_gone(kind, _file(path))]

    def model(self) -> TrackingModel:
        """The rewritten model; what it has computed so far is not kept."""
        before = self._before
        fields = {
            name: getattr(before, name) for name in before.__struct_fields__ if not name.startswith("_")
        }
        fields |= {name: [self._event(event) for event in fields[name]] for name in _EVENTS}
        fields["inits_while_active"] += [
            replace(event, held_back=None)
            for event in before.held_back_inits
            if event.held_back is not None and self._is_gone(event.held_back.kind, event.held_back.span)
        ]
        for name in ("induction_events", "runs_opened"):
            fields[name] = {entry: tuple(map(self._event, events)) for entry, events in fields[name].items()}
        fields["unseen_effects"] = [
            effect for effect in before.unseen_effects if not self._is_gone(DoubtKind.UNSEEN, effect[0])
        ]
        fields["unread_files"] = self._remaining(DoubtKind.UNREAD, before.unread_files)
        fields["resuming_files"] = self._remaining(DoubtKind.RESUMES, before.resuming_files)
        fields["sweep_handling_files"] = self._remaining(DoubtKind.SWEEP, before.sweep_handling_files)
        fields["launch_files"] = tuple(
            file for file in before.launch_files if not self._is_gone(DoubtKind.ONE_NODE, _file(file.name))
        )
        fields["api_uses"] = [
            replace(use, is_guarded=use.is_guarded and not self._is_gone(DoubtKind.GUARDED, use.span))
            for use in before.api_uses
        ]
        fields["approximate_only"] = before.approximate_only - {
            event.entry_id
            for name in _EVENTS
            for event in getattr(before, name)
            if self._is_gone(DoubtKind.UNREACHED, event.span)
        }
        return TrackingModel(**fields)

    def _event(self, event: Any) -> Any:  # noqa: ANN401 (as above)
        changes = dict[str, object]()
        if isinstance(event, RunOpened):
            return self._located(event)
        span = event.span
        if self._is_gone(DoubtKind.UNCERTAIN, span):
            changes["is_must"] = True
        if self._is_gone(DoubtKind.UNSEEN_ARGUMENTS, span):
            changes["has_unseen_arguments"] = False
        if isinstance(event, Init):
            if self._is_gone(DoubtKind.COORDINATED, span):
                changes["coordinates_processes"] = False
            if self._is_gone(DoubtKind.ONE_NODE, span):
                changes["node_count"] = None
        elif isinstance(event, LogCall):
            changes |= self._of_row(event)
        elif isinstance(event, Use) and self._is_gone(DoubtKind.UNKNOWN_CODE, span):
            changes["run"] = replace(event.run, after_unknown_call=False)
        changed = replace(event, **{k: v for k, v in changes.items() if k in event.__struct_fields__})
        return self._located(changed)

    def _of_row(self, call: LogCall) -> dict[str, object]:
        changes: dict[str, object] = {}
        if self._is_gone(DoubtKind.OPEN_ROW, call.span):
            changes["is_open"] = False
        if self._is_gone(DoubtKind.UNKNOWN_RUN, call.span):
            # Where there is a single run, it is on that one.
            runs = frozenset(i.span for i in self._before.inits if i.entry_id == call.entry_id)
            changes["runs"] = runs if len(runs) == 1 else call.runs
        context = call.context
        if (unused := context.unused_step) and self._is_gone(DoubtKind.FIXED_SIGNATURE, unused.span):
            context = replace(context, unused_step=replace(unused, signature_is_fixed=False))
        if self._is_gone(DoubtKind.UNSEEN_CALLER, context.unseen_caller):
            context = replace(context, unseen_caller=None)
        changes["context"] = context
        changes["keys"] = tuple(
            replace(key, is_alternative=False)
            if key.is_alternative and self._is_gone(DoubtKind.ALTERNATIVE_KEY, key.span)
            else key
            for key in call.keys
        )
        return changes

    # --- conditions ---

    def _located(self, event: _Event) -> _Event:
        point = getattr(event, "point", None)
        if isinstance(point, ProgramPoint):
            return replace(event, point=replace(point, control_context=self._context(point.control_context)))
        context = getattr(event, "control_context", None)
        return event if context is None else replace(event, control_context=self._context(context))

    def _context(self, context: ControlContext) -> ControlContext:
        if context not in self._contexts:
            self._contexts[context] = tuple(
                self._condition(step) if isinstance(step, Condition) else step for step in context
            )
        return self._contexts[context]

    def _condition(self, step: Condition) -> Condition:
        if step.tests_rank and self._is_gone(DoubtKind.RANK_CHECK, step.span):
            return replace(step, tests_rank=False)
        if self._is_gone(DoubtKind.SELECTS_ITERATIONS, step.span):
            step = replace(step, may_hold_once=False, is_loop_invariant=True)
        if self._is_gone(DoubtKind.UNSEEN_CHOICE, step.span) and not step.tests_rank:
            return replace(step, kind=BranchKind.ALTERNATIVE)
        return step
