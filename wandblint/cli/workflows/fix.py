"""`--fix` and related options: applies, shows, confirms and counts fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from wandblint.app import registry
from wandblint.cli.workflows.projects import filename
from wandblint.findings.fix import Applicability, Fix, ResolvedFix, TextEdit
from wandblint.infra.files import sweep
from wandblint.reports.display import quoted
from wandblint.sources.decoding import decode
from wandblint.sources.writing import Replacement, UnwritableError, content_with, data_with

if TYPE_CHECKING:
    from wandblint.app.project import Project
    from wandblint.app.settings import Settings
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.engine import CheckResult
    from wandblint.findings.finding import Finding
    from wandblint.fixing.applier import FixApplier
    from wandblint.fixing.rounds import AppliedFix, FixResult
    from wandblint.reports.diff import FileDiff

Check = Callable[[Mapping[str, str]], "CheckResult"]
"""Lints the project with other contents for some files."""
Select = Callable[["CheckResult"], list["Finding"]]
"""The findings of a result that are reported."""


class _Linted(msgspec.Struct):
    result: CheckResult
    findings: list[Finding]

    def text(self, path: str) -> str:
        return self.result.project.text(path)


class Permission:
    """The fixes that the settings and options allow."""

    def __init__(self, run: CheckRun, settings: Settings) -> None:
        self._unsafe = run.options.unsafe_fixes
        self._fixable = _codes(settings.fixable or [registry.ALL], settings)
        self._fixable -= _codes(settings.unfixable, settings)
        self._safe = _codes(settings.extend_safe_fixes, settings)
        self._not_safe = _codes(settings.extend_unsafe_fixes, settings)

    def applicability(self, finding: Finding) -> Applicability | None:
        """The applicability of a finding's fix by the settings; None without a fix, or if it is excluded."""
        if finding.fix is None or finding.code not in self._fixable:
            return None
        if finding.code in self._not_safe:
            return Applicability.UNSAFE
        return Applicability.SAFE if finding.code in self._safe else finding.fix.applicability

    def allows(self, finding: Finding) -> bool:
        """Whether the fix of a finding may be applied."""
        applicability = self.applicability(finding)
        is_unsafe = applicability is Applicability.UNSAFE
        return applicability is Applicability.SAFE or (is_unsafe and self._unsafe)


def _codes(selectors: Sequence[str], settings: Settings) -> set[str]:
    return {rule.code for selector in selectors for rule in registry.resolve(selector, settings.plugins)}


class FixResolver:
    """Computes the edits of fixes, if no earlier run did."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._applier: FixApplier | None = None

    def resolve(self, finding: Finding, permission: Permission) -> ResolvedFix | None:
        """The fix of a finding as edits; None if there is none, or if it does not apply to the code."""
        applicability = permission.applicability(finding)
        if finding.fix is None or applicability is None:
            return None
        edits = self._project.edits(finding.fix, self._edits)
        return None if edits is None else ResolvedFix(applicability, finding.fix.message, edits)

    def _edits(self, fix: Fix) -> tuple[TextEdit, ...] | None:
        if self._applier is None:
            from wandblint.fixing.applier import FixApplier  # noqa: PLC0415 (LibCST, for new fixes only)

            self._applier = FixApplier(self._project.text)
        return self._applier.edits(fix)


def fix_project(
    run: CheckRun, settings: Settings, first: CheckResult, check: Check, select: Select
) -> CheckResult:
    """Applies the fixes of a project's findings and writes the files, or produces the diffs.

    Before it writes, removes the temporary files that killed runs left next to the project's files.

    A fix is applied in all of its files or in none: if a file cannot be written, fixing starts again without
    the fixes that change it. Returns the result for the files as they are afterwards.
    """
    if not (run.options.diff or run.options.reads_stdin):
        root = first.project.root
        sweep({root, *((root / name).parent for name in first.project.names)})
    fixing = _Fixing(run, first.project, Permission(run, settings), check, select)
    result = None
    while result is None:
        result = fixing.attempt(first)
    return result


class _Fixing:
    """The fixing of one project."""

    def __init__(
        self, run: CheckRun, project: Project, permission: Permission, check: Check, select: Select
    ) -> None:
        self._run = run
        self._project = self._fixed_project = project
        self._permission = permission
        self._check = check
        self._select = select
        self._answers: dict[tuple[TextEdit, ...], bool] = {}
        self._unwritable: set[str] = set()

    def attempt(self, first: CheckResult) -> CheckResult | None:
        """Fixes the project except for unwritable files; None, without any change, if it finds new ones."""
        from wandblint.fixing.rounds import fix_all  # noqa: PLC0415 (LibCST, for fixes only)

        known = len(self._unwritable)
        self._fixed_project = first.project
        fixed, last = fix_all(_Linted(first, self._select(first)), self._lint, self._allows)
        assert isinstance(last, _Linted)
        if len(self._unwritable) > known:
            return None
        if self._run.options.diff:
            diffs: list[FileDiff] = []
            if not self._for_each(fixed.texts, lambda path: diffs.append(self._diff(path, fixed))):
                return None
            self._run.diffs += diffs
            return first
        if self._run.options.reads_stdin:
            self._run.fixed_stdin = self._run.stdin
            if not self._for_each(fixed.texts, lambda path: self._fix_stdin(path, fixed)):
                return None
        else:
            with Replacement(self._project.root) as replacement:
                if not self._for_each(fixed.texts, lambda path: self._prepare(replacement, path, fixed)):
                    return None
                self._for_each(fixed.texts, replacement.put)
        not_written = fixed.texts.keys() & self._unwritable
        self._count(applied for applied in fixed.applied if applied.paths.isdisjoint(not_written))
        return self._check({}) if not_written else last.result

    def _fix_stdin(self, path: str, fixed: FixResult) -> None:
        self._run.fixed_stdin = data_with(path, self._run.stdin, fixed.texts[path])

    def _prepare(self, replacement: Replacement, path: str, fixed: FixResult) -> None:
        replacement.prepare(path, self._project.text(path), fixed.texts[path])

    def _for_each(self, paths: Iterable[str], action: Callable[[str], None]) -> bool:
        """Performs an action on files. Records and reports the unwritable ones; False if there are any."""
        before = len(self._unwritable)
        for path in sorted(paths):
            error = _error(action, path)
            if error is not None:
                self._unwritable.add(path)
                self._run.fail(f"{filename(self._project.root / path)}: not fixed: {error}")
        return len(self._unwritable) == before

    def _lint(self, texts: Mapping[str, str]) -> _Linted:
        contents: dict[str, str] = {}

        def set_content(path: str) -> None:
            old = decode(self._project.texts.data(path), path)
            contents[path] = content_with(path, old, texts[path])

        self._for_each(texts.keys() - self._unwritable, set_content)
        result = self._check(contents)
        self._fixed_project = result.project
        return _Linted(result, self._select(result))

    def _allows(self, finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
        paths = {edit.span.path for edit in edits}
        if not self._permission.allows(finding) or paths & self._unwritable:
            return False
        if self._run.options.reads_stdin and not paths <= set(self._project.overridden):
            return False
        if self._run.options.interactive and edits not in self._answers:
            self._answers[edits] = self._confirms(finding, fix, edits)
        return self._answers.get(edits, True)

    def _confirms(self, finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
        """Whether the user wants a fix."""
        from wandblint.cli.workflows.confirming import Confirmation  # noqa: PLC0415 (for this option only)
        from wandblint.fixing.rounds import with_edits  # noqa: PLC0415 (as above)

        texts: dict[str, tuple[str, str]] = {}
        for path in sorted({edit.span.path for edit in edits}):
            old = self._fixed_project.text(path)
            new = with_edits(old, (edit for edit in edits if edit.span.path == path))
            texts[filename(self._project.root / path)] = old, new
        confirmation = self._run.confirmation or Confirmation(self._run.options.color)
        self._run.confirmation = confirmation
        return confirmation.accepts(finding, fix, texts)

    def _count(self, fixes: Iterable[AppliedFix]) -> None:
        for applied in fixes:
            self._run.stats.fixed += 1
            self._run.applied.append((filename(self._project.root / applied.finding.span.path), applied))

    def _diff(self, path: str, fixed: FixResult) -> FileDiff:
        from wandblint.reports.diff import diff_file  # noqa: PLC0415 (for shown fixes only)

        name = filename(self._project.root / path)
        old = self._run.stdin if self._run.options.reads_stdin else self._project.texts.data(path)
        diff = diff_file(name, old, data_with(path, old, fixed.texts[path]))
        if diff.is_masked:
            self._run.note(f"{name}: its diff contains what looks like an API key: masked, so it is no patch")
        return diff


def _error(action: Callable[[str], None], path: str) -> str | None:
    try:
        action(path)
    except UnwritableError as error:
        return str(error)
    return None


def list_fixes(fixes: Sequence[tuple[str, AppliedFix]]) -> Iterator[str]:
    """Yields the output of `--show-fixes`: the number of fixes by file and rule."""
    by_file: dict[str, Counter[tuple[str, str]]] = {}
    for name, applied in fixes:
        by_file.setdefault(name, Counter())[applied.finding.code, applied.finding.name] += 1
    for name, counts in sorted(by_file.items()):
        yield f"{quoted(name)}:"
        for (code, rule), count in sorted(counts.items()):
            yield f"    {count} {code} ({rule})"
