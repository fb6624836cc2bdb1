"""WB101: `wandb.init(reinit=True)` or `reinit=False`.

Deprecated booleans (wandb/sdk/wandb_init.py of 0.31.0, `reinit`), and `True` closes whatever run is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.finding import Finding, Related, Severity
from wandblint.model import Argument, Init, TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.runs import REINIT_STRINGS_SINCE, SecondInit, reinit_string, second_init
from wandblint.semantics.versions import allows_older_than

_WHAT = {
    SecondInit.FINISHES_PREVIOUS: "finishes every run that is open and starts another",
    SecondInit.RETURNS_PREVIOUS: "returns the run that is open and ignores the other arguments",
}


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a call site."""
    seen: dict[object, list[Init]] = {}
    for init in model.inits:
        seen.setdefault(init.span, []).append(init)
    for inits in seen.values():
        reinit = inits[0].argument("reinit")
        if reinit is not None and isinstance(reinit.literal, bool):
            yield _finding(model, inits, reinit, reinit.literal)


def _finding(model: TrackingModel, inits: list[Init], reinit: Argument, value: bool) -> Finding:
    what = _WHAT[second_init(value)]
    open_sites = sorted({site for init in inits if init.surely_active for site in init.while_active})
    if open_sites and value:
        message = f"`reinit={value}` closes a run that is open here and starts another: one job, several runs"
    else:
        message = f"`reinit={value}` {what}"
    new = f'reinit="{reinit_string(value)}"'
    if model.requirement is not None and allows_older_than(model.requirement, REINIT_STRINGS_SINCE):
        advice = f"open the run once and pass it on; with `wandb>={REINIT_STRINGS_SINCE}` write `{new}` if this is meant"
    else:
        message += "; booleans are deprecated here"
        advice = f"open the run once and pass it on; if this is meant, write `{new}`"
    return rule.finding(
        reinit.span,
        message,
        advice,
        tuple(Related(site, "this run is open when the call is reached") for site in open_sites),
    )


rule = Rule(
    code="WB101",
    name="reinit-bool",
    severity=Severity.WARNING,
    summary="`wandb.init(reinit=True)` or `reinit=False`: deprecated, and True closes whatever run is open",
    check=check,
)
