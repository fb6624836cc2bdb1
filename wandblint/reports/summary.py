"""What it comes to: the last line of the text report, and the counts by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from wandblint.finding import Severity
from wandblint.reports.place import Located
from wandblint.reports.style import GREEN, Style, severity_color


def summary(found: Sequence[Located], *, suppressed: int, checked: int, read: int, style: Style) -> str:
    """One line: how much was found, and how much was looked at."""
    looked = f"{_count(read, 'file')} read"
    hidden = f" ({suppressed} suppressed)" if suppressed else ""
    if not found:
        clean = style.paint("All good", GREEN, bold=True)
        return f"{clean}: {_count(checked, 'file')} checked{hidden}; {looked}."
    by_severity = Counter(located.finding.severity for located in found)
    counts = ", ".join(
        style.paint(_count(by_severity[severity], severity.value), severity_color(severity), bold=True)
        for severity in Severity
        if by_severity[severity]
    )
    files = len({located.place.filename for located in found})
    return f"Found {counts} in {_count(files, 'file')}{hidden}; {looked}."


def statistics(found: Sequence[Located]) -> Iterator[str]:
    """A table: code, name and count of each rule that found something, most first."""
    counts = Counter((located.finding.code, located.finding.name) for located in found)
    code_width = max((len(code) for code, _ in counts), default=0)
    name_width = max((len(name) for _, name in counts), default=0)
    count_width = max((len(str(count)) for count in counts.values()), default=0)
    for (code, name), count in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        yield f"{code:<{code_width}}  {name:<{name_width}}  {count:>{count_width}}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
