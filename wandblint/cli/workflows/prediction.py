"""The predicted runs of what the command line names, for `charts` and `audit --against`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from wandblint import engine
from wandblint.app.settings import Settings, SettingsError, load
from wandblint.cli import console
from wandblint.cli.option_values import ForecastOptions
from wandblint.cli.progress import progress
from wandblint.cli.workflows.projects import SelectedProject, filename, projects, unusable
from wandblint.dashboard.prediction import PredictedRun
from wandblint.infra.cache import cache_folder
from wandblint.infra.processes import processors
from wandblint.reports.predicted import ShownRun
from wandblint.sources.discovery import discover
from wandblint.span import Span


class Forecasts(msgspec.Struct):
    """How it is read, and what has come of it so far."""

    options: ForecastOptions
    runs: list[ShownRun] = msgspec.field(default_factory=list)
    read: int = 0
    complete: bool = True

    def add(self, paths: tuple[str, ...]) -> None:
        """The runs that paths open or log to, in the context of the whole projects around them."""
        for project, settings in self._projects(paths):
            self._add(project, settings)

    def _fail(self, message: str) -> None:
        """Says what could not be done; the rest goes on."""
        self.complete = False
        console.fail(message, self.options.color)

    def _projects(self, given: tuple[str, ...]) -> Iterator[tuple[SelectedProject, Settings]]:
        paths: list[Path] = []
        for path in given:
            if error := unusable(path):
                self._fail(error)
            else:
                paths.append(Path(path))
        for project in projects(paths):
            if (settings := self._settings(project)) is not None:
                yield project, settings

    def _settings(self, project: SelectedProject) -> Settings | None:
        """The settings of a project; None, and said so, where they are wrong."""
        config = Path(self.options.config) if self.options.config else None
        try:
            return load(project.root, config=config, isolated=self.options.isolated)[0]
        except SettingsError as error:
            self._fail(str(error))
            return None

    def _add(self, project: SelectedProject, settings: Settings) -> None:
        wanted = None if project.is_whole else project.selected(discover(project.root, settings))
        with progress(wanted=not self.options.quiet) as show:
            cache = None if self.options.no_cache else cache_folder(project.root, self.options.cache_dir)
            means = engine.RunResources(cache, self.options.jobs or processors())
            found = engine.forecast(project.root, wanted or (), settings, progress=show, means=means)
        for problem in found.problems:
            where = f"{filename(project.root / problem.path)}: " if problem.path else ""
            self._fail(where + problem.message)

        def position(span: Span) -> tuple[str, int]:
            row, _ = found.texts.section(span.path, span.start).position(span.start)
            return filename(project.root / span.path), row

        self.read += found.files_read
        self.runs += [
            ShownRun(one, position, lambda name: filename(project.root / name))
            for one in found.runs
            if wanted is None or not wanted.isdisjoint(_files(one))
        ]


def _files(run: PredictedRun) -> Iterator[str]:
    """The files that open a run or log to it."""
    if run.site is not None:
        yield run.site.path
    yield from (way.entry.path for way in run.openings if way.entry is not None)
    yield from (span.path for chart in run.charts for span in chart.logged)
