"""WB103: code that opens and closes "its own" run is reached while a run is open, so it closes that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity
from wandblint.model import TrackingModel, nested_inits
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `wandb.init`."""
    found = {nested.init.span: nested for nested in reversed(list(nested_inits(model)))}
    for nested in found.values():
        yield rule.finding(
            nested.init.span,
            "a run is already open here, so `wandb.init` returns it and its end here closes it: "
            f"`{nested.used.text}` raises afterwards",
            'pass the open run on instead of opening one, or open this one with `reinit="create_new"`',
            (
                Related(nested.opened, "this run is open"),
                Related(nested.closed, "here it is closed"),
                Related(nested.used.span, "here it is used again, which raises"),
            ),
        )


rule = Rule(
    code="WB103",
    name="nested-with-init",
    severity=Severity.ERROR,
    summary="Code that opens and closes its own run inside an open run: it closes that one",
    check=check,
)
