"""What `charts` does: projects in, their runs and charts out."""

from __future__ import annotations

from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, INCOMPLETE
from wandblint.cli.option_values import ChartsOptions
from wandblint.cli.workflows.prediction import Forecasts
from wandblint.reports.predicted import predicted, predicted_summary
from wandblint.reports.predicted_json import predicted_json


def run(options: ChartsOptions) -> int:
    """Shows the charts of what the options name and gives the exit code."""
    found = Forecasts(options)
    found.add(options.paths or (".",))
    style = console.style(options.color)
    if options.output_format == "json":
        console.write([predicted_json(found.runs)], color=False)
    else:
        console.write(predicted(found.runs, style), color=style.color)
        if not options.quiet:
            console.write(predicted_summary(found.runs, found.read, style), color=style.color)
    return CLEAN if found.complete else INCOMPLETE
