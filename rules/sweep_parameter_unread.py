"""WB406: a sweep chooses a parameter that its jobs never read.

The agent calls the function without arguments: the choice is in the config alone, once the run is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, first_per_place
from wandblint.infra.words import join_names
from wandblint.model import TrackingModel, UnreadParameters, unread_parameters
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per sweep, at the first of its parameters."""
    yield from first_per_place(map(_finding, unread_parameters(model)))


def _finding(unread: UnreadParameters) -> Finding:
    (first, span), *_ = unread.parameters
    names = join_names([f"`{name}`" for name, _ in unread.parameters])
    return rule.finding(
        span,
        f"the jobs of this sweep never read {names} from the config: they run without the values that the "
        "sweep chooses, which wandb records all the same",
        f'read them after `wandb.init`: `run.config["{first}"]`, or `Namespace(**run.config)` for all',
        (
            Related(unread.init.span, "the job gets its values here"),
            Related(unread.agent.span, "the agent runs the job"),
        ),
    )


rule = Rule(
    code="WB406",
    name="sweep-parameter-unread",
    severity=Severity.WARNING,
    summary="A parameter of a sweep that the function of its agent never reads from the config",
    check=check,
)
