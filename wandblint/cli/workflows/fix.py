"""`--fix` and its kin: fixes carried out, shown, asked for and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from wandblint.app import registry
from wandblint.cli import console
from wandblint.cli.workflows.projects import filename
from wandblint.findings.fix import Applicability, Fix, ResolvedFix, TextEdit
from wandblint.sources.decoding import decode
from wandblint.sources.writing import Replacement, UnwritableError, content_with, data_with

if TYPE_CHECKING:
    from wandblint.app.project import Project
    from wandblint.app.settings import Settings
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.engine import CheckResult
    from wandblint.findings.finding import Finding
    from wandblint.fixing.applier import FixApplier
    from wandblint.fixing.rounds import Applied, Fixed

Check = Callable[[Mapping[str, str]], "CheckResult"]
"""Lints the project with other contents for some files."""
Select = Callable[["CheckResult"], list["Finding"]]
"""The findings of an outcome that are reported."""


class _Linted(msgspec.Struct):
    outcome: CheckResult
    findings: list[Finding]

    def text(self, path: str) -> str:
        return self.outcome.project.text(path)


class Permission:
    """Which fixes may be carried out: by the settings, the options, and who is asked."""

    def __init__(self, work: CheckRun, settings: Settings) -> None:
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


class ResolveFixes:
    """What the fixes of findings come to, worked out for those that have one."""

    def __init__(self, project: Project) -> None:
        self._project = self._now = project
        self._carrier: FixApplier | None = None

    def resolved(self, finding: Finding, permission: Permission) -> ResolvedFix | None:
        """The fix of a finding as edits; None where there is none, or the code is written in another way."""
        applicability = permission.applicability(finding)
        if finding.fix is None or applicability is None:
            return None
        edits = self._project.edits(finding.fix, self._carry)
        return None if edits is None else ResolvedFix(applicability, finding.fix.message, edits)

    def _carry(self, fix: Fix) -> tuple[TextEdit, ...] | None:
        if self._carrier is None:
            from wandblint.fixing.applier import FixApplier  # noqa: PLC0415 (LibCST, where a fix is new)

            self._carrier = FixApplier(self._project.text)
        return self._carrier.edits(fix)


def fix_project(
    work: CheckRun, settings: Settings, first: CheckResult, check: Check, select: Select
) -> CheckResult:
    """Carries out the fixes of a project's findings and writes the files, or shows what would be written.

    A fix is carried out in all of its files or in none: where one cannot be written, fixing begins anew
    without the fixes that touch it. The outcome is that of the files as they then are.
    """
    fixing = _Fixing(work, first.project, Permission(work, settings), check, select)
    done = None
    while done is None:
        done = fixing.attempt(first)
    return done


class _Fixing:
    """The fixing of one project."""

    def __init__(
        self, work: CheckRun, project: Project, permission: Permission, check: Check, select: Select
    ) -> None:
        self._work = work
        self._project = self._now = project
        self._permission = permission
        self._check = check
        self._select = select
        self._asked: dict[tuple[TextEdit, ...], bool] = {}
        self._left: set[str] = set()
        """The files that cannot be written."""
        self._contents: dict[str, str] = {}
        """The files that change, as they would be written: notebooks with their JSON."""

    def attempt(self, first: CheckResult) -> CheckResult | None:
        """Fixes all but the files that cannot be written; None, and nothing is done, where there are more."""
        from wandblint.fixing.rounds import fix_all  # noqa: PLC0415 (LibCST, for those who fix)

        known = len(self._left)
        self._now = first.project
        fixed, last = fix_all(_Linted(first, self._select(first)), self._again, self._allows)
        assert isinstance(last, _Linted)
        if len(self._left) > known:
            return None
        if self._work.options.diff:
            self._work.diffs += [self._diff(path) for path in sorted(fixed.texts)]
            return first
        if self._work.options.reads_stdin:
            self._work.fixed_stdin = self._work.stdin
            if not self._all_done(fixed.texts, lambda path: self._give_back(path, fixed)):
                return None
        else:
            with Replacement() as replacement:
                if not self._all_done(fixed.texts, lambda path: self._prepare(replacement, path, fixed)):
                    return None
                self._all_done(fixed.texts, lambda path: replacement.put(self._project.root / path))
        missed = fixed.texts.keys() & self._left
        self._count(one for one in fixed.applied if one.paths.isdisjoint(missed))
        return self._check({}) if missed else last.outcome

    def _give_back(self, path: str, fixed: Fixed) -> None:
        self._work.fixed_stdin = data_with(path, self._work.stdin, fixed.texts[path])

    def _prepare(self, replacement: Replacement, path: str, fixed: Fixed) -> None:
        replacement.prepare(self._project.root / path, self._project.text(path), fixed.texts[path])

    def _all_done(self, paths: Iterable[str], do: Callable[[str], None]) -> bool:
        """Does something to each file; of one that cannot be written it says so, and no fix touches it."""
        before = len(self._left)
        for path in sorted(paths):
            reason = _error(do, path)
            if reason is not None:
                self._left.add(path)
                self._work.fail(f"{filename(self._project.root / path)}: not fixed: {reason}")
        return len(self._left) == before

    def _again(self, texts: Mapping[str, str]) -> _Linted:
        def content(path: str) -> None:
            self._contents[path] = content_with(path, self._content(path), texts[path])

        self._contents = {}
        self._all_done(texts.keys() - self._left, content)
        outcome = self._check(self._contents)
        self._now = outcome.project
        return _Linted(outcome, self._select(outcome))

    def _content(self, path: str) -> str:
        return decode(self._project.texts.data(path), path)

    def _allows(self, finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
        paths = {edit.span.path for edit in edits}
        if not self._permission.is_given(finding) or paths & self._left:
            return False
        if self._work.options.reads_stdin and not paths <= set(self._project.given):
            return False
        if self._work.options.interactive and edits not in self._asked:
            self._asked[edits] = _ask(self._now, finding, fix, edits)
        return self._asked.get(edits, True)

    def _count(self, done: Iterable[Applied]) -> None:
        for one in done:
            self._work.stats.fixed += 1
            self._work.applied.append((filename(self._project.root / one.finding.span.path), one))

    def _diff(self, path: str) -> str:
        """A unified diff of a file."""
        name = filename(self._project.root / path)
        old, new = (text.splitlines(keepends=True) for text in (self._content(path), self._contents[path]))
        lines = _unified_diff(old, new, f"a/{name}", f"b/{name}")
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        ).rstrip("\n")


def _unified_diff(
    old: list[str], new: list[str], before: str, after: str, n: int = 3, lineterm: str = "\n"
) -> Iterator[str]:
    import difflib  # noqa: PLC0415 (of shown fixes only)

    return difflib.unified_diff(old, new, before, after, n=n, lineterm=lineterm)


def _error(do: Callable[[str], None], path: str) -> str | None:
    try:
        do(path)
    except UnwritableError as error:
        return str(error)
    return None


def _ask(project: Project, finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
    """Shows what a fix would do and asks for it."""
    from wandblint.fixing.rounds import with_edits  # noqa: PLC0415 (as above)

    console.write([f"{finding.code} {finding.message}", f"fix: {fix.message}"], color=False)
    for path in sorted({edit.span.path for edit in edits}):
        old = project.text(path)
        new = with_edits(old, (edit for edit in edits if edit.span.path == path))
        name = filename(project.root / path)
        lines = _unified_diff(old.splitlines(), new.splitlines(), name, name, n=1, lineterm="")
        console.write(list(lines)[2:], color=False)
    return click.confirm("apply it?", default=True, err=True)


def shown_fixes(applied: Sequence[tuple[str, Applied]]) -> Iterator[str]:
    """What `--show-fixes` prints: by file, how often which rule was fixed."""
    by_file: dict[str, Counter[tuple[str, str]]] = {}
    for name, one in applied:
        by_file.setdefault(name, Counter())[one.finding.code, one.finding.name] += 1
    for name, counts in sorted(by_file.items()):
        yield f"{name}:"
        for (code, rule), count in sorted(counts.items()):
            yield f"    {count} {code} ({rule})"
