"""One line a finding, as editors and `grep` read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wandblint.reports.display import printable
from wandblint.reports.location import Located


def concise(found: Iterable[Located]) -> Iterator[str]:
    """`path:row:column: CODE message` of each finding."""
    for located in found:
        yield printable(f"{located.place}: {located.finding.code} {located.finding.message}")
