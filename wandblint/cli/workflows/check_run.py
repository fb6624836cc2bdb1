"""The state of one run of `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from wandblint.app.settings import Settings
from wandblint.cli import console
from wandblint.cli.option_values import CheckOptions
from wandblint.reports.location import LocatedFinding
from wandblint.reports.summary import RunStats

if TYPE_CHECKING:
    from wandblint.cli.workflows.confirming import Confirmation
    from wandblint.fixing.rounds import AppliedFix
    from wandblint.reports.diff import FileDiff
    from wandblint.rule import Rule


class CheckRun(msgspec.Struct):
    """One run of `check`: its options, and its results so far."""

    options: CheckOptions
    findings: list[LocatedFinding] = msgspec.field(default_factory=list)
    stats: RunStats = msgspec.field(default_factory=RunStats)
    projects: int = 0
    problems: list[str] = msgspec.field(default_factory=list)
    diffs: list[FileDiff] = msgspec.field(default_factory=list)
    """The output of `--diff`, one diff per file."""
    applied: list[tuple[str, AppliedFix]] = msgspec.field(default_factory=list)
    """The applied fixes, each with the name of its file."""
    confirmation: Confirmation | None = None
    """The answers so far to the questions of `--interactive`."""
    stdin: bytes = b""
    """The file on standard input."""
    fixed_stdin: bytes | None = None
    """The same file after fixing."""
    checked: dict[str, tuple[Rule, Settings]] = msgspec.field(default_factory=dict)
    """The checked rules by their codes, each with the settings of its project."""

    @property
    def complete(self) -> bool:
        """Whether there are no problems."""
        return not self.problems

    def fail(self, message: str) -> None:
        """Records and reports a problem; the run continues."""
        # An error of the command line occurs once per project.
        if message not in self.problems:
            self.problems.append(message)
            console.fail(message, self.options.color)

    def note(self, message: str) -> None:
        """Prints a remark that is not part of a report."""
        if not self.options.quiet:
            console.note(message, self.options.color)
