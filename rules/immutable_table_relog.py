"""WB601: a table that is logged, filled and logged again: by default wandb keeps its first version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import AddArgument, Applicability, Finding, Fix, Related, Severity
from wandblint.model import TableRelog, TrackingModel, table_relogs
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.versions import allows_older_than

LOG_MODE_SINCE = "0.20.0"


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per table."""
    for relog in table_relogs(model):
        in_use = model.requirement_of(relog.made.path).in_use
        can_fix = in_use is None or not allows_older_than(in_use, LOG_MODE_SINCE)
        yield _finding(relog, can_fix=can_fix)


def _finding(relog: TableRelog, *, can_fix: bool) -> Finding:
    fix = Fix(
        Applicability.UNSAFE,
        'write `log_mode="MUTABLE"`',
        (AddArgument(relog.made, "log_mode", '"MUTABLE"'),),
    )
    return rule.finding(
        relog.logged,
        "this table is filled and logged again, but wandb keeps what a table holds when it is first logged, "
        "and drops the later rows with a warning",
        f'make it with `log_mode="MUTABLE"` (wandb>={LOG_MODE_SINCE}), log it once at the end, or make a '
        "new one each time",
        (Related(relog.made, "the table is made here"), Related(relog.filled, "rows are added here")),
        fix=fix if can_fix else None,
    )


rule = Rule(
    code="WB601",
    name="immutable-table-relog",
    severity=Severity.ERROR,
    summary="A table that is filled and logged again: wandb keeps its first version",
    check=check,
)
