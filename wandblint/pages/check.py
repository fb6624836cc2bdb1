"""Tests a rule against its page: runs the page's cases through the engine.

A case runs with every rule selected, in its own folder. Only findings of the page's code, and of the codes
that the case marks, are compared: they must be exactly the marked ones. Then the files are rewritten
(`variants`), which must change no finding, and each finding is suppressed in turn, which must remove this
finding only. The cases of rules about records are executed and audited instead (`recording`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wandblint.app.settings_errors import SettingsError
from wandblint.pages.fixing import fix_problems
from wandblint.pages.linting import CaseError, FoundFinding, lint, write_case
from wandblint.pages.page import SECTIONS, Case, Expectation, Page
from wandblint.pages.recording import recording_problems
from wandblint.pages.variants import AS_WRITTEN, VARIANTS, Variant, statement_rows, suppress
from wandblint.rule import Rule


class LintProject(Protocol):
    """Lints files, given as texts by path, as a variant writes them."""

    def __call__(self, files: Mapping[str, str], variant: Variant = AS_WRITTEN) -> list[FoundFinding]:
        """The findings, in order."""


@dataclass(frozen=True)
class Failure:
    """A failed test of a page: the name of the case, empty for the page itself, and what is wrong."""

    case: str
    message: str


def check_page(rule: Rule, page: Page, plugins: Iterable[str] = ()) -> list[Failure]:
    """All failures of a page and its cases."""
    packs = tuple(plugins)
    return [
        *check_prose(rule, page),
        *(failure for case in page.cases for failure in check_case(rule, case, packs)),
    ]


def check_prose(rule: Rule, page: Page) -> list[Failure]:
    """The differences between a page's title, summary and sections and those of its rule."""
    failures: list[Failure] = []
    for what, on_page, in_rule in (
        ("code", page.code, rule.code),
        ("name", page.name, rule.name),
        ("severity", page.severity, rule.severity.value),
        ("summary", page.summary, rule.summary),
        ("order of sections", " · ".join(page.sections), " · ".join(SECTIONS)),
    ):
        if on_page != in_rule:
            failures.append(Failure("", f"the {what} is `{on_page}` on the page and `{in_rule}` in the rule"))
    return failures


def check_case(rule: Rule, case: Case, plugins: Iterable[str] = ()) -> list[Failure]:
    """The failures of a case: in findings, variants, suppressions and fixes."""
    packs = tuple(plugins)
    try:
        problems = _problems if rule.audit is None else recording_problems
        return [Failure(case.name, message) for message in problems(rule, case, packs)]
    except (CaseError, SettingsError) as error:
        return [Failure(case.name, f"the case cannot be run: {error}")]


def _problems(rule: Rule, case: Case, packs: tuple[str, ...]) -> Iterator[str]:
    def lint_files(files: Mapping[str, str], variant: Variant = AS_WRITTEN) -> list[FoundFinding]:
        with tempfile.TemporaryDirectory(prefix="wandblint-") as folder:
            write_case(Path(folder), files, variant)
            return lint(Path(folder), packs)

    findings = lint_files(case.files)
    codes = {rule.code, *(mark.code for mark in case.expected)}
    compared = [finding for finding in findings if finding.code in codes]
    differences = list(_differences(case, compared)) if case.is_exact else []
    if not case.is_exact and not any(finding.code == rule.code for finding in compared):
        differences = [f"the example produces no {rule.code}"]
    if differences:
        yield from differences
        return
    for variant in VARIANTS:
        changes = _changes(findings, lint_files(case.files, variant))
        yield from (f"{variant.name}: {change}" for change in changes)
    if compared or case.after_fix or case.after_unsafe_fix:
        yield from fix_problems(case, packs)
    for finding in compared:
        yield from _suppression_problems(case, finding, findings, lint_files)


def _differences(case: Case, findings: list[FoundFinding]) -> Iterator[str]:
    """Yields the findings without a mark and the marks without a finding."""
    unmatched = list(case.expected)
    for finding in findings:
        mark = next((mark for mark in unmatched if _matches(finding, mark)), None)
        if mark is None:
            yield f"unexpected: {finding}"
        else:
            unmatched.remove(mark)
    yield from (f"expected, but not found: {mark}" for mark in unmatched)


def _matches(finding: FoundFinding, mark: Expectation) -> bool:
    is_at_mark = (finding.path, finding.row, finding.code) == (mark.path, mark.row, mark.code)
    return is_at_mark and mark.words in finding.message


def _changes(before: list[FoundFinding], after: list[FoundFinding]) -> Iterator[str]:
    yield from (f"no longer found: {finding}" for finding in before if finding not in after)
    yield from (f"also found: {finding}" for finding in after if finding not in before)


def _suppression_problems(
    case: Case, finding: FoundFinding, findings: list[FoundFinding], lint_files: LintProject
) -> Iterator[str]:
    """A suppression must remove the findings of its code in its statement, and no others."""
    text = case.files[finding.path]
    rows = statement_rows(text, finding.row)
    remaining = [
        other
        for other in findings
        if (other.path, other.code) != (finding.path, finding.code) or other.row not in rows
    ]
    after = lint_files({**case.files, finding.path: suppress(text, finding.row, finding.code)})
    yield from (f"suppressing {finding}: {change}" for change in _changes(remaining, after))
