"""WB101: `wandb.init(reinit=True)` or `reinit=False`.

Booleans are deprecated (wandb/sdk/wandb_init.py of 0.31.0, `reinit`), and `True` closes every open run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, Related, SetFlag, Severity, Span
from wandblint.model import Argument, Init, TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.runs import REINIT_STRINGS_SINCE, SecondInit, reinit_string, second_init
from wandblint.semantics.versions import Requirement, allows_older_than, allows_since

_EFFECT = {
    SecondInit.FINISHES_PREVIOUS: "finishes every open run and starts another",
    SecondInit.RETURNS_PREVIOUS: "returns the open run and ignores the other arguments",
}


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call site, with the value that the first entry point passes."""
    sites: dict[Span, list[tuple[Init, Argument, bool]]] = defaultdict(list)
    for init in model.inits:
        reinit = init.argument("reinit")
        if reinit is not None and isinstance(reinit.literal, bool) and not init.is_disabled:
            sites[init.span].append((init, reinit, reinit.literal))
    for span, calls in sites.items():
        _, reinit, value = calls[0]
        inits = [init for init, _, other in calls if other is value]
        # A second run inside a run of a sweep is a mistake of another kind: no argument makes it right.
        if any(init.is_in_sweep for init in inits):
            continue
        requirement = model.requirement_of(span.path)
        # A wandb without the strings offers no alternative.
        if not _takes_only_booleans(requirement) or any(init.is_surely_active for init in inits):
            yield _finding(requirement, inits, reinit, value)


def _takes_only_booleans(requirement: Requirement) -> bool:
    return not allows_since(requirement.in_use, REINIT_STRINGS_SINCE)


def _scope(requirement: Requirement) -> str | None:
    if not _takes_only_booleans(requirement):
        return None
    return f"is silent unless a run is open: only wandb {REINIT_STRINGS_SINCE} and newer take other values"


def _finding(requirement: Requirement, inits: list[Init], reinit: Argument, value: bool) -> Finding:
    open_sites = sorted({site for init in inits if init.is_surely_active for site in init.while_active})
    if open_sites and value:
        message = (
            f"`reinit={value}` closes a run that is open here and starts another: "
            "this splits one job into several runs"
        )
    else:
        message = f"`reinit={value}` {_EFFECT[second_init(value)]}"
    new = f'reinit="{reinit_string(value)}"'
    advice = f"open the run once and pass it on; if you mean this, write `{new}`"
    in_use = requirement.in_use
    fix = None
    if in_use is not None and allows_older_than(in_use, REINIT_STRINGS_SINCE):
        advice += f", which needs `wandb>={REINIT_STRINGS_SINCE}`"
    else:
        message += "; booleans are deprecated"
        set_flag = SetFlag(reinit.span, f'"{reinit_string(value)}"')
        fix = Fix(Applicability.SAFE, f"write `{new}`", (set_flag,))
    return rule.finding(
        reinit.span,
        message,
        advice,
        tuple(Related(site, "this run is still open when the call runs") for site in open_sites),
        fix=fix,
    )


rule = Rule(
    code="WB101",
    name="reinit-bool",
    severity=Severity.WARNING,
    summary="`wandb.init(reinit=True)` or `reinit=False`: deprecated, and True finishes every open run",
    check=check,
    scope=_scope,
)
