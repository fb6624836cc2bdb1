"""Which findings of a project are reported: new, on lines in question, certain enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wandblint.cli.options import CONFIDENCES
from wandblint.cli.workflows.projects import filename
from wandblint.suppression import baseline

if TYPE_CHECKING:
    from wandblint.app.settings import Settings
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.cli.workflows.projects import SelectedProject
    from wandblint.engine import CheckResult
    from wandblint.findings.finding import Finding
    from wandblint.sources.changes import Changes
    from wandblint.sources.text import Texts


def wanted(
    work: CheckRun,
    project: SelectedProject,
    settings: Settings,
    outcome: CheckResult,
    changed: Changes | None,
) -> Iterator[Finding]:
    """The findings that the options ask for; baselines are written on the way."""
    least = CONFIDENCES.index(work.options.min_confidence)
    for finding in _new(work, project, settings, outcome):
        if CONFIDENCES.index(finding.confidence.value) < least:
            continue
        if changed is None or _touched(finding, changed, outcome.texts):
            yield finding
        else:
            work.stats.unchanged += 1


def _touched(finding: Finding, changed: Changes, texts: Texts) -> bool:
    """Whether one of a finding's places is on a changed line: a new call of an old function that logs is what
    makes the mistake, and only a related place of it."""
    for span in (finding.span, *(note.span for note in finding.related)):
        if changed.touch(span.path, *texts.file_rows(span.path, span.start, span.end)):
            return True
    return False


def _new(work: CheckRun, project: SelectedProject, settings: Settings, outcome: CheckResult) -> list[Finding]:
    """The findings that the baseline does not hold; all of them, and said why, where it cannot be used."""
    options = work.options
    file = Path(options.baseline) if options.baseline else project.root / settings.baseline
    is_there = file.exists()
    if options.no_baseline or not (is_there or options.baseline or options.write_baseline):
        return outcome.findings
    found = [(finding, outcome.fingerprints.of(finding)) for finding in outcome.findings]
    try:
        entries = baseline.read(file) if is_there or not options.write_baseline else []
        matched = baseline.match(entries, found, _judge(project, outcome))
        if options.write_baseline:
            now = [baseline.entry(*pair) for pair in found]
            baseline.write(file, [*now, *matched.unjudged])
        elif options.update_baseline:
            baseline.write(file, [*matched.known, *matched.unjudged])
    except baseline.BaselineError as error:
        work.fail(f"{filename(file)}: {error}")
        return outcome.findings
    _tell(work, filename(file), matched)
    work.stats.known += len(found) if options.write_baseline else len(matched.known)
    return [] if options.write_baseline else matched.new


def _judge(project: SelectedProject, outcome: CheckResult) -> Callable[[baseline.BaselineEntry], bool]:
    """Whether the finding of an entry would have been found if it were still there."""
    names = frozenset(outcome.names)
    return lambda entry: (
        not outcome.problems
        and entry.code in outcome.files_judged
        and (project.is_whole or entry.path in names)
    )


def _tell(work: CheckRun, file: str, matched: baseline.Matched) -> None:
    """What has become of a baseline."""
    gone = len(matched.gone)
    if work.options.write_baseline:
        held = len(matched.known) + len(matched.new)
        work.note(f"{file}: contains {held} finding{'s' * (held != 1)} of this run")
    elif gone:
        what = "1 entry no longer matches" if gone == 1 else f"{gone} entries no longer match"
        advice = "run --update-baseline to remove stale entries"
        done = "removed" if work.options.update_baseline else advice
        work.note(f"{file}: {what} a finding; {done}")
