"""What every format of a report is made from."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import msgspec

from wandblint.reports.location import Located, Location
from wandblint.reports.style import Style
from wandblint.reports.summary import RunStats
from wandblint.rule import Rule


class Checked(msgspec.Struct, frozen=True):
    """A rule that was checked, and what its page says."""

    rule: Rule
    page: str


class Report(msgspec.Struct, frozen=True):
    """What is reported.

    `problems` are what the tool could not do. `folder` is the working folder as other programs see it:
    relative to the folder that they take for the root of the repository.
    """

    found: Sequence[Located]
    stats: RunStats
    problems: Sequence[str] = ()
    checked: Sequence[Checked] = ()
    folder: str = "."
    style: Style = msgspec.field(default_factory=Style)
    statistics: bool = False
    summary: bool = False

    def path(self, place: Location) -> str:
        """The path of a place for other programs."""
        return posixpath.normpath(posixpath.join(self.folder, place.filename))

    def identities(self) -> list[str]:
        """What identifies each finding in this report: its fingerprint, and which of those that share it."""
        seen: dict[str, int] = {}
        found: list[str] = []
        for located in self.found:
            seen[located.fingerprint] = seen.get(located.fingerprint, 0) + 1
            found.append(f"{located.fingerprint}:{seen[located.fingerprint]}")
        return found
