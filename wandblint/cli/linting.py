"""What `check` does: projects in, a report and an exit code out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wandblint.cli import console
from wandblint.cli.check import Options
from wandblint.cli.projects import Project, missing, projects
from wandblint.config import Settings, SettingsError, load
from wandblint.engine import check
from wandblint.reports.concise import concise
from wandblint.reports.json_report import json_report
from wandblint.reports.place import Located, locate
from wandblint.reports.style import Style
from wandblint.reports.summary import statistics, summary
from wandblint.reports.text import text_report

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 2


@dataclass
class Total:
    """What all projects of one run come to."""

    found: list[Located] = field(default_factory=list)
    suppressed: int = 0
    checked: int = 0
    read: int = 0
    complete: bool = True


def run(options: Options) -> int:
    """Lints what the options name, reports it and gives the exit code."""
    total = Total()
    paths: list[Path] = []
    for given in options.paths or (".",):
        if error := missing(given):
            total.complete = False
            console.fail(error, options.color)
        else:
            paths.append(Path(given))
    for project in projects(paths):
        try:
            settings, _ = load(project.root, config=_config(options), isolated=options.isolated)
        except SettingsError as error:
            total.complete = False
            console.fail(str(error), options.color)
            continue
        _lint(project, settings, options, total)
    style = console.style(options.color)
    console.write(_report(total, options, style), color=style.color)
    if not total.complete:
        return INCOMPLETE
    return FINDINGS if total.found and not options.exit_zero else CLEAN


def _lint(project: Project, settings: Settings, options: Options, total: Total) -> None:
    outcome = check(project.root, None, settings)
    for problem in outcome.problems:
        total.complete = False
        console.fail(f"{filename(project.root / problem.path)}: {problem.message}", options.color)
    total.found += [
        locate(finding, outcome.texts.lines, lambda name: filename(project.root / name))
        for finding in outcome.findings
    ]
    total.suppressed += outcome.suppressed
    total.checked += outcome.files_checked
    total.read += outcome.files_read


def filename(path: Path) -> str:
    """A path as reports write it: relative to the working folder, with `/`."""
    return Path(os.path.relpath(path)).as_posix()


def _config(options: Options) -> Path | None:
    return Path(options.config) if options.config else None


def _report(total: Total, options: Options, style: Style) -> Iterator[str]:
    if options.output_format == "json":
        yield json_report(total.found)
        return
    if options.output_format == "concise":
        yield from concise(total.found)
    else:
        for located in total.found:
            yield from text_report(located, style)
            yield ""
    if options.statistics:
        yield from statistics(total.found)
    if options.output_format == "text" and not options.quiet:
        yield summary(
            total.found, suppressed=total.suppressed, checked=total.checked, read=total.read, style=style
        )
