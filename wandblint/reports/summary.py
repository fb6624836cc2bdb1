"""What it comes to: the last line of the text report, and the counts by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from wandblint.findings.finding import Severity
from wandblint.findings.fix import Applicability
from wandblint.reports.location import Located
from wandblint.reports.style import GREEN, Style, severity_color


class RunStats(msgspec.Struct):
    """How much was looked at: files reported on, files read as their context, findings suppressed, findings
    that the baseline holds, findings on lines that are as they were.

    Of the direct log calls: how many there are, how many with all keys known, with at least one known, and
    how many that no followed call path reaches.
    """

    checked: int = 0
    read: int = 0
    suppressed: int = 0
    known: int = 0
    unchanged: int = 0
    fixed: int = 0
    """Findings that were fixed."""
    log_calls: int = 0
    all_known: int = 0
    some_known: int = 0
    unreached: int = 0
    entries_given_up: int = 0
    """Call paths that were too long to follow to their end."""


def summary(found: Sequence[Located], looked: RunStats, style: Style, *, complete: bool) -> str:
    """One line: how much was found, and how much was looked at; `complete` if nothing went wrong."""
    parts = (
        (looked.fixed, "fixed"),
        (looked.suppressed, "suppressed"),
        (looked.known, "in the baseline"),
        (looked.unchanged, "on unchanged lines"),
    )
    hidden = ", ".join(f"{number} {how}" for number, how in parts if number)
    hidden = f" ({hidden})" if hidden else ""
    read = f"{_count(looked.read, 'file')} read"
    if not looked.checked:
        return "No Python files to check."
    if not found:
        clean = style.paint("All good", GREEN, bold=True) if complete else "Nothing found"
        return f"{clean}: {_count(looked.checked, 'file')} checked{hidden}; {read}."
    offer = _offer(found)
    by_severity = Counter(located.finding.severity for located in found)
    counts = ", ".join(
        style.paint(_count(by_severity[severity], severity.value), severity_color(severity), bold=True)
        for severity in Severity
        if by_severity[severity]
    )
    files = len({located.place.filename for located in found})
    return f"Found {counts} in {_count(files, 'file')}{hidden}; {read}.{offer}"


def _offer(found: Sequence[Located]) -> str:
    """How many of the findings could be fixed, and by which option."""
    kinds = Counter(located.fix.applicability for located in found if located.fix is not None)
    safe, unsafe = kinds[Applicability.SAFE], kinds[Applicability.UNSAFE]
    parts = []
    if safe:
        parts.append(f"{safe} with --fix")
    if unsafe:
        parts.append(f"{unsafe} more with --unsafe-fixes" if safe else f"{unsafe} with --fix --unsafe-fixes")
    return f"\nFixable: {', '.join(parts)}." if parts else ""


def statistics(found: Sequence[Located], looked: RunStats) -> Iterator[str]:
    """A table with a heading: code, name and count of each rule that found something, most first; then how
    many of the project's log calls are understood."""
    counts = Counter((located.finding.code, located.finding.name) for located in found)
    by_count = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    rows = [("Code", "Rule", "Findings"), *((code, name, str(count)) for (code, name), count in by_count)]
    code_width, name_width, count_width = (max(map(len, column)) for column in zip(*rows, strict=True))
    if counts:
        for code, name, count in rows:
            yield f"{code:<{code_width}}  {name:<{name_width}}  {count:>{count_width}}"
        yield ""
    if not looked.log_calls:
        yield "No direct log calls."
        return
    all_known = f"all keys known at {_share(looked.all_known, looked.log_calls)}"
    some_known = f"at least one at {_share(looked.some_known, looked.log_calls)}"
    unreached = f"; {looked.unreached} not reached" if looked.unreached else ""
    yield f"{_count(looked.log_calls, 'direct log call')}: {all_known}, {some_known}{unreached}."
    if looked.entries_given_up:
        paths = _count(looked.entries_given_up, "call path")
        yield f"{paths}: analysis stopped early; wandblint assumes that they may log any key."


def _share(number: int, total: int) -> str:
    return f"{number} ({100 * number // total} %)"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
