"""The dashboard before the run, for programs. Its fields are a promise: they are added to, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from wandblint.dashboard.charts import PredictedChart
from wandblint.dashboard.prediction import PredictedOpening
from wandblint.reports.predicted import ShownRun
from wandblint.semantics.sections import section
from wandblint.span import Span


def predicted_json(runs: Sequence[ShownRun]) -> str:
    """The runs with their charts as one object; ASCII only."""
    return json.dumps({"runs": [_run(shown) for shown in runs]}, indent=2)


def _run(shown: ShownRun) -> dict[str, object]:
    run = shown.run
    return {
        "opened": None if run.site is None else place_of(shown, run.site),
        "openings": [_opening(shown, way) for way in run.openings],
        "may_be": places_of(shown, run.may_be),
        "may_log_more": run.may_log_more,
        "open_calls": places_of(shown, run.open_calls),
        "unseen_from": places_of(shown, run.unseen),
        "unread_files": [shown.filename(name) for name in run.unread],
        "charts": [_chart(shown, chart) for chart in run.charts],
    }


def _opening(shown: ShownRun, way: PredictedOpening) -> dict[str, object]:
    entry = way.entry
    return {
        "filename": None if entry is None else shown.filename(entry.path),
        "function": (entry.name or None) if entry is not None else None,
        "calls": places_of(shown, way.path),
    }


def _chart(shown: ShownRun, chart: PredictedChart) -> dict[str, object]:
    key = str(chart.key)
    return {
        "key": key,
        "is_template": chart.key.literal is None,
        "section": section(key) or None,
        "kind": chart.kind.value,
        "verdict": chart.verdict.value,
        "axis": None if chart.axis is None else str(chart.axis),
        "certain": chart.is_sure,
        "logged": places_of(shown, chart.logged),
        "defined": None if chart.defined is None else place_of(shown, chart.defined),
    }


def places_of(shown: ShownRun, spans: Iterable[Span]) -> list[dict[str, object]]:
    """Several places."""
    return [place_of(shown, span) for span in spans]


def place_of(shown: ShownRun, span: Span) -> dict[str, object]:
    """A place, as all of these reports write it."""
    filename, row = shown.position(span)
    return {"filename": filename, "row": row}
