"""The input of every report format."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence

import msgspec

from wandblint.reports.location import LocatedFinding, Location
from wandblint.reports.style import Style
from wandblint.reports.summary import RunStats
from wandblint.rule import Rule


class Checked(msgspec.Struct, frozen=True):
    """A checked rule, and its page without the cases."""

    rule: Rule
    page: str


class Report(msgspec.Struct, frozen=True):
    """The findings and statistics of a run, and options for their display.

    `problems` say what the tool could not do. `folder` is the working folder relative to the folder that
    other programs take for the root of the repository.
    """

    findings: Sequence[LocatedFinding]
    stats: RunStats
    problems: Sequence[str] = ()
    checked: Sequence[Checked] = ()
    folder: str = "."
    style: Style = msgspec.field(default_factory=Style)
    statistics: bool = False
    summary: bool = False

    def path(self, location: Location) -> str:
        """The path of a location's file for other programs."""
        return posixpath.normpath(posixpath.join(self.folder, location.filename))

    def identities(self) -> list[str]:
        """A unique id of each finding: its fingerprint, and a number among those with the same one."""
        counts: Counter[str] = Counter()
        ids: list[str] = []
        for located in self.findings:
            counts[located.fingerprint] += 1
            ids.append(f"{located.fingerprint}:{counts[located.fingerprint]}")
        return ids
