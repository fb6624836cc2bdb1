"""Sweeps whose jobs ignore the parameters that the sweep chooses."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint.model.events import Init
from wandblint.model.refusals import job_of
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call
from wandblint.span import Span

_PARAMETERS = "parameters."


class UnreadParameters(msgspec.Struct, frozen=True):
    """Parameters of a sweep, each at its key, that no job of an agent reads, and the init of such a job."""

    agent: Call
    init: Init
    parameters: tuple[tuple[str, Span], ...]


def unread_parameters(model: TrackingModel) -> Iterator[UnreadParameters]:
    """The parameters that a sweep searches although certainly no code of the project reads them."""
    keys = model.config_keys
    if keys is None or model.front_end_runs or model.sweep_handling_files:
        return
    sweeps = [call for call in model.calls if call.name == "wandb.sweep" and call.is_must]
    for agent in model.calls:
        init = _job(model, agent)
        made = None if (sweep_id := agent.argument("sweep_id")) is None else sweep_id.made
        of_agent = {sweep.arguments for sweep in sweeps if made is not None and sweep.span == made.span}
        if init is None or len(of_agent) != 1:
            continue
        named = [(name, argument.span) for name, argument in of_agent.pop() if name.startswith(_PARAMETERS)]
        unread = [(name.removeprefix(_PARAMETERS), span) for name, span in named]
        unread = [(name, span) for name, span in unread if name not in keys]
        if unread:
            yield UnreadParameters(agent, init, tuple(unread))


def _job(model: TrackingModel, agent: Call) -> Init | None:
    """The init of an agent's function, if no code that is not seen gets its run."""
    if agent.name != "wandb.agent" or model.may_log_unseen(agent.entry_id):
        return None
    jobs = (init for init in model.inits if init.entry_id == agent.entry_id and not init.is_disabled)
    return next((init for init in jobs if job_of(init.point.control_context, {agent.span})), None)
