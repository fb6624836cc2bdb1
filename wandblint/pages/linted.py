"""A folder through the engine: the findings with their rows and columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from wandblint import engine
from wandblint.app.registry import ALL
from wandblint.app.settings import load
from wandblint.pages.variants import width

SETTINGS_FILES = ("wandblint.toml", "pyproject.toml")
"""Where a case has its settings; those of the folders around it are not its own."""


class CaseError(Exception):
    """A case that cannot be linted; the message says what went wrong."""


@dataclass(frozen=True, order=True)
class FoundFinding:
    """A finding at its row and column, 1-based, a tab counted by its width."""

    path: str
    row: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        """The finding as the author would look for it."""
        return f"{self.path}:{self.row}:{self.column}: {self.code} {self.message}"


def settings_file(root: Path) -> Path | None:
    """The settings of a case, where it has any."""
    return next((root / name for name in SETTINGS_FILES if (root / name).exists()), None)


def lint(root: Path, plugins: Iterable[str]) -> list[FoundFinding]:
    """What every rule finds in a folder, in order, with the folder's own settings but for its selection.

    Raises `CaseError` where something could not be linted, `SettingsError` where the settings are wrong.
    """
    file = settings_file(root)
    settings, _ = load(root, config=file, isolated=file is None)
    settings = msgspec.structs.replace(
        settings, select=[ALL], ignore=[], extend_select=[], plugins=[*settings.plugins, *plugins]
    )
    outcome = engine.check(root, None, settings)
    if outcome.problems:
        raise CaseError("; ".join(f"{problem.path}: {problem.message}" for problem in outcome.problems))
    found = []
    for finding in outcome.findings:
        lines = outcome.texts.lines(finding.span.path)
        row, column = lines.position(finding.span.start)
        before = lines.line(row)[: column - 1]
        found.append(FoundFinding(finding.span.path, row, width(before) + 1, finding.code, finding.message))
    return sorted(found)
