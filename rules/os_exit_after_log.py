"""WB506: `os._exit` while a run is open: it skips what writes the last rows and the exit record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, FinishFirst, Fix, Related, Severity, first_per_place
from wandblint.model import Call, Init, LostRow, TrackingModel, lost_rows
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `os._exit`."""
    yield from first_per_place(_finding(model, lost) for lost in lost_rows(model))


def _finding(model: TrackingModel, lost: LostRow) -> Finding:
    return rule.finding(
        lost.exit.span,
        "`os._exit` ends the process before wandb has written its last rows, and the run is never marked as "
        "finished",
        "finish the run first: `wandb.finish()`; or leave with `sys.exit`",
        (Related(lost.row.span, "a row that may be lost"),),
        fix=_fix(model, lost.exit),
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
