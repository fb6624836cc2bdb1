"""WB402: a key of the config gets another value without `allow_val_change=True`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, Span
from wandblint.model import RunState, TrackingModel, Write, WriteTarget
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per write."""
    by_run: dict[object, list[Write]] = defaultdict(list)
    for write in model.writes:
        if write.target is WriteTarget.CONFIG and len(write.run.contexts) == 1:
            by_run[write.entry_id, write.run.runs].append(write)
    found: dict[Span, Finding] = {}
    for writes in by_run.values():
        writes.sort(key=lambda write: write.point.sequence)
        for number, write in enumerate(writes):
            before = _last(writes[:number], write)
            if before is not None and _changes(before, write):
                found.setdefault(write.span, _finding(before, write))
    yield from found.values()


def _last(earlier: list[Write], write: Write) -> Write | None:
    """The write that has certainly given the key its value; None where another one may have."""
    same = [other for other in earlier if other.key == write.key or other.key.literal is None]
    last = same[-1] if same else None
    return last if last is not None and last.is_must and last.point.dominates(write.point) else None


def _changes(before: Write, write: Write) -> bool:
    is_open = write.run.state is RunState.OPEN and before.run.state is RunState.OPEN
    is_known = write.key.literal is not None and before.value.is_known and write.value.is_known
    changes = is_known and before.value.literal != write.value.literal
    return changes and is_open and write.is_must and not write.may_change


def _finding(before: Write, write: Write) -> Finding:
    key = write.key.literal
    return rule.finding(
        write.span,
        f"the config's `{key}` is {before.value.literal!r} already, so wandb raises `ConfigError` when it "
        f"becomes {write.value.literal!r}",
        "log a value that changes, or write `run.config.update({...}, allow_val_change=True)`",
        (Related(before.span, f"here `{key}` gets its value"),),
    )


rule = Rule(
    code="WB402",
    name="config-key-changed",
    severity=Severity.ERROR,
    summary="A key of the config gets another value without `allow_val_change=True`: wandb raises",
    check=check,
    in_notebooks=False,
)
