"""Selects the findings to report: not in the baseline, confident enough, on changed lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wandblint.cli.options import CONFIDENCES
from wandblint.cli.workflows.projects import filename
from wandblint.infra.words import pluralize
from wandblint.suppression import baseline

if TYPE_CHECKING:
    from wandblint.app.settings import Settings
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.cli.workflows.projects import SelectedProject
    from wandblint.engine import CheckResult
    from wandblint.findings.finding import Finding
    from wandblint.sources.changes import ChangedLines
    from wandblint.sources.text import Texts


def select_findings(
    run: CheckRun,
    project: SelectedProject,
    settings: Settings,
    result: CheckResult,
    changed: ChangedLines | None,
) -> Iterator[Finding]:
    """The findings that the options select. Also writes the baseline, if the options request that."""
    least = CONFIDENCES.index(run.options.min_confidence)
    for finding in _not_in_baseline(run, project, settings, result):
        if CONFIDENCES.index(finding.confidence.value) < least:
            continue
        if changed is None or _is_changed(finding, changed, result.texts):
            yield finding
        else:
            run.stats.unchanged += 1


def _is_changed(finding: Finding, changed: ChangedLines, texts: Texts) -> bool:
    """Whether the finding or a related location is on a changed line.

    A new call of an old function can cause a finding in the function; then only a related location is new.
    """
    spans = (finding.span, *(note.span for note in finding.related))
    return any(changed.touch(span.path, *texts.file_rows(span.path, span.start, span.end)) for span in spans)


def _not_in_baseline(
    run: CheckRun, project: SelectedProject, settings: Settings, result: CheckResult
) -> list[Finding]:
    """The findings that are not in the baseline; all, after reporting the error, if it is unusable."""
    options = run.options
    file = Path(options.baseline) if options.baseline else project.root / settings.baseline
    exists = file.exists()
    if options.no_baseline or not (exists or options.baseline or options.write_baseline):
        return result.findings
    findings = [(finding, result.fingerprints.of(finding)) for finding in result.findings]
    try:
        entries = baseline.read(file) if exists or not options.write_baseline else []
        match = baseline.match(entries, findings, _is_checked(project, result))
        if options.write_baseline:
            present = [baseline.entry(*pair) for pair in findings]
            baseline.write(file, [*present, *match.unchecked])
        elif options.update_baseline:
            baseline.write(file, [*match.known, *match.unchecked])
    except baseline.BaselineError as error:
        run.fail(f"{filename(file)}: {error}")
        return result.findings
    _report_baseline(run, filename(file), match)
    run.stats.known += len(findings) if options.write_baseline else len(match.known)
    return [] if options.write_baseline else match.new


def _is_checked(project: SelectedProject, result: CheckResult) -> Callable[[baseline.BaselineEntry], bool]:
    """A predicate: whether this run would have found the finding of a baseline entry if it still existed."""
    names = frozenset(result.names)
    return lambda entry: (
        not result.problems
        and entry.code in result.checked_codes
        and (project.is_whole or entry.path in names)
    )


def _report_baseline(run: CheckRun, file: str, match: baseline.BaselineMatch) -> None:
    """Reports what was written to the baseline, or its stale entries."""
    stale = len(match.stale)
    if run.options.write_baseline:
        run.note(f"{file}: contains {pluralize(len(match.known) + len(match.new), 'finding')} of this run")
    elif stale:
        entries = "1 entry no longer matches" if stale == 1 else f"{stale} entries no longer match"
        advice = "run --update-baseline to remove stale entries"
        action = "removed" if run.options.update_baseline else advice
        run.note(f"{file}: {entries} a finding; {action}")
