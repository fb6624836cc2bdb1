"""Where reports go: one to standard output, and those that `--output` asks for to files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wandblint.app import registry
from wandblint.cli import console
from wandblint.reports.formats import FORMATS
from wandblint.reports.report import Checked, Report
from wandblint.reports.style import Style

if TYPE_CHECKING:
    from wandblint.cli.workflows.check_run import CheckRun

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")
"""Where GitHub Actions, GitLab and Jenkins name the folder that they take paths to be relative to."""
_WITH_RULES = "sarif"


def report(work: CheckRun, style: Style) -> None:
    """Writes all reports; what cannot be written becomes a problem of the work."""
    options = work.options
    made = Report(
        found=work.findings,
        stats=work.stats,
        problems=work.problems,
        checked=_checked(work) if _WITH_RULES in _formats(work) else (),
        folder=_working_folder(),
        statistics=options.statistics,
    )
    for name, file in options.output:
        _write(work, Path(file), FORMATS[name](replace(made, summary=True)))
    has_looked = work.projects > 0 and (work.complete or work.stats.checked > 0)
    shown = replace(made, style=style, summary=has_looked and not options.quiet)
    console.write(FORMATS[options.output_format](shown), color=style.color)


def _formats(work: CheckRun) -> set[str]:
    return {work.options.output_format, *(name for name, _ in work.options.output)}


def _checked(work: CheckRun) -> list[Checked]:
    from wandblint.pages.markdown import explanation  # noqa: PLC0415 (one format needs it)

    return [
        Checked(rule, explanation(registry.page(rule, settings.plugins)))
        for _, (rule, settings) in sorted(work.checked.items())
    ]


def _working_folder() -> str:
    """The working folder relative to what the CI service calls the root, where one does and it is inside."""
    here = Path(os.path.realpath(os.curdir))
    for variable in _ROOTS:
        if (root := os.environ.get(variable)) and here.is_relative_to(resolved := os.path.realpath(root)):
            return here.relative_to(resolved).as_posix()
    return "."


def _write(work: CheckRun, file: Path, lines: Iterable[str]) -> None:
    try:
        # What the encoding lacks is half a character, which a file name may hold.
        with file.open("w", encoding="utf-8", errors="replace", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        work.fail(f"{file}: cannot write the report: {(error.strerror or '').lower()}")
