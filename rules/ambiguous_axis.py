"""WB903: globs with different x-axes match one recorded key, and wandb picks one of them at random.

wandb iterates over a Go map (docs/wandb-semantics.md, Globs 6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record, RecordedLog
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_names
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.metrics import BUILT_IN_AXES, applying


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log and set of conflicting globs."""
    for _, log in record.logs():
        conflicts: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for key in sorted(log.columns):
            globs = applying(log.definitions, key)
            if key not in BUILT_IN_AXES and len(log.axes(key)) > 1:
                conflicts[tuple(globs)].append(key)
        for names, keys in conflicts.items():
            yield _finding(log, names, keys)


def _finding(log: RecordedLog, names: tuple[str, ...], keys: list[str]) -> Finding:
    globs = [f"`{name}` ({_axis(log.definitions[name])})" for name in names]
    message = (
        f"wandb picks the x-axis of {join_names([f'`{key}`' for key in keys])} at random, "
        f"because several globs match: {join_names(globs)}"
    )
    advice = (
        "keep one of the globs, or define the key by its exact name, which takes precedence over every glob"
    )
    return rule.finding(Span(log.path, 0, 0), message, advice)


def _axis(step_metric: str | None) -> str:
    return f"over `{step_metric}`" if step_metric else "no axis"


rule = Rule(
    code="WB903",
    name="ambiguous-axis",
    severity=Severity.WARNING,
    summary="Several globs with different x-axes match one recorded key: wandb picks one at random",
    audit=check,
)
