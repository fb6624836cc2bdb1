"""The workflow of `check`: lints projects, fixes and filters their findings, and writes the reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wandblint import engine
from wandblint.app.registry import PackError
from wandblint.app.settings import Settings
from wandblint.app.settings_errors import SettingsError
from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE
from wandblint.cli.option_values import FOR_PEOPLE, STDIN, CheckOptions
from wandblint.cli.progress import progress
from wandblint.cli.workflows.add_ignores import add_ignores
from wandblint.cli.workflows.check_run import CheckRun
from wandblint.cli.workflows.filtering import select_findings
from wandblint.cli.workflows.fix import FixResolver, Permission, fix_project, list_fixes
from wandblint.cli.workflows.projects import (
    SelectedProject,
    cache_of,
    filename,
    problem_text,
    projects,
    unusable,
)
from wandblint.cli.workflows.report import report
from wandblint.cli.workflows.show_settings import effective, requirement_lines, settings_lines
from wandblint.infra.processes import processors
from wandblint.infra.words import pluralize
from wandblint.reports.display import quoted
from wandblint.reports.location import locate
from wandblint.reports.summary import RunStats
from wandblint.sources.changes import ChangesError, changed_lines
from wandblint.sources.decoding import Undecodable, decode
from wandblint.sources.discovery import discover, is_excluded
from wandblint.sources.requirement import wandb_requirement

if TYPE_CHECKING:
    from wandblint.dashboard.statistics import Reach
    from wandblint.findings.finding import Finding


def run_check(options: CheckOptions) -> int:
    """Lints files and folders, prints the report and returns the exit code."""
    run = CheckRun(options)
    style = console.style(options.color)
    if options.show_settings or options.show_files:
        console.write(_settings_and_files(run), color=style.color)
        return CLEAN if run.complete else INCOMPLETE
    selected = list(_projects(run))
    if options.explain_silence is not None:
        from wandblint.cli.workflows.explain_silence import explain  # noqa: PLC0415 (few runs explain)

        explain(
            run,
            [
                (project, settings, reported_files(run, project, settings))
                for project, settings, _ in selected
            ],
        )
        return CLEAN if run.complete else INCOMPLETE
    if options.baseline and len(selected) > 1:
        run.fail(
            f"--baseline {options.baseline}: a baseline belongs to one project, but {len(selected)} are named"
        )
        return INCOMPLETE
    for project, settings, _ in selected:
        _lint(run, project, settings)
    if options.diff:
        console.write_diffs(run.diffs)
        if not run.diffs:
            run.note("nothing to fix")
        if not run.complete:
            return INCOMPLETE
        return FINDINGS if run.diffs and not options.exit_zero else CLEAN
    if run.fixed_stdin is not None:
        console.write_data(run.fixed_stdin)
    elif options.fix_only:
        run.note(f"{pluralize(run.stats.fixed, 'finding')} fixed")
    else:
        report(run, style)
    if options.show_fixes and run.fixed_stdin is None:
        to_stderr = options.output_format not in FOR_PEOPLE
        console.write(list_fixes(run.applied), color=False, to_stderr=to_stderr)
    if not run.complete:
        return INCOMPLETE
    fails = bool(run.findings) and not options.fix_only
    fails |= options.exit_non_zero_on_fix and run.stats.fixed > 0
    return FINDINGS if fails and not options.exit_zero else CLEAN


def _projects(run: CheckRun) -> Iterator[tuple[SelectedProject, Settings, Path | None]]:
    """Yields the projects of the paths, with their effective settings and the file of these."""
    paths: list[Path] = []
    for path in run.options.paths or (".",):
        if path == STDIN:
            paths.append(run.options.stdin_path)
        elif error := unusable(path):
            run.fail(error)
        else:
            paths.append(Path(path))
    for project in projects(paths):
        try:
            settings, file = effective(project, run.options)
        except SettingsError as error:
            run.fail(str(error))
            continue
        for problem in settings.problems:
            run.fail(problem)
        if run.options.verbose:
            requirement = wandb_requirement(project.root, settings.wandb_version)
            run.note(f"project {_origin(project, file)}; wandb: {requirement}")
        run.projects += 1
        yield project, settings, file


def _lint(run: CheckRun, project: SelectedProject, settings: Settings) -> None:
    """Lints a project and adds the results to the run."""
    stdin: dict[str, str] = {}
    if run.options.reads_stdin:
        path = run.options.stdin_path
        try:
            run.stdin = sys.stdin.buffer.read()
            stdin = {project.name(path): decode(run.stdin, path.name)}
        except Undecodable as error:
            run.fail(f"{filename(run.options.stdin_path)}: cannot be read: {error}")
            return
    try:
        changed = None if (base := run.options.diff_base) is None else changed_lines(project.root, base)
    except ChangesError as error:
        run.fail(f"--diff-base {base}: {error}")
        return
    reported = reported_files(run, project, settings)
    cache = cache_of(project.root, run.options)

    def check(overrides: Mapping[str, str]) -> engine.CheckResult:
        with progress(wanted=not run.options.quiet) as show:
            return engine.check(
                project.root,
                reported,
                settings,
                overrides={**stdin, **overrides},
                statistics=run.options.statistics,
                comments=not run.options.ignore_noqa,
                resources=engine.RunResources(cache, run.options.jobs or processors(), show),
            )

    def select(result: engine.CheckResult) -> list[Finding]:
        # Between rounds of fixes nothing is counted or printed: the final result is.
        scratch = CheckRun(replace(run.options, quiet=True))
        return list(select_findings(scratch, project, settings, result, changed))

    try:
        result = check({})
    except PackError as error:
        run.fail(str(error))
        return
    if run.options.fixes:
        result = fix_project(run, settings, result, check, select)
    run.checked |= {
        rule.code: (rule, settings) for rule in engine.enabled_rules(settings) if rule.audit is None
    }
    _report_problems(run, project, result)
    permission = Permission(run, settings)
    resolver = FixResolver(result.project)
    findings = list(select_findings(run, project, settings, result, changed))
    if run.options.add_ignore is not None:
        findings = add_ignores(run, findings, result.project)
    known = {
        (str(located.location), located.finding.code, located.finding.message) for located in run.findings
    }
    for finding in findings:
        located = locate(
            finding,
            result.texts,
            lambda name: filename(project.root / name),
            result.fingerprints.of(finding) if run.options.identifies else "",
            resolver.resolve(finding, permission),
        )
        # If a project and another one inside it are named, both contain the finding.
        if (str(located.location), finding.code, finding.message) not in known:
            run.findings.append(located)
    result.project.close()
    if result.reach is not None:
        _add_reach(run.stats, result.reach)
    if run.options.verbose:
        mentioning = sum(map(result.project.mentions_wandb, result.project.names))
        files = f"{mentioning} of {pluralize(len(result.project.names), 'file')} mention wandb"
        where = f"cache in {filename(cache)}" if cache else "no cache"
        run.note(f"project {filename(project.root)}: {files}, {result.files_read} read; {where}")
    run.stats.suppressed += result.suppressed
    run.stats.checked += result.files_checked
    run.stats.read += result.files_read


def _origin(project: SelectedProject, file: Path | None) -> str:
    """A project, and the file of its settings."""
    origin = f"settings of {quoted(filename(file))}" if file else "no settings file"
    return f"{quoted(filename(project.root))}, {origin}"


def _report_problems(run: CheckRun, project: SelectedProject, result: engine.CheckResult) -> None:
    for problem in result.problems:
        run.fail(problem_text(project.root, problem))
    if newer := result.newer_syntax:
        run.note(problem_text(project.root, newer))


def reported_files(run: CheckRun, project: SelectedProject, settings: Settings) -> set[str] | None:
    """The files whose findings are reported; None if the project is named as a whole."""
    return None if project.is_whole else _reported(run, project, settings)


def _reported(run: CheckRun, project: SelectedProject, settings: Settings) -> set[str]:
    named = project.selected(discover(project.root, settings))
    if run.options.force_exclude:
        return {name for name in named if not is_excluded(name, settings)}
    return named


def _add_reach(stats: RunStats, reach: Reach) -> None:
    """Adds the statistics of a project's log calls."""
    from wandblint.dashboard.statistics import Known  # noqa: PLC0415 (the analysis, which few runs need here)

    stats.log_calls += len(reach.log_calls)
    stats.all_known += reach.count(Known.ALL)
    stats.some_known += reach.count(Known.ALL, Known.SOME)
    stats.unreached += reach.count(Known.UNREACHED)
    stats.entries_cut_off += reach.entries_cut_off
    stats.calls_cut_off += reach.calls_cut_off
    stats.calls += reach.calls


def _settings_and_files(run: CheckRun) -> Iterator[str]:
    """Yields the output of `--show-settings` and `--show-files`."""
    for project, settings, file in _projects(run):
        if run.options.show_settings:
            yield f"# project {_origin(project, file)}"
            yield from requirement_lines(project.root, settings)
            yield from settings_lines(settings)
        if run.options.show_files:
            if project.is_whole:
                names = discover(project.root, settings)
            else:
                names = sorted(_reported(run, project, settings))
            yield from (quoted(filename(project.root / name)) for name in names)
