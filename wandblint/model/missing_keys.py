"""Keys of a summary that code reads although nothing can put them there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import msgspec

from wandblint.model.events import Init
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Read, RunState, WriteTarget
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
    return any(read.target.value in condition.text for condition in read.point.conditions)


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
    if session.is_open or session.may_define_unseen or model.front_end_runs:
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
