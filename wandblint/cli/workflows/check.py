"""What `check` does: projects in, a report and an exit code out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wandblint import engine
from wandblint.app.registry import PackError
from wandblint.app.settings import Settings, SettingsError
from wandblint.cli import console
from wandblint.cli.option_values import FOR_PEOPLE, STDIN, Options
from wandblint.cli.progress import progress
from wandblint.cli.workflows.add_ignores import add_ignores
from wandblint.cli.workflows.check_run import CheckRun
from wandblint.cli.workflows.filtering import wanted
from wandblint.cli.workflows.fix import Permission, ResolveFixes, fix_project, shown_fixes
from wandblint.cli.workflows.projects import SelectedProject, filename, projects, unusable
from wandblint.cli.workflows.report import report
from wandblint.cli.workflows.show_settings import effective, settings_lines
from wandblint.infra.cache import cache_folder
from wandblint.infra.processes import processors
from wandblint.reports.location import locate
from wandblint.reports.summary import RunStats
from wandblint.sources.changes import ChangesError, changes
from wandblint.sources.decoding import Undecodable, decode
from wandblint.sources.discovery import discover, is_excluded

if TYPE_CHECKING:
    from wandblint.dashboard.statistics import Reach
    from wandblint.findings.finding import Finding

from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE


def run(options: Options) -> int:
    """Lints what the options name, reports it and gives the exit code."""
    work = CheckRun(options)
    style = console.style(options.color)
    if options.show_settings or options.show_files:
        console.write(_shown(work), color=style.color)
        return CLEAN if work.complete else INCOMPLETE
    found = list(_projects(work))
    if options.baseline and len(found) > 1:
        work.fail(
            f"--baseline {options.baseline}: a baseline belongs to one project, but {len(found)} are named"
        )
        return INCOMPLETE
    for project, settings, _ in found:
        _lint(work, project, settings)
    if options.diff:
        console.write(work.diffs, color=False)
        if not work.complete:
            return INCOMPLETE
        return FINDINGS if work.diffs and not options.exit_zero else CLEAN
    if work.fixed_stdin is not None:
        sys.stdout.buffer.write(work.fixed_stdin)
    elif options.fix_only:
        work.note(f"{work.stats.fixed} finding{'s' * (work.stats.fixed != 1)} fixed")
    else:
        report(work, style)
    if options.show_fixes and work.fixed_stdin is None:
        aside = options.output_format not in FOR_PEOPLE
        console.write(shown_fixes(work.applied), color=False, aside=aside)
    if not work.complete:
        return INCOMPLETE
    if options.fix_only:
        return CLEAN
    return FINDINGS if work.findings and not options.exit_zero else CLEAN


def _projects(work: CheckRun) -> Iterator[tuple[SelectedProject, Settings, Path | None]]:
    """The projects that the paths belong to, with the settings in force."""
    paths: list[Path] = []
    for given in work.options.paths or (".",):
        if given == STDIN:
            paths.append(work.options.stdin_path)
        elif error := unusable(given):
            work.fail(error)
        else:
            paths.append(Path(given))
    for project in projects(paths):
        if (loaded := _settings(work, project)) is not None:
            work.projects += 1
            yield project, *loaded


def _settings(work: CheckRun, project: SelectedProject) -> tuple[Settings, Path | None] | None:
    """The settings in force and their file; None, and said so, where they are wrong."""
    try:
        return effective(project, work.options)
    except SettingsError as error:
        work.fail(str(error))
        return None


def _lint(work: CheckRun, project: SelectedProject, settings: Settings) -> None:
    """The findings of one project are added to those of the others."""
    given: dict[str, str] = {}
    if work.options.reads_stdin:
        path = work.options.stdin_path
        try:
            work.stdin = sys.stdin.buffer.read()
            given = {project.name(path): decode(work.stdin, path.name)}
        except Undecodable as error:
            work.fail(f"{filename(work.options.stdin_path)}: cannot be read: {error}")
            return
    try:
        changed = None if (base := work.options.diff_base) is None else changes(project.root, base)
    except ChangesError as error:
        work.fail(f"--diff-base {base}: {error}")
        return
    reported = None if project.is_whole else _reported(work, project, settings)
    cache = None if work.options.no_cache else cache_folder(project.root, work.options.cache_dir)

    def check(others: Mapping[str, str]) -> engine.CheckResult:
        with progress(wanted=not work.options.quiet) as show:
            return engine.check(
                project.root,
                reported,
                settings,
                given={**given, **others},
                progress=show,
                statistics=work.options.statistics,
                means=engine.RunResources(cache, work.options.jobs or processors()),
            )

    def select(outcome: engine.CheckResult) -> list[Finding]:
        # What is hidden is counted when all is done.
        quietly = CheckRun(replace(work.options, quiet=True))
        return list(wanted(quietly, project, settings, outcome, changed))

    try:
        outcome = check({})
    except PackError as error:
        work.fail(str(error))
        return
    if work.options.fixes:
        outcome = fix_project(work, settings, outcome, check, select)
    work.checked |= {
        rule.code: (rule, settings) for rule in engine.enabled_rules(settings) if rule.audit is None
    }
    _tell_problems(work, project, outcome)
    permission = Permission(work, settings)
    carrier = ResolveFixes(outcome.project)
    findings = list(wanted(work, project, settings, outcome, changed))
    if work.options.add_ignore is not None:
        findings = add_ignores(work, findings, outcome.project)
    known = {(str(located.place), located.finding.code, located.finding.message) for located in work.findings}
    for finding in findings:
        located = locate(
            finding,
            outcome.texts,
            lambda name: filename(project.root / name),
            outcome.fingerprints.of(finding) if work.options.identifies else "",
            carrier.resolved(finding, permission),
        )
        # A project inside another one is linted with both when both are named.
        if (str(located.place), finding.code, finding.message) not in known:
            work.findings.append(located)
    outcome.project.close()
    if outcome.reach is not None:
        _add_reach(work.stats, outcome.reach)
    work.stats.suppressed += outcome.suppressed
    work.stats.checked += outcome.files_checked
    work.stats.read += outcome.files_read


def _tell_problems(work: CheckRun, project: SelectedProject, outcome: engine.CheckResult) -> None:
    for problem in outcome.problems:
        where = f"{filename(project.root / problem.path)}: " if problem.path else ""
        work.fail(where + problem.message)
    if newer := outcome.newer_syntax:
        work.note(f"{filename(project.root / newer.path)}: {newer.message}")


def _reported(work: CheckRun, project: SelectedProject, settings: Settings) -> set[str]:
    """The files whose findings are reported where not all are."""
    named = project.selected(discover(project.root, settings))
    if work.options.force_exclude:
        return {name for name in named if not is_excluded(name, settings)}
    return named


def _add_reach(looked: RunStats, reach: Reach) -> None:
    """How much was seen of one project is added to that of the others."""
    from wandblint.dashboard.statistics import Known  # noqa: PLC0415 (needs linking, which most runs load late)

    looked.log_calls += len(reach.places)
    looked.all_known += reach.count(Known.ALL)
    looked.some_known += reach.count(Known.ALL, Known.SOME)
    looked.unreached += reach.count(Known.UNREACHED)
    looked.entries_given_up += reach.given_up


def _shown(work: CheckRun) -> Iterator[str]:
    """The settings or the files that `--show-settings` and `--show-files` ask for."""
    for project, settings, file in _projects(work):
        if work.options.show_settings:
            origin = f"settings of {filename(file)}" if file else "no settings file"
            yield f"# project {filename(project.root)}, {origin}"
            yield from settings_lines(settings)
        if work.options.show_files:
            shown = (
                discover(project.root, settings)
                if project.is_whole
                else sorted(_reported(work, project, settings))
            )
            yield from (filename(project.root / name) for name in shown)
