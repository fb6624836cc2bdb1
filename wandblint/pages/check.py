"""Does a rule keep the promises of its page? Runs its cases through the engine.

A case runs with every rule selected, on a folder of its own. Only the findings of the page's code, and of
the codes that the case marks, are compared: they are exactly those marked. The files then change clothes
(`variants`), which must change nothing, and each finding is suppressed in turn, which must make it and
nothing else vanish. The cases of rules about records are run and audited instead (`recorded`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wandblint.app.settings import SettingsError
from wandblint.pages.fixed import fix_problems
from wandblint.pages.linted import CaseError, FoundFinding, lint
from wandblint.pages.page import SECTIONS, Case, Expectation, Page
from wandblint.pages.recorded import recorded_problems
from wandblint.pages.variants import AS_WRITTEN, VARIANTS, Variant, statement_rows, suppressed
from wandblint.rule import Rule


class LintProject(Protocol):
    """Lints files, each a path and its text, in the clothes of a variant."""

    def __call__(self, files: Mapping[str, str], variant: Variant = AS_WRITTEN) -> list[FoundFinding]:
        """The findings, in order."""


@dataclass(frozen=True)
class Failure:
    """A promise that is not kept: the case that holds it, empty for the page itself, and what is wrong."""

    case: str
    message: str


def check_page(rule: Rule, page: Page, plugins: Iterable[str] = ()) -> list[Failure]:
    """What is wrong with a page, its cases included; nothing if the rule keeps it."""
    packs = tuple(plugins)
    return [
        *check_prose(rule, page),
        *(failure for case in page.cases for failure in check_case(rule, case, packs)),
    ]


def check_prose(rule: Rule, page: Page) -> list[Failure]:
    """Where a page says something else of its rule than the rule itself, or lacks a section."""
    failures: list[Failure] = []
    for what, said, meant in (
        ("code", page.code, rule.code),
        ("name", page.name, rule.name),
        ("severity", page.severity, rule.severity.value),
        ("summary", page.summary, rule.summary),
        ("order of sections", " · ".join(page.sections), " · ".join(SECTIONS)),
    ):
        if said != meant:
            failures.append(Failure("", f"the {what} is `{said}` on the page and `{meant}` in the rule"))
    return failures


def check_case(rule: Rule, case: Case, plugins: Iterable[str] = ()) -> list[Failure]:
    """What is wrong with a case: it gives what it marks, in any clothes, can be suppressed, is fixed."""
    packs = tuple(plugins)
    try:
        problems = _problems if rule.audit is None else recorded_problems
        return [Failure(case.name, message) for message in problems(rule, case, packs)]
    except (CaseError, SettingsError) as error:
        return [Failure(case.name, f"the case cannot be run: {error}")]


def _problems(rule: Rule, case: Case, packs: tuple[str, ...]) -> Iterator[str]:
    def run(files: Mapping[str, str], variant: Variant = AS_WRITTEN) -> list[FoundFinding]:
        with tempfile.TemporaryDirectory(prefix="wandblint-") as folder:
            for path, text in files.items():
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(variant.encode(text) if _is_python(path) else text.encode())
            return lint(Path(folder), packs)

    found = run(case.files)
    codes = {rule.code, *(mark.code for mark in case.expected)}
    judged = [finding for finding in found if finding.code in codes]
    differences = list(_differences(case, judged)) if case.is_exact else []
    if not case.is_exact and not any(finding.code == rule.code for finding in judged):
        differences = [f"the example produces no {rule.code}"]
    if differences:
        yield from differences
        return
    for variant in VARIANTS:
        yield from (f"{variant.name}: {change}" for change in _changes(found, run(case.files, variant)))
    if judged or case.after_fix or case.after_unsafe_fix:
        yield from fix_problems(case, packs)
    for finding in judged:
        yield from _suppression_problems(case, finding, found, run)


def _differences(case: Case, found: list[FoundFinding]) -> Iterator[str]:
    """The marks that no finding meets, and the findings that no mark expects."""
    unmet = list(case.expected)
    for finding in found:
        mark = next((mark for mark in unmet if _meets(finding, mark)), None)
        if mark is None:
            yield f"unexpected: {finding}"
        else:
            unmet.remove(mark)
    yield from (f"expected, but not found: {mark}" for mark in unmet)


def _meets(finding: FoundFinding, mark: Expectation) -> bool:
    is_there = (finding.path, finding.row, finding.code) == (mark.path, mark.row, mark.code)
    return is_there and mark.words in finding.message


def _changes(before: list[FoundFinding], after: list[FoundFinding]) -> Iterator[str]:
    yield from (f"no longer found: {finding}" for finding in before if finding not in after)
    yield from (f"also found: {finding}" for finding in after if finding not in before)


def _suppression_problems(
    case: Case, finding: FoundFinding, found: list[FoundFinding], run: LintProject
) -> Iterator[str]:
    """A suppression takes away the findings of its code in its statement, and nothing else."""
    text = case.files[finding.path]
    rows = statement_rows(text, finding.row)
    left = [
        other
        for other in found
        if (other.path, other.code) != (finding.path, finding.code) or other.row not in rows
    ]
    after = run({**case.files, finding.path: suppressed(text, finding.row, finding.code)})
    yield from (f"suppressing {finding}: {change}" for change in _changes(left, after))


def _is_python(path: str) -> bool:
    return path.endswith(".py")
