"""WB102: `wandb.init` while a run is open returns that run and ignores its own arguments.

See `_WandbInit.init` of wandb.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Confidence, Finding, Fix, OpenInWith, Related, Severity, Span
from wandblint.infra.words import join_all
from wandblint.model import (
    InitWhileActive,
    RepeatedInit,
    Repeats,
    TrackingModel,
    nested_inits,
    repeated_inits,
)
from wandblint.rule import OptionValue, Rule

NAMES_A_RUN = ("project", "name", "group", "job_type", "id", "config", "tags", "notes")
"""Ignored arguments that indicate the intention to start a new run."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `wandb.init`."""
    arguments = {
        (init.span, init.entry_id): tuple(name for name, _ in init.arguments) for init in model.inits
    }
    # WB103 reports these, and says what breaks.
    closed_inside = {nested.init.span for nested in nested_inits(model)}
    inits: dict[Span, tuple[InitWhileActive, tuple[str, ...]]] = {}
    for init in sorted(model.inits_while_active, key=lambda event: not event.is_must):
        lost = tuple(name for name in NAMES_A_RUN if name in arguments.get((init.span, init.entry_id), ()))
        if (lost or init.loop is not None) and init.span not in closed_inside:
            inits.setdefault(init.span, (init, lost))
    front_ends = {run.span: run.front_end.rpartition(".")[2] for run in model.front_end_runs}
    for init, lost in inits.values():
        yield _finding(init, lost, front_ends.get(init.span))
    reported = closed_inside.union(inits)
    for again in repeated_inits(model):
        if again.init.span not in reported and not set(NAMES_A_RUN).isdisjoint(again.lost):
            reported.add(again.init.span)
            yield _of_second_call(again)


def _of_second_call(again: RepeatedInit) -> Finding:
    lost = join_all([f"`{name}`" for name in again.lost])
    return rule.finding(
        again.init.span,
        "the run of the first call is still open at the second, so `wandb.init` returns it "
        f"and ignores the new {lost}",
        "finish the run at the end of each call, for example with `with wandb.init(...) as run:`",
        (Related(again.before, "the first call"), Related(again.called, "the second call")),
    )


def _finding(init: InitWhileActive, lost: tuple[str, ...], front_end: str | None) -> Finding:
    ignored = f" and ignores {join_all([f'`{name}`' for name in lost])}" if lost else ""
    if init.loop is None:
        return rule.finding(
            init.span,
            f"a run is already open here, so `wandb.init` returns it{ignored}",
            'finish the open run first, open this one with `reinit="create_new"`, or reuse the open run',
            (Related(init.opened, "this run is still open"),),
        )
    is_loop = init.repeats is Repeats.LOOP
    once, cause = ("iteration", "this loop never") if is_loop else ("job", "no job of this multirun")
    again = (
        f"`{front_end}` uses the first run" if front_end else f"`wandb.init` returns the first run{ignored}"
    )
    remedy = "" if front_end else "open it as `with wandb.init(...) as run:`, or "
    return rule.finding(
        init.span,
        f"{cause} finishes its run, so from the second {once} {again}",
        f"{remedy}call `wandb.finish()` at the end of each {once}",
        (Related(init.loop, "the loop" if is_loop else "hydra runs its jobs here"),),
        severity=Severity.ERROR if init.is_must else Severity.WARNING,
        confidence=Confidence.HIGH if init.is_must else Confidence.MEDIUM,
        fix=None
        if front_end or not is_loop
        else Fix(
            Applicability.UNSAFE,
            "open the run in a `with` around the rest of the loop body",
            (OpenInWith(init.span),),
        ),
    )


rule = Rule(
    code="WB102",
    name="init-in-loop-without-finish",
    severity=Severity.ERROR,
    summary="`wandb.init` while a run is open, as in a loop without `finish`: all data goes to the first run",
    check=check,
)
