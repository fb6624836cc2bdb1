"""`--fix` and its kin: fixes carried out, shown, asked for and counted."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from wandblint import registry
from wandblint.cli import console
from wandblint.cli.projects import filename
from wandblint.fix import Applicability, Edit, Fix, Resolved
from wandblint.sources.decoding import decode
from wandblint.sources.writing import UnwritableError, content_with, replace_text

if TYPE_CHECKING:
    from wandblint.cli.linting import Work
    from wandblint.config import Settings
    from wandblint.engine import Outcome
    from wandblint.finding import Finding
    from wandblint.fixing.carrying import Carrier
    from wandblint.fixing.rounds import Applied
    from wandblint.project import Project

Check = Callable[[Mapping[str, str]], "Outcome"]
"""Lints the project with other contents for some files."""
Select = Callable[["Outcome"], list["Finding"]]
"""The findings of an outcome that are reported."""


@dataclass
class _Linted:
    outcome: Outcome
    findings: list[Finding]

    def text(self, path: str) -> str:
        return self.outcome.project.text(path)


class Permission:
    """Which fixes may be carried out: by the settings, the options, and who is asked."""

    def __init__(self, work: Work, settings: Settings) -> None:
        self._unsafe = work.options.unsafe_fixes
        self._fixable = _codes(settings.fixable or [registry.ALL], settings)
        self._fixable -= _codes(settings.unfixable, settings)
        self._safe = _codes(settings.extend_safe_fixes, settings)
        self._not_safe = _codes(settings.extend_unsafe_fixes, settings)

    def applicability(self, finding: Finding) -> Applicability | None:
        """How far the fix of a finding is trusted; None where it has none, or none is wanted."""
        if finding.fix is None or finding.code not in self._fixable:
            return None
        if finding.code in self._not_safe:
            return Applicability.UNSAFE
        return Applicability.SAFE if finding.code in self._safe else finding.fix.applicability

    def is_given(self, finding: Finding) -> bool:
        """Whether the fix of a finding may be carried out without asking."""
        found = self.applicability(finding)
        return found is Applicability.SAFE or (found is Applicability.UNSAFE and self._unsafe)


def _codes(selectors: Sequence[str], settings: Settings) -> set[str]:
    return {rule.code for one in selectors for rule in registry.resolve(one, settings.plugins)}


class Carrying:
    """What the fixes of findings come to, worked out for those that have one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._carrier: Carrier | None = None

    def resolved(self, finding: Finding, permission: Permission) -> Resolved | None:
        """The fix of a finding as edits; None where there is none, or the code is written in another way."""
        applicability = permission.applicability(finding)
        if finding.fix is None or applicability is None:
            return None
        edits = self._project.edits(finding.fix, self._carry)
        return None if edits is None else Resolved(applicability, finding.fix.message, edits)

    def _carry(self, fix: Fix) -> tuple[Edit, ...] | None:
        if self._carrier is None:
            from wandblint.fixing.carrying import Carrier  # noqa: PLC0415 (LibCST, where a fix is new)

            self._carrier = Carrier(self._project.text)
        return self._carrier.edits(fix)


def fix_project(work: Work, settings: Settings, first: Outcome, check: Check, select: Select) -> Outcome:
    """Carries out the fixes of a project's findings and writes the files, or shows what would be written.

    The outcome is that of the files as they then are.
    """
    from wandblint.fixing.rounds import fix_all  # noqa: PLC0415 (LibCST, for those who fix)

    project = first.project
    contents: dict[str, str] = {}

    def again(texts: Mapping[str, str]) -> _Linted:
        contents.update(
            {path: content_with(path, _content(project, path), text) for path, text in texts.items()}
        )
        outcome = check(contents)
        return _Linted(outcome, select(outcome))

    permission = Permission(work, settings)
    asked: dict[tuple[Edit, ...], bool] = {}

    def allows(finding: Finding, fix: Fix, edits: tuple[Edit, ...]) -> bool:
        if not permission.is_given(finding):
            return False
        if work.options.interactive and edits not in asked:
            asked[edits] = _ask(work, project, finding, fix, edits)
        return asked.get(edits, True)

    try:
        fixed, last = fix_all(_Linted(first, select(first)), again, allows)
    except UnwritableError as error:
        work.fail(f"{filename(project.root)}: no fix carried out: {error}")
        return first
    if work.options.diff:
        work.diffs += [_diff(project, path, contents[path]) for path in sorted(fixed.texts)]
        return first
    if work.options.reads_stdin:
        (path,) = project.given
        work.fixed_stdin = contents.get(path, _content(project, path))
        failed = set(fixed.texts) - {path}
    else:
        failed = set(_write(work, project, fixed.texts))
    done = [one for one in fixed.applied if one.finding.span.path not in failed]
    work.looked.fixed += len(done)
    work.applied += [(filename(project.root / one.finding.span.path), one) for one in done]
    assert isinstance(last, _Linted)
    return check({}) if failed else last.outcome


def _content(project: Project, path: str) -> str:
    return decode(project.texts.data(path), path)


def _write(work: Work, project: Project, texts: Mapping[str, str]) -> Iterator[str]:
    """Writes the files; those that could not be written are given, and why is said."""
    for path, text in sorted(texts.items()):
        if error := _error_of(project, path, text):
            work.fail(f"{filename(project.root / path)}: not fixed: {error}")
            yield path


def _error_of(project: Project, path: str, text: str) -> str:
    try:
        replace_text(project.root / path, project.text(path), text)
    except UnwritableError as error:
        return str(error)
    return ""


def _diff(project: Project, path: str, new: str) -> str:
    """A unified diff of a file."""
    name = filename(project.root / path)
    old = _content(project, path).splitlines(keepends=True)
    lines = difflib.unified_diff(old, new.splitlines(keepends=True), f"a/{name}", f"b/{name}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    ).rstrip("\n")


def _ask(work: Work, project: Project, finding: Finding, fix: Fix, edits: tuple[Edit, ...]) -> bool:
    """Shows what a fix would do and asks for it."""
    from wandblint.fixing.rounds import with_edits  # noqa: PLC0415 (as above)

    console.write([f"{finding.code} {finding.message}", f"fix: {fix.message}"], color=False)
    for path in sorted({edit.span.path for edit in edits}):
        old = project.text(path)
        new = with_edits(old, (edit for edit in edits if edit.span.path == path))
        name = filename(project.root / path)
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, n=1, lineterm="")
        console.write(list(lines)[2:], color=False)
    return click.confirm("carry it out?", default=True, err=True)


def shown_fixes(applied: Sequence[tuple[str, Applied]]) -> Iterator[str]:
    """What `--show-fixes` prints: by file, how often which rule was fixed."""
    by_file: dict[str, Counter[tuple[str, str]]] = {}
    for name, one in applied:
        by_file.setdefault(name, Counter())[one.finding.code, one.finding.name] += 1
    for name, counts in sorted(by_file.items()):
        yield f"{name}:"
        for (code, rule), count in sorted(counts.items()):
            yield f"    {count} {code} ({rule})"
