"""What `audit` does: logs in, a report and an exit code out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.app.registry import PackError, UnknownRuleError
from wandblint.app.selection import enabled_rules
from wandblint.app.settings import Settings, SettingsError, load
from wandblint.audit.inspecting import NoReaderError
from wandblint.audit.judging import judge
from wandblint.audit.log_folders import NoLogsError
from wandblint.audit.reading import read
from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE
from wandblint.cli.option_values import AuditOptions
from wandblint.dashboard.record import Record
from wandblint.findings.finding import Finding
from wandblint.reports.compared import compared, compared_concise, compared_object
from wandblint.reports.recorded import recorded, recorded_concise, recorded_summary
from wandblint.reports.recorded_json import recorded_json
from wandblint.reports.style import Style

if TYPE_CHECKING:
    from wandblint.cli.workflows.prediction import Forecasts
    from wandblint.dashboard.contract import Comparison

EXPECTED_RUNS = "unexpected-runs"
"""The rule whose option `--expect-runs` sets."""


def run(options: AuditOptions) -> int:
    """Reads the logs that the options name, reports what they hold and gives the exit code."""
    try:
        settings = _settings(options)
        rules = enabled_rules(settings)
        record = read(Path(options.path))
    except (NoLogsError, NoReaderError, PackError, SettingsError, UnknownRuleError) as error:
        console.fail(str(error), options.color)
        return INCOMPLETE
    found = judge(record, rules, settings)
    against = _against(options, record) if options.against else None
    complete = all(recorded_run.is_whole for recorded_run in record.runs)
    style = console.style(options.color)
    console.write(_report(options, record, found, against, style, complete=complete), color=style.color)
    if options.output_format != "text":
        _say_damage(record, options)
    if not complete or (against is not None and not against.forecasts.complete):
        return INCOMPLETE
    differs = against is not None and against.comparison.differences > 0
    return FINDINGS if (found or differs) and not options.exit_zero else CLEAN


class _Against(msgspec.Struct, frozen=True):
    """What `--against` asks for."""

    forecasts: Forecasts
    comparison: Comparison


def _against(options: AuditOptions, record: Record) -> _Against:
    from wandblint.cli.workflows.prediction import Forecasts  # noqa: PLC0415 (audit alone needs no linter)
    from wandblint.dashboard.contract import compare  # noqa: PLC0415

    forecasts = Forecasts(options)
    forecasts.add(options.against)
    return _Against(forecasts, compare(record, [shown.run for shown in forecasts.runs]))


def _settings(options: AuditOptions) -> Settings:
    """The project's settings, but for `select`: it says what is linted, and would leave out the records."""
    config = Path(options.config) if options.config else None
    settings, _ = load(Path.cwd(), config=config, isolated=options.isolated)
    rules = dict(settings.rules)
    if options.expect_runs is not None:
        rules[EXPECTED_RUNS] = {**rules.get(EXPECTED_RUNS, {}), "expected": options.expect_runs}
    ignore = options.ignore if options.select else (*settings.ignore, *options.ignore)
    return msgspec.structs.replace(
        settings, select=list(options.select), extend_select=[], ignore=list(ignore), rules=rules
    )


def _report(
    options: AuditOptions,
    record: Record,
    found: list[Finding],
    against: _Against | None,
    style: Style,
    *,
    complete: bool,
) -> Iterator[str]:
    if options.output_format == "json":
        shown = None if against is None else compared_object(against.comparison, against.forecasts.runs)
        yield recorded_json(record, found, shown)
    elif options.output_format == "concise":
        yield from recorded_concise(found)
        if against is not None:
            yield from compared_concise(against.comparison, against.forecasts.runs)
    else:
        yield from recorded(record, found, style)
        if against is not None:
            yield from compared(against.comparison, against.forecasts.runs, style)
        if not options.quiet:
            differences = 0 if against is None else against.comparison.differences
            yield recorded_summary(record, found, style, complete=complete, differences=differences)


def _say_damage(record: Record, options: AuditOptions) -> None:
    """What the text report says beside the run."""
    for _, log in record.logs():
        for damage in log.damage:
            console.fail(f"{log.path}: {damage}", options.color)
