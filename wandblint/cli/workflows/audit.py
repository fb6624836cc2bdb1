"""The workflow of `audit`: reads logs, applies the rules about records, compares them with a prediction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.app.registry import PackError, UnknownRuleError
from wandblint.app.selection import enabled_rules
from wandblint.app.settings import Settings, without_missing_rules
from wandblint.app.settings_errors import SettingsError
from wandblint.audit.checking import check_record
from wandblint.audit.inspecting import NoReaderError
from wandblint.audit.log_folders import NoLogsError
from wandblint.audit.reading import read
from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE
from wandblint.cli.option_values import AuditOptions
from wandblint.cli.workflows.configuration import load_settings
from wandblint.dashboard.record import Record
from wandblint.findings.finding import Finding
from wandblint.reports.dashboard.comparison import comparison_concise, comparison_object, comparison_report
from wandblint.reports.dashboard.record import record_concise, record_report, record_summary
from wandblint.reports.dashboard.record_json import record_json
from wandblint.reports.style import Style

if TYPE_CHECKING:
    from wandblint.cli.workflows.prediction import Predictions
    from wandblint.dashboard.contract import Comparison

EXPECTED_RUNS = "unexpected-runs"
"""The rule whose option `--expect-runs` sets."""


class _CodeComparison(msgspec.Struct, frozen=True):
    """The comparison that `--against` requests, and the predictions that it uses."""

    predictions: Predictions
    result: Comparison


def run_audit(options: AuditOptions) -> int:
    """Reads logs, prints the report and returns the exit code."""
    try:
        settings = _settings(options)
        for problem in settings.problems:
            console.fail(problem, options.color)
        rules = enabled_rules(settings)
        record = read(Path(options.path))
    except (NoLogsError, NoReaderError, PackError, SettingsError, UnknownRuleError) as error:
        console.fail(str(error), options.color)
        return INCOMPLETE
    findings = check_record(record, rules, settings)
    comparison = _compare(options, record) if options.against else None
    complete = all(run.is_complete for run in record.runs)
    style = console.style(options.color)
    console.write(_report(options, record, findings, comparison, style, complete=complete), color=style.color)
    if options.output_format != "text":
        _report_damage(record, options)
    if not complete or settings.problems or (comparison is not None and not comparison.predictions.complete):
        return INCOMPLETE
    differs = comparison is not None and comparison.result.differences > 0
    return FINDINGS if (findings or differs) and not options.exit_zero else CLEAN


def _compare(options: AuditOptions, record: Record) -> _CodeComparison:
    from wandblint.cli.workflows.prediction import Predictions  # noqa: PLC0415 (the linter)
    from wandblint.dashboard.contract import compare  # noqa: PLC0415

    predictions = Predictions(options)
    predictions.add(options.against)
    return _CodeComparison(predictions, compare(record, [shown.run for shown in predictions.runs]))


def _settings(options: AuditOptions) -> Settings:
    """The project's settings without their selection, which is for linting and may exclude all rules here."""
    settings, _ = load_settings(Path.cwd(), options.config, isolated=options.isolated, plugins=options.plugin)
    rules = dict(settings.rules)
    if options.expect_runs is not None:
        rules[EXPECTED_RUNS] = {**rules.get(EXPECTED_RUNS, {}), "expected": options.expect_runs}
    ignore = options.ignore if options.select else (*settings.ignore, *options.ignore)
    settings = msgspec.structs.replace(
        settings, select=list(options.select), extend_select=[], ignore=list(ignore), rules=rules
    )
    return without_missing_rules(settings, lambda key: f"--{key}")


def _report(
    options: AuditOptions,
    record: Record,
    findings: list[Finding],
    comparison: _CodeComparison | None,
    style: Style,
    *,
    complete: bool,
) -> Iterator[str]:
    result = None if comparison is None else comparison.result
    runs = [] if comparison is None else comparison.predictions.runs
    if options.output_format == "json":
        yield record_json(record, findings, None if result is None else comparison_object(result, runs))
    elif options.output_format == "concise":
        yield from record_concise(findings)
        if result is not None:
            yield from comparison_concise(result, runs)
    else:
        yield from record_report(record, findings, style)
        if result is not None:
            yield from comparison_report(result, runs, style)
        if not options.quiet:
            differences = 0 if result is None else result.differences
            yield record_summary(record, findings, style, complete=complete, differences=differences)


def _report_damage(record: Record, options: AuditOptions) -> None:
    """Reports damaged logs on standard error; the text report contains them."""
    for _, log in record.logs():
        for damage in log.damage:
            console.fail(f"{log.path}: {damage}", options.color)
