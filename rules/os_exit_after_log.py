"""WB506: `os._exit` while a run is open: it skips what writes the last rows and the exit record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, FinishFirst, Fix, Related, Severity, Span
from wandblint.model import Call, Init, LogCall, RunState, TrackingModel
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `os._exit`."""
    found: dict[Span, Finding] = {}
    for call in model.calls:
        if call.name == "os._exit" and call.is_must and call.run.state is RunState.OPEN:
            logged = [row for row in model.log_calls if _loses(call, row)]
            if logged:
                row = max(logged, key=lambda row: row.point.sequence)
                found.setdefault(call.span, _finding(model, call, row))
    yield from found.values()


def _loses(call: Call, row: LogCall) -> bool:
    """Whether the process ends after a row wherever it logs it: a forked child has a branch of its own."""
    return (
        row.is_must
        and row.is_direct
        and row.entry_id == call.entry_id
        and bool(row.runs & call.run.sites)
        and row.point.precedes(call.point)
        and set(call.point.conditions) <= set(row.point.conditions)
    )


def _finding(model: TrackingModel, call: Call, row: LogCall) -> Finding:
    return rule.finding(
        call.span,
        "`os._exit` ends the process before wandb has written its last rows, and the run is never marked as "
        "finished",
        "finish the run first: `wandb.finish()`; or leave with `sys.exit`",
        (Related(row.span, "a row that may be lost"),),
        fix=_fix(model, call),
    )


def _fix(model: TrackingModel, call: Call) -> Fix | None:
    """Finish the run, if there is just one."""
    if len(call.run.sites) != 1:
        return None
    (site,) = call.run.sites
    is_active = all(_becomes_active(init) for init in model.inits if init.span == site)
    finish = FinishFirst(call.span, site, is_active)
    return Fix(Applicability.UNSAFE, "finish the run before the process ends", (finish,))


def _becomes_active(init: Init) -> bool:
    """Whether `wandb.finish()` finishes the run: not with `reinit="create_new"`, also in the settings."""
    names = {"reinit", "settings"}
    return not init.has_unseen_arguments and all(init.argument(name) is None for name in names)


rule = Rule(
    code="WB506",
    name="os-exit-after-log",
    severity=Severity.ERROR,
    summary="`os._exit` while a run is open: the last rows are lost",
    check=check,
)
