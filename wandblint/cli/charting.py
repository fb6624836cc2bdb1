"""What `charts` does: projects in, their runs and charts out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wandblint import engine
from wandblint.cli import console
from wandblint.cli.charts import ChartsOptions
from wandblint.cli.linting import CLEAN, INCOMPLETE
from wandblint.cli.progress import progress
from wandblint.cli.projects import Project, filename, projects, unusable
from wandblint.config import Settings, SettingsError, load
from wandblint.finding import Span
from wandblint.prediction import PredictedRun
from wandblint.reports.predicted import ShownRun, predicted, predicted_summary
from wandblint.reports.predicted_json import predicted_json
from wandblint.sources.discovery import discover


@dataclass
class _Work:
    """What is to do, and what has come of it so far."""

    options: ChartsOptions
    runs: list[ShownRun] = field(default_factory=list)
    read: int = 0
    complete: bool = True

    def fail(self, message: str) -> None:
        """Says what could not be done; the rest goes on."""
        self.complete = False
        console.fail(message, self.options.color)


def run(options: ChartsOptions) -> int:
    """Shows the charts of what the options name and gives the exit code."""
    work = _Work(options)
    for project, settings in _projects(work):
        _forecast(work, project, settings)
    style = console.style(options.color)
    if options.output_format == "json":
        console.write([predicted_json(work.runs)], color=False)
    else:
        console.write(predicted(work.runs, style), color=style.color)
        if not options.quiet:
            console.write([predicted_summary(work.runs, work.read, style)], color=style.color)
    return CLEAN if work.complete else INCOMPLETE


def _projects(work: _Work) -> Iterator[tuple[Project, Settings]]:
    """The projects that the paths belong to, with their settings."""
    paths: list[Path] = []
    for given in work.options.paths or (".",):
        if error := unusable(given):
            work.fail(error)
        else:
            paths.append(Path(given))
    for project in projects(paths):
        if (settings := _settings(work, project)) is not None:
            yield project, settings


def _settings(work: _Work, project: Project) -> Settings | None:
    """The settings of a project; None, and said so, where they are wrong."""
    config = Path(work.options.config) if work.options.config else None
    try:
        return load(project.root, config=config, isolated=work.options.isolated)[0]
    except SettingsError as error:
        work.fail(str(error))
        return None


def _forecast(work: _Work, project: Project, settings: Settings) -> None:
    """The runs of one project are added to those of the others."""
    wanted = None if project.is_whole else project.selected(discover(project.root, settings))
    with progress(wanted=not work.options.quiet) as show:
        found = engine.forecast(project.root, wanted or (), settings, progress=show)
    for problem in found.problems:
        where = f"{filename(project.root / problem.path)}: " if problem.path else ""
        work.fail(where + problem.message)

    def place(span: Span) -> tuple[str, int]:
        row, _ = found.texts.lines(span.path).position(span.start)
        return filename(project.root / span.path), row

    work.read += found.files_read
    work.runs += [
        ShownRun(one, place, lambda name: filename(project.root / name))
        for one in found.runs
        if wanted is None or not wanted.isdisjoint(_files(one))
    ]


def _files(run: PredictedRun) -> Iterator[str]:
    """The files that open a run or log to it."""
    if run.site is not None:
        yield run.site.path
    yield from (way.entry.path for way in run.openings if way.entry is not None)
    yield from (span.path for chart in run.charts for span in chart.logged)
