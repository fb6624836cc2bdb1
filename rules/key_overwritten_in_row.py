"""WB605: a key that is logged again into a row that is still open: the last value wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, Span
from wandblint.model import TrackingModel, overwritten_keys
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call."""
    found: dict[Span, Finding] = {}
    for key in overwritten_keys(model):
        where = () if key.by == key.call else (Related(key.by, "here it is logged again"),)
        found.setdefault(
            key.call,
            rule.finding(
                key.call,
                f"with `commit=False` the row stays open, and `{key.name}` is logged into it again: "
                "only the last value is kept",
                "give each value a key of its own, such as an f-string with the name of the part, or collect "
                "the rows in one table",
                where,
            ),
        )
    yield from found.values()


rule = Rule(
    code="WB605",
    name="key-overwritten-in-row",
    severity=Severity.WARNING,
    summary="A table or media that is logged again into an open row: only the last one is kept",
    check=check,
)
