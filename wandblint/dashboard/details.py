"""What a run has besides charts: name, group and job type, keys of config and summary, artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from wandblint.model.events import Argument, Init
from wandblint.model.questions.processes import OpeningProcesses, opening_processes
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, Write, WriteTarget
from wandblint.span import Span

SETTINGS = ("name", "group", "job_type")
"""The arguments of `wandb.init` that say how the app lists a run."""


class PredictedSetting(msgspec.Struct, frozen=True, order=True):
    """A name, group or job type that the code gives the run."""

    setting: str
    values: tuple[str, ...]
    """The values that it may have; empty if the code does not say."""


class PredictedKey(msgspec.Struct, frozen=True, order=True):
    """A key of the config or the summary that code writes, besides what log calls put into the summary."""

    key: str
    is_template: bool
    is_sure: bool
    """Whether some code certainly writes it."""
    written: tuple[Span, ...]


class PredictedArtifact(msgspec.Struct, frozen=True, order=True):
    """An artifact that the run logs; name and type are empty if the code does not say."""

    name: str
    type: str
    logged: tuple[Span, ...]


class RunDetails(msgspec.Struct, frozen=True):
    """What the model knows of a run besides its rows: there may be more."""

    settings: tuple[PredictedSetting, ...] = ()
    config: tuple[PredictedKey, ...] = ()
    summary: tuple[PredictedKey, ...] = ()
    artifacts: tuple[PredictedArtifact, ...] = ()
    processes: OpeningProcesses | None = None
    """Which processes of a job open it; None if the code shows no such job, or does not say."""


def details(model: TrackingModel, site: Span, entry_id: int, inits: Sequence[Init]) -> RunDetails:
    """The details of the run that an entry point opens by these inits of one site."""
    writes = [w for w in model.writes if w.entry_id == entry_id and site in w.run.sites]
    return RunDetails(
        tuple(_settings(inits, writes)),
        _keys(writes, WriteTarget.CONFIG),
        _keys(writes, WriteTarget.SUMMARY),
        _artifacts(model, site, entry_id),
        _processes(model, inits),
    )


def _processes(model: TrackingModel, inits: Sequence[Init]) -> OpeningProcesses | None:
    found = {opening_processes(model, init) for init in inits}
    return found.pop() if len(found) == 1 else None


def _settings(inits: Sequence[Init], writes: Sequence[Write]) -> Iterable[PredictedSetting]:
    for setting in SETTINGS:
        values = [argument for init in inits if (argument := init.argument(setting)) is not None]
        values += [w.value for w in writes if w.target is WriteTarget.ATTRIBUTE and str(w.key) == setting]
        given = [value for value in values if not (value.is_known and value.literal is None)]
        if given:
            known = all(value.alternatives for value in given)
            texts = sorted({str(one) for value in given for one in value.alternatives if one is not None})
            yield PredictedSetting(setting, tuple(texts) if known else ())


def _keys(writes: Sequence[Write], target: WriteTarget) -> tuple[PredictedKey, ...]:
    by_key: dict[tuple[str, bool], list[Write]] = {}
    for write in writes:
        # A write to a run that is closed raises; of some keys nothing is known.
        if write.target is target and not write.run.is_missing and not write.key.is_open:
            by_key.setdefault((str(write.key), write.key.literal is None), []).append(write)
    return tuple(
        PredictedKey(
            key,
            is_template,
            any(write.is_must and len(write.run.sites) == 1 for write in same),
            tuple(sorted({write.span for write in same})),
        )
        for (key, is_template), same in sorted(by_key.items())
    )


def _artifacts(model: TrackingModel, site: Span, entry_id: int) -> tuple[PredictedArtifact, ...]:
    calls = [call for call in model.calls if call.entry_id == entry_id]
    made = {(call.span, call.name): call for call in calls if call.name == "wandb.Artifact"}
    found: dict[tuple[str, str], set[Span]] = {}
    for call in calls:
        if call.name == "wandb.Run.log_artifact" and site in call.run.sites and not call.run.is_missing:
            logged = call.argument("artifact_or_path")
            allocation = None if logged is None else logged.made
            # An artifact brings its name; for a path, the call names it.
            source = call if allocation is None else made.get((allocation.span, allocation.type))
            name, kind = _text(source, "name"), _text(source, "type")
            found.setdefault((name, kind), set()).add(call.span)
    return tuple(PredictedArtifact(*key, tuple(sorted(spans))) for key, spans in sorted(found.items()))


def _text(call: Call | None, parameter: str) -> str:
    argument: Argument | None = None if call is None else call.argument(parameter)
    return argument.literal if argument is not None and isinstance(argument.literal, str) else ""
