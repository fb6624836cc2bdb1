"""Calls that need a run on paths, or in processes, that have opened none."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint.model.control_flow import BranchKind, Condition, Loop
from wandblint.model.events import Init
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunState, Write
from wandblint.semantics.api import NONE_METHOD, RAISES_WITHOUT_RUN
from wandblint.semantics.heuristics import FIRST_ITERATION_WORDS, LOGGER_NAMES
from wandblint.semantics.ranks import runs_on_first_rank


class UnguardedCall(msgspec.Struct, frozen=True):
    """A use that needs a run, the only init, and a condition of the init that the use does not have."""

    call: Call | Write
    init: Init
    guard: Condition
    is_certain: bool = True
    """Whether no setting decides about the call, which may be off on the processes without a run."""

    @property
    def error(self) -> str:
        """What it raises: where `wandb.run` is None, its methods raise AttributeError."""
        is_none = isinstance(self.call, Call) and self.call.name.startswith(NONE_METHOD)
        return "AttributeError" if is_none else "wandb.Error"


def unguarded_calls(model: TrackingModel) -> Iterator[UnguardedCall]:
    """The calls, and writes to config and summary, that certainly raise where no run has been opened."""
    uses: list[Call | Write] = [*model.calls, *model.writes]
    for call in uses:
        if _needs_run(call) and call.is_must and call.run.state is RunState.ON_SOME_PATHS:
            inits = {init for init in model.inits if init.entry_id == call.entry_id}
            # Where there are several, one of them may open the run on each path.
            init = inits.pop() if len(inits) == 1 else None
            guard = None if init is None else _missing_guard(init, call)
            if init is not None and guard is not None:
                settings = filter(_is_other_setting, call.point.own_context(init.point))
                yield UnguardedCall(call, init, guard, not any(settings))


def _needs_run(use: Call | Write) -> bool:
    if isinstance(use, Write):
        return use.run.is_global
    return use.name in RAISES_WITHOUT_RUN or use.name.startswith(NONE_METHOD)


def _missing_guard(init: Init, call: Call | Write) -> Condition | None:
    """The condition of an init that a call does not have; None if the call may have it under another name."""
    around, inside = init.point.own_context(call.point), call.point.own_context(init.point)
    guards = [step for step in around if isinstance(step, Condition)]
    others = [step for step in inside if isinstance(step, Condition)]
    is_clear = all(map(_is_clear, guards))
    if not guards or len(guards) < len(around) or not is_clear:
        return None
    known = _values(guards)
    own = [step for step in others if not (_is_of_counter(step) or _is_weaker(step, known))]
    if not all(map(_is_other_setting, own)):
        return None
    tested = _values(others)
    missing = (guard for guard in guards if not guard.is_test or not tested.issuperset(guard.values))
    # A setting is the same on every process, so it cannot stand for the rank.
    return next((guard for guard in missing if guard.tests_rank or not own), None)


def _is_clear(guard: Condition) -> bool:
    """Whether the condition of an init is a test, or a decorator such as `@rank_zero_only`."""
    if guard.kind is BranchKind.DECORATOR:
        return runs_on_first_rank(guard.text)
    return guard.is_test and not FIRST_ITERATION_WORDS.search(guard.text)


def _values(conditions: list[Condition]) -> set[tuple[int | None, bool]]:
    """What certainly holds under these conditions."""
    return {value for step in conditions for value in step.values if value[0] is not None}


def _is_weaker(condition: Condition, known: set[tuple[int | None, bool]]) -> bool:
    """Whether a condition of a call asks no more than that of the init, apart from selecting iterations."""
    return condition.is_test and not condition.tests_rank and known.issuperset(condition.values)


def _is_other_setting(step: Condition | Loop) -> bool:
    """Whether a condition is a setting that has nothing to do with logging: `args.do_eval`."""
    return (
        isinstance(step, Condition)
        and step.is_flag
        and not step.tests_rank
        and LOGGER_NAMES.search(step.text) is None
    )


def _is_of_counter(condition: Condition) -> bool:
    """Whether a test only selects iterations: `step % 100 == 0`."""
    is_single = " and " not in condition.text and " or " not in condition.text
    return condition.is_test and is_single and (condition.is_periodic or condition.may_hold_once)
