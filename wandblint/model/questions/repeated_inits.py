"""Helpers that open a run, called again while it is open: wandb returns it and ignores the new name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wandblint.model.control_flow import Condition
from wandblint.model.events import Init
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span


class RepeatedInit(msgspec.Struct, frozen=True):
    """An init that returns the run of an earlier call of its own helper, which asked for another run."""

    init: Init
    lost: tuple[str, ...]
    """The arguments that certainly have other values than in the earlier call."""
    called: Span
    """The call that leads to it, where that differs from the earlier one."""
    before: Span
    """The same of the earlier call."""


def repeated_inits(model: TrackingModel) -> Iterator[RepeatedInit]:
    """The inits that certainly get the run of an earlier call; equal arguments may mean it on purpose."""
    by_site: dict[tuple[Span, int], list[Init]] = defaultdict(list)
    for init in sorted(model.inits, key=lambda init: init.point.sequence):
        by_site[init.span, init.entry_id].append(init)
    for inits in by_site.values():
        for number, init in enumerate(inits):
            is_sure = init.is_must and init.is_surely_active and init.returns_open_run
            first = inits[0] if number and is_sure and init.while_active == {init.span} else None
            if first is None or not _both_happen(first, init):
                continue
            lost = tuple(name for name, _ in init.arguments if _differ(first, init, name))
            stacks = zip(init.call_stack, first.call_stack, strict=False)
            callers = next((pair for pair in stacks if pair[0] != pair[1]), None)
            if lost and callers is not None:
                yield RepeatedInit(init, lost, *callers)


def _both_happen(first: Init, second: Init) -> bool:
    """Whether wherever the first call is reached, the second one is reached after it."""
    own = second.point.own_context(first.point)
    return first.point.dominates(second.point) and not any(isinstance(step, Condition) for step in own)


def _differ(first: Init, second: Init, name: str) -> bool:
    """Whether an argument certainly has different values in two calls."""
    ours, theirs = second.argument(name), first.argument(name)
    return (
        ours is not None
        and theirs is not None
        and ours.is_known
        and theirs.is_known
        and ours.literal != theirs.literal
    )
