"""The workflow of `charts`: predicts the runs of projects and shows their charts."""

from __future__ import annotations

from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, INCOMPLETE
from wandblint.cli.option_values import ChartsOptions
from wandblint.cli.workflows.prediction import Predictions
from wandblint.reports.dashboard.prediction import prediction_report, prediction_summary
from wandblint.reports.dashboard.prediction_json import prediction_json


def run_charts(options: ChartsOptions) -> int:
    """Predicts runs, prints the report and returns the exit code."""
    predictions = Predictions(options)
    predictions.add(options.paths or (".",))
    style = console.style(options.color)
    if options.output_format == "json":
        console.write([prediction_json(predictions.runs)], color=False)
    else:
        console.write(prediction_report(predictions.runs, style), color=style.color)
        if not options.quiet:
            summary = prediction_summary(predictions.runs, predictions.files_read, style)
            console.write(summary, color=style.color)
    return CLEAN if predictions.complete else INCOMPLETE
