"""Keys of configs and summaries: those that nothing puts there, and those that get another value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

import msgspec

from wandblint.model.control_flow import Condition
from wandblint.model.events import Init
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Read, RunState, Write, WriteTarget
from wandblint.semantics.metrics import HIDDEN_FROM_GLOBS, NESTING
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal, starts_with, template

_OF_ANOTHER_RUN = frozenset({"fork_from", "id", "resume_from"})
"""The arguments of `wandb.init` by which a run may begin with the summary of an earlier one."""


class MissingKey(msgspec.Struct, frozen=True):
    """A read of a key that the summary of its run never has, with the most similar key that it has."""

    read: Read
    nearest: str


def missing_keys(model: TrackingModel) -> Iterator[MissingKey]:
    """The reads of a summary's keys that certainly find nothing, by location."""
    for read in model.reads:
        key = read.key.literal
        is_open = read.run.state is RunState.OPEN and read.target is WriteTarget.SUMMARY
        if not (is_open and read.is_must and key) or key.startswith(HIDDEN_FROM_GLOBS) or _is_checked(read):
            continue
        names = _keys_of(model, read)
        if names is not None and not any(may_supply(name, key) for name in names):
            yield MissingKey(read, nearest(key, names))


def _is_checked(read: Read) -> bool:
    """Whether a test around a read asks the summary first."""
    return any(
        read.target.value in condition.text or condition.span in read.asking
        for condition in read.point.conditions
    )


def _keys_of(model: TrackingModel, read: Read) -> list[Template] | None:
    names: list[Template] = []
    for site in read.run.sites:
        keys = summary_keys(model, site, read.entry_id)
        if keys is None:
            return None
        names += keys
    return names


def summary_keys(model: TrackingModel, site: Span, entry_id: int) -> list[Template] | None:
    """The keys that the summary of a run of an init site may have; None if it may have any."""
    session = model.session(site, entry_id)
    if session.is_open or session.may_define_unseen or model.front_end_runs or model.registers_front_ends:
        return None
    if any(_may_continue(model, init) for init in model.inits):
        return None
    names = [key.name for row in session.rows for key in row.keys]
    # wandb adds the axis to the rows that lack it.
    names += [axis for d in session.all_definitions if (axis := d.step_metric) is not None]
    return names + _written(model, model.runs_shared_with(site))


def _may_continue(model: TrackingModel, init: Init) -> bool:
    arguments = [argument for name, argument in init.arguments if name in _OF_ANOTHER_RUN]
    return model.may_resume(init) or any(not a.is_known or a.literal is not None for a in arguments)


def _written(model: TrackingModel, runs: frozenset[Span]) -> list[Template]:
    """The keys that code writes into the summary of what may be one of these runs."""
    return [
        write.key
        for write in model.writes
        if write.target is WriteTarget.SUMMARY and write.run.may_be_of(runs)
    ]


def nearest(key: str, names: Iterable[Template]) -> str:
    """The most similar one of the names that are known; empty if none is similar."""
    known = sorted({name.literal for name in names if name.literal is not None})
    return "".join(get_close_matches(key, known, n=1))


def may_supply(name: Template, key: str) -> bool:
    """Whether a key, or a part of it, may be the one that is asked for; the key of a chart has a suffix."""
    outer, _, _ = key.partition(NESTING)
    is_equal = any(equal(name, template(word)) is not Verdict.NO for word in (key, outer, f"{key}_table"))
    return is_equal or starts_with(name, template(key, NESTING)) is not Verdict.NO


# --- another value ---


class ChangedKey(msgspec.Struct, frozen=True):
    """A write of a config's key that has another value already, and the write that has given it that."""

    before: Write
    write: Write


def changed_keys(model: TrackingModel) -> Iterator[ChangedKey]:
    """The writes of a config that certainly change a key without `allow_val_change`: wandb raises."""
    by_run: dict[object, list[Write]] = defaultdict(list)
    for write in model.writes:
        if write.target is WriteTarget.CONFIG and len(write.run.contexts) == 1:
            by_run[write.entry_id, write.run.runs].append(write)
    for writes in by_run.values():
        writes.sort(key=lambda write: write.point.sequence)
        for number, write in enumerate(writes):
            before = _last(writes[:number], write)
            if before is not None and _changes(before, write):
                yield ChangedKey(before, write)


def _last(earlier: Sequence[Write], write: Write) -> Write | None:
    """The write that has certainly given the key its value; None where another one may have."""
    same = [other for other in earlier if other.key == write.key or other.key.literal is None]
    last = same[-1] if same else None
    if last is None or not last.is_must or not last.point.dominates(write.point):
        return None
    return None if _may_ask(last, write) else last


def _may_ask(before: Write, write: Write) -> bool:
    """Whether what decides about the second write alone may look at the key: a test of it, or a handler."""
    own = write.point.own_context(before.point)
    conditions = [step for step in own if isinstance(step, Condition)]
    return any(not condition.is_test or condition.span in write.asking for condition in conditions)


def _changes(before: Write, write: Write) -> bool:
    is_open = write.run.state is RunState.OPEN and before.run.state is RunState.OPEN
    is_known = write.key.literal is not None and before.value.is_known and write.value.is_known
    changes = is_known and before.value.literal != write.value.literal
    return changes and is_open and write.is_must and not write.may_change
