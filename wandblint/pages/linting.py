"""Lints the folder of a case with every rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from wandblint import engine
from wandblint.app.registry import ALL
from wandblint.app.settings import Settings, load
from wandblint.app.settings_errors import SettingsError
from wandblint.pages.variants import Variant, width

SETTINGS_FILES = ("wandblint.toml", "pyproject.toml")
"""The settings files that a case may have; those of parent folders do not apply."""


class CaseError(Exception):
    """The case cannot be linted or executed; the message says why."""


@dataclass(frozen=True, order=True)
class FoundFinding:
    """A finding with row and column, both 1-based; a tab counts by its width."""

    path: str
    row: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        """`path:row:column: CODE message`."""
        return f"{self.path}:{self.row}:{self.column}: {self.code} {self.message}"


def settings_file(root: Path) -> Path | None:
    """The settings file of a case, if it has one."""
    return next((root / name for name in SETTINGS_FILES if (root / name).exists()), None)


def case_settings(root: Path, plugins: Iterable[str]) -> Settings:
    """The settings of a case, with every rule selected.

    Raises `SettingsError`, also if the case names rule packs other than `plugins` that may not be imported.
    """
    file = settings_file(root)
    settings, _ = load(root, config=file, isolated=file is None, plugins=plugins)
    if settings.problems:
        raise SettingsError("; ".join(settings.problems))
    return msgspec.structs.replace(settings, select=[ALL], ignore=[], extend_select=[])


def write_case(root: Path, files: Mapping[str, str], variant: Variant) -> None:
    """Writes files, given as texts by path, below a folder; the Python files as the variant writes them."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(variant.encode(text) if path.endswith(".py") else text.encode())


def lint(root: Path, plugins: Iterable[str]) -> list[FoundFinding]:
    """The findings of every rule in a folder, sorted.

    Raises `CaseError` if something cannot be linted, `SettingsError` if the settings are invalid.
    """
    result = engine.check(root, None, case_settings(root, plugins))
    if result.problems:
        raise CaseError("; ".join(f"{problem.path}: {problem.message}" for problem in result.problems))
    findings = []
    for finding in result.findings:
        lines = result.texts.lines(finding.span.path)
        row, column = lines.position(finding.span.start)
        column = width(lines.line(row)[: column - 1]) + 1
        findings.append(FoundFinding(finding.span.path, row, column, finding.code, finding.message))
    return sorted(findings)
