"""`--add-ignore`: suppressions for the findings of a run, written into the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wandblint.cli.workflows.projects import filename
from wandblint.sources.writing import UnwritableError, replace_text
from wandblint.suppression.insertion import with_ignore

if TYPE_CHECKING:
    from wandblint.app.project import Project
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.findings.finding import Finding


def add_ignores(work: CheckRun, findings: Iterable[Finding], project: Project) -> list[Finding]:
    """Suppresses the findings in their files; those that could not be are returned, and why is said."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.span.path].append(finding)
    left: list[Finding] = []
    for name, found in by_file.items():
        shown = filename(project.root / name)
        old = project.text(name)
        new, missed = _with_ignores(old, found, project, work.options.add_ignore or "")
        for finding in missed:
            section = project.texts.section(name, finding.span.start)
            row, _ = section.position(finding.span.start)
            where = f"{shown}:{'' if section.cell is None else f'cell {section.cell}:'}{row}"
            work.fail(f"{where}: {finding.code} is not suppressed: its statement has no room for a comment")
        try:
            if new != old:
                replace_text(project.root / name, old, new)
        except UnwritableError as error:
            work.fail(f"{shown}: cannot write the suppression: {error}")
            missed = found
        left += missed
    done = sum(map(len, by_file.values())) - len(left)
    work.note(f"{done} finding{'s' * (done != 1)} suppressed")
    return left


def _with_ignores(
    text: str, found: Iterable[Finding], project: Project, reason: str
) -> tuple[str, list[Finding]]:
    """The text of a file with suppressions, and the findings whose statements can hold none."""
    groups: dict[range, list[Finding]] = {}
    for finding in found:
        rows = project.statements(finding.span.path).rows(finding.span.start)
        groups.setdefault(rows, []).append(finding)
    missed: list[Finding] = []
    for rows, group in groups.items():
        row, _ = project.lines(group[0].span.path).position(group[0].span.start)
        changed = with_ignore(text, rows, row, {finding.code for finding in group}, reason)
        if changed is None:
            missed += group
        else:
            text = changed
    return text, missed
