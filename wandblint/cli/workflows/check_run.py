"""The state of one run of `check`: what it is asked to do and what it has found so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from wandblint.app.settings import Settings
from wandblint.cli import console
from wandblint.cli.option_values import Options
from wandblint.reports.location import Located
from wandblint.reports.summary import RunStats

if TYPE_CHECKING:
    from wandblint.fixing.rounds import Applied
    from wandblint.rule import Rule


class CheckRun(msgspec.Struct):
    """One run of wandblint: what it is to do, and what has come of it so far."""

    options: Options
    findings: list[Located] = msgspec.field(default_factory=list)
    stats: RunStats = msgspec.field(default_factory=RunStats)
    projects: int = 0
    problems: list[str] = msgspec.field(default_factory=list)
    diffs: list[str] = msgspec.field(default_factory=list)
    """What `--diff` prints."""
    applied: list[tuple[str, Applied]] = msgspec.field(default_factory=list)
    """The fixes that were carried out, with the names of their files."""
    stdin: bytes = b""
    """The file from standard input."""
    fixed_stdin: bytes | None = None
    """The file from standard input as it is after fixing."""
    checked: dict[str, tuple[Rule, Settings]] = msgspec.field(default_factory=dict)
    """The rules that were checked by their codes, each with the settings that it came with."""

    @property
    def complete(self) -> bool:
        """Whether nothing went wrong."""
        return not self.problems

    def fail(self, message: str) -> None:
        """Says what could not be done; the rest goes on."""
        # A command line that is wrong is wrong for each project.
        if message not in self.problems:
            self.problems.append(message)
            console.fail(message, self.options.color)

    def note(self, message: str) -> None:
        """Says what is good to know and belongs to no report."""
        if not self.options.quiet:
            console.note(message, self.options.color)
