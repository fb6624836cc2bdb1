"""`--add-ignore`: writes suppressions for the findings of a run into the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wandblint.cli.workflows.projects import filename
from wandblint.infra.words import pluralize
from wandblint.reports.location import place
from wandblint.sources.writing import UnwritableError, replace_text
from wandblint.suppression.insertion import with_ignore

if TYPE_CHECKING:
    from wandblint.app.project import Project
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.findings.finding import Finding


def add_ignores(run: CheckRun, findings: Iterable[Finding], project: Project) -> list[Finding]:
    """Suppresses findings in their files. Returns and reports those that cannot be suppressed."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.span.path].append(finding)
    remaining: list[Finding] = []
    for name, in_file in by_file.items():
        shown_name = filename(project.root / name)
        old = project.text(name)
        new, unsuppressed = _suppress(old, in_file, project, run.options.add_ignore or "")
        for finding in unsuppressed:
            where = place(finding.span, project.texts, lambda name: filename(project.root / name))
            run.fail(f"{where}: {finding.code} is not suppressed: its statement has no room for a comment")
        try:
            if new != old:
                replace_text(project.root, name, old, new)
        except UnwritableError as error:
            run.fail(f"{shown_name}: cannot write the suppression: {error}")
            unsuppressed = in_file
        remaining += unsuppressed
    suppressed = sum(map(len, by_file.values())) - len(remaining)
    run.note(f"{pluralize(suppressed, 'finding')} suppressed")
    return remaining


def _suppress(
    text: str, findings: Iterable[Finding], project: Project, reason: str
) -> tuple[str, list[Finding]]:
    """Adds suppressions to the text of a file. Returns it, and the findings whose statements have no room."""
    by_rows: dict[range, list[Finding]] = {}
    for finding in findings:
        rows = project.statements(finding.span.path).rows(finding.span.start)
        by_rows.setdefault(rows, []).append(finding)
    unsuppressed: list[Finding] = []
    for rows, group in by_rows.items():
        row, _ = project.lines(group[0].span.path).position(group[0].span.start)
        changed = with_ignore(text, rows, row, {finding.code for finding in group}, reason)
        if changed is None:
            unsuppressed += group
        else:
            text = changed
    return text, unsuppressed
