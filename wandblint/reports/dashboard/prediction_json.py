"""The predicted dashboard, for programs. Its fields are stable: new ones may appear, others never change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from wandblint.dashboard.charts import PredictedChart
from wandblint.dashboard.details import SETTINGS, PredictedKey, RunDetails
from wandblint.dashboard.prediction import PredictedOpening
from wandblint.model.questions.processes import OpeningProcesses
from wandblint.reports.dashboard.prediction import ShownRun
from wandblint.semantics.sections import section
from wandblint.span import Span


def prediction_json(runs: Sequence[ShownRun]) -> str:
    """The runs with their charts as one object; ASCII only."""
    return json.dumps({"runs": [_run(shown) for shown in runs]}, indent=2)


def _run(shown: ShownRun) -> dict[str, object]:
    run = shown.run
    return {
        "opened": None if run.site is None else location_object(shown, run.site),
        "front_end": run.front_end or None,
        "openings": [_opening(shown, opening) for opening in run.openings],
        "may_be": location_objects(shown, run.may_be),
        "may_log_more": run.may_log_more,
        "open_calls": location_objects(shown, run.open_calls),
        "unseen_from": location_objects(shown, run.unseen),
        "unread_files": [shown.filename(name) for name in run.unread],
        "refused": location_objects(shown, run.refused),
        "too_early": location_objects(shown, run.too_early),
        "processes": _processes(shown, run.details.processes),
        **_details(shown, run.details),
        "charts": [_chart(shown, chart) for chart in run.charts],
    }


def _processes(shown: ShownRun, found: OpeningProcesses | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "which": found.which.value,
        "check": found.check or None,
        "holds": found.holds,
        "at": None if found.span is None else location_object(shown, found.span),
    }


def _details(shown: ShownRun, found: RunDetails) -> dict[str, object]:
    given = {setting.setting: list(setting.values) for setting in found.settings}
    return {
        **{setting: given.get(setting) for setting in SETTINGS},
        "config": [_key(shown, key) for key in found.config],
        "summary": [_key(shown, key) for key in found.summary],
        "artifacts": [
            {
                "name": artifact.name or None,
                "type": artifact.type or None,
                "logged": location_objects(shown, artifact.logged),
            }
            for artifact in found.artifacts
        ],
    }


def _key(shown: ShownRun, key: PredictedKey) -> dict[str, object]:
    return {
        "key": key.key,
        "is_template": key.is_template,
        "certain": key.is_sure,
        "written": location_objects(shown, key.written),
    }


def _opening(shown: ShownRun, opening: PredictedOpening) -> dict[str, object]:
    entry = opening.entry
    return {
        "filename": None if entry is None else shown.filename(entry.path),
        "function": (entry.name or None) if entry is not None else None,
        "calls": location_objects(shown, opening.path),
    }


def _chart(shown: ShownRun, chart: PredictedChart) -> dict[str, object]:
    key = str(chart.key)
    return {
        "key": key,
        "is_template": chart.key.literal is None,
        "section": section(key) or None,
        "kind": chart.kind.value,
        "made_by": chart.made_by or None,
        "verdict": chart.verdict.value,
        "axis": None if chart.axis is None else str(chart.axis),
        "certain": chart.is_sure,
        "logged": location_objects(shown, chart.logged),
        "defined": None if chart.defined is None else location_object(shown, chart.defined),
    }


def location_objects(shown: ShownRun, spans: Iterable[Span]) -> list[dict[str, object]]:
    """The locations of spans, as objects."""
    return [location_object(shown, span) for span in spans]


def location_object(shown: ShownRun, span: Span) -> dict[str, object]:
    """The location of a span, as all of these reports write it."""
    place = shown.place(span)
    return {"filename": place.filename, "cell": place.cell, "row": place.row, "column": place.column}
