"""WB906: the number of recorded runs differs from the expected one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_names, pluralize
from wandblint.rule import OptionValue, Rule

UNSET = 0


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding if the number of distinct run ids is not the expected one."""
    expected = options["expected"]
    assert isinstance(expected, int), "the type of its default"
    if expected != UNSET and len(record.runs) != expected:
        ids = join_names([f"`{run.id}`" for run in record.runs])
        were = "was" if expected == 1 else "were"
        message = f"{pluralize(len(record.runs), 'run')} recorded where {expected} {were} expected: {ids}"
        advice = _MORE if len(record.runs) > expected else _FEWER
        yield rule.finding(Span(record.path, 0, 0), message, advice)


_MORE = (
    "pass the id of the run and `resume=` in every process of the pipeline: without them, each init opens a "
    "new run"
)
_FEWER = "a process opened no run, or recorded it elsewhere (WANDB_DIR, WANDB_MODE)"

rule = Rule(
    code="WB906",
    name="unexpected-runs",
    severity=Severity.WARNING,
    summary="The number of recorded runs differs from `--expect-runs`",
    audit=check,
    options={"expected": UNSET},
)
