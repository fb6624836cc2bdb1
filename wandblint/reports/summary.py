"""The summary of a run, the last line of the text report, and the statistics by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from wandblint.findings.finding import Finding, Severity
from wandblint.findings.fix import Applicability
from wandblint.infra.words import pluralize
from wandblint.reports.location import LocatedFinding
from wandblint.reports.style import GREEN, Style, severity_color


class RunStats(msgspec.Struct):
    """The counts of a run."""

    checked: int = 0
    """Files whose findings are reported."""
    read: int = 0
    """Files that were parsed, for findings or as context."""
    suppressed: int = 0
    known: int = 0
    """Findings in the baseline."""
    unchanged: int = 0
    """Findings on unchanged lines."""
    fixed: int = 0
    log_calls: int = 0
    """Direct log calls."""
    all_known: int = 0
    """Log calls with all keys known."""
    some_known: int = 0
    """Log calls with at least one key known."""
    unreached: int = 0
    """Log calls that the analysis does not reach."""
    entries_cut_off: int = 0
    calls_cut_off: int = 0
    calls: int = 0
    """Entry points, and calls of project functions, that were not run to their end."""


def summary(findings: Sequence[LocatedFinding], stats: RunStats, style: Style, *, complete: bool) -> str:
    """Counts findings and files in one line, and fixable findings in another; `complete` without problems."""
    not_shown = (
        (stats.fixed, "fixed"),
        (stats.suppressed, "suppressed"),
        (stats.known, "in the baseline"),
        (stats.unchanged, "on unchanged lines"),
    )
    hidden = ", ".join(f"{number} {reason}" for number, reason in not_shown if number)
    hidden = f" ({hidden})" if hidden else ""
    read = f"{pluralize(stats.read, 'file')} read"
    if not stats.checked:
        return "No Python files to check."
    if not findings:
        clean = style.paint("All good", GREEN, bold=True) if complete else "Nothing found"
        return f"{clean}: {pluralize(stats.checked, 'file')} checked{hidden}; {read}."
    counts = ", ".join(severity_counts([located.finding for located in findings], style))
    files = len({located.location.filename for located in findings})
    return f"Found {counts} in {pluralize(files, 'file')}{hidden}; {read}.{_fixable(findings)}"


def severity_counts(findings: Sequence[Finding], style: Style) -> list[str]:
    """The number of findings of each severity, in its color."""
    counts = Counter(finding.severity for finding in findings)
    return [
        style.paint(pluralize(counts[severity], severity.value), severity_color(severity), bold=True)
        for severity in Severity
        if counts[severity]
    ]


def _fixable(findings: Sequence[LocatedFinding]) -> str:
    """The number of fixable findings, and the options that fix them."""
    kinds = Counter(located.fix.applicability for located in findings if located.fix is not None)
    safe, unsafe = kinds[Applicability.SAFE], kinds[Applicability.UNSAFE]
    parts = []
    if safe:
        parts.append(f"{safe} with --fix")
    if unsafe:
        parts.append(f"{unsafe} more with --unsafe-fixes" if safe else f"{unsafe} with --fix --unsafe-fixes")
    return f"\nFixable: {', '.join(parts)}." if parts else ""


def statistics(findings: Sequence[LocatedFinding], stats: RunStats) -> Iterator[str]:
    """Yields a table of rules by number of findings, then the shares of log calls whose keys are known."""
    counts = Counter((located.finding.code, located.finding.name) for located in findings)
    by_count = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    rows = [("Code", "Rule", "Findings"), *((code, name, str(count)) for (code, name), count in by_count)]
    code_width, name_width, count_width = (max(map(len, column)) for column in zip(*rows, strict=True))
    if counts:
        for code, name, count in rows:
            yield f"{code:<{code_width}}  {name:<{name_width}}  {count:>{count_width}}"
        yield ""
    if not stats.log_calls:
        yield "No direct log calls."
        return
    all_known = f"all keys known at {_share(stats.all_known, stats.log_calls)}"
    some_known = f"at least one at {_share(stats.some_known, stats.log_calls)}"
    unreached = f"; {stats.unreached} not reached" if stats.unreached else ""
    yield f"{pluralize(stats.log_calls, 'direct log call')}: {all_known}, {some_known}{unreached}."
    if stats.entries_cut_off or stats.calls_cut_off:
        entries = pluralize(stats.entries_cut_off, "entry point")
        calls = f"{_share(stats.calls_cut_off, stats.calls)} of the calls"
        yield f"Cut off, because they take too long: {entries} and {calls}; they may log any key."


def _share(number: int, total: int) -> str:
    return f"{number} ({100 * number // total} %)"
