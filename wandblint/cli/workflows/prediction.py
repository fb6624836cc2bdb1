"""Predicts the runs of the named files and folders, for `charts` and `audit --against`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from wandblint import engine
from wandblint.app.settings import Settings
from wandblint.app.settings_errors import SettingsError
from wandblint.cli import console
from wandblint.cli.option_values import PredictionOptions
from wandblint.cli.progress import progress
from wandblint.cli.workflows.configuration import load_settings
from wandblint.cli.workflows.projects import (
    SelectedProject,
    cache_of,
    filename,
    problem_text,
    projects,
    unusable,
)
from wandblint.dashboard.prediction import PredictedRun
from wandblint.infra.processes import processors
from wandblint.reports.dashboard.prediction import ShownRun
from wandblint.reports.location import Place, place
from wandblint.sources.discovery import discover
from wandblint.span import Span


class Predictions(msgspec.Struct):
    """The runs that are predicted so far; incomplete once something has failed."""

    options: PredictionOptions
    runs: list[ShownRun] = msgspec.field(default_factory=list)
    files_read: int = 0
    complete: bool = True

    def add(self, paths: tuple[str, ...]) -> None:
        """Adds the runs that the code at these paths opens or logs to; reads the whole projects around it."""
        usable: list[Path] = []
        for path in paths:
            if error := unusable(path):
                self._fail(error)
            else:
                usable.append(Path(path))
        for project in projects(usable):
            try:
                settings, _ = load_settings(project.root, self.options.config, isolated=self.options.isolated)
            except SettingsError as error:
                self._fail(str(error))
                continue
            self._add(project, settings)

    def _fail(self, message: str) -> None:
        """Reports an error and continues."""
        self.complete = False
        console.fail(message, self.options.color)

    def _add(self, project: SelectedProject, settings: Settings) -> None:
        selected = None if project.is_whole else project.selected(discover(project.root, settings))
        with progress(wanted=not self.options.quiet) as show:
            cache = cache_of(project.root, self.options)
            resources = engine.RunResources(cache, self.options.jobs or processors(), show)
            forecast = engine.forecast(project.root, selected or (), settings, resources=resources)
        for problem in forecast.problems:
            self._fail(problem_text(project.root, problem))

        def shown_name(name: str) -> str:
            return filename(project.root / name)

        def shown_place(span: Span) -> Place:
            return place(span, forecast.texts, shown_name)

        self.files_read += forecast.files_read
        self.runs += [
            ShownRun(run, shown_place, shown_name)
            for run in forecast.runs
            if selected is None or not selected.isdisjoint(_files(run))
        ]


def _files(run: PredictedRun) -> Iterator[str]:
    """The files that open a run or log to it."""
    if run.site is not None:
        yield run.site.path
    yield from (opening.entry.path for opening in run.openings if opening.entry is not None)
    yield from (span.path for chart in run.charts for span in chart.logged)
