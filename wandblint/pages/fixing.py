"""Fixes the cases of a page in memory, as `--fix` and `--fix --unsafe-fixes` do."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wandblint import engine
from wandblint.findings.finding import Finding
from wandblint.findings.fix import Applicability, Fix, TextEdit
from wandblint.fixing.rounds import fix_all
from wandblint.pages.linting import case_settings, write_case
from wandblint.pages.page import Case
from wandblint.pages.variants import AS_WRITTEN, VARIANTS, Variant
from wandblint.sources.decoding import decode


@dataclass(frozen=True)
class FixedCase:
    """The result of fixing a case: changed texts by path, counts of new and of fixed findings by code."""

    texts: Mapping[str, str]
    appeared: Mapping[str, int]
    gone: Mapping[str, int]
    again: Mapping[str, str]
    """The texts that a second run of the fixes changes."""


@dataclass
class _Linted:
    result: engine.CheckResult

    @property
    def findings(self) -> list[Finding]:
        return self.result.findings

    def text(self, path: str) -> str:
        return self.result.project.text(path)


def fix_files(
    files: Mapping[str, str], plugins: Iterable[str] = (), *, unsafe: bool, variant: Variant = AS_WRITTEN
) -> FixedCase:
    """Fixes files, given as texts by path, as a variant writes them. Raises `SettingsError`."""
    with tempfile.TemporaryDirectory(prefix="wandblint-") as folder:
        root = Path(folder)
        write_case(root, files, variant)
        settings = case_settings(root, plugins)

        def lint(changed: Mapping[str, str]) -> _Linted:
            return _Linted(engine.check(root, None, settings, overrides=changed))

        def allows(finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
            return unsafe or fix.applicability is Applicability.SAFE

        before = lint({})
        fixed, after = fix_all(before, lint, allows)
        again, _ = fix_all(after, lambda changed: lint({**fixed.texts, **changed}), allows)
        old, new = (Counter(finding.code for finding in run.findings) for run in (before, after))
        return FixedCase(fixed.texts, new - old, old - new, again.texts)


def fix_problems(case: Case, plugins: Iterable[str] = ()) -> Iterator[str]:
    """Yields the failures of a case's fixes.

    If the page shows a result, every variant must give it. Shown or not, a result must have no new finding,
    and fixing it again must change nothing.
    """
    packs = tuple(plugins)
    for option, unsafe, expected in (
        ("--fix", False, case.after_fix),
        ("--fix --unsafe-fixes", True, {**case.after_fix, **case.after_unsafe_fix}),
    ):
        fixed = fix_files(case.files, packs, unsafe=unsafe)
        if fixed.appeared:
            yield f"{option} adds findings of {', '.join(fixed.appeared)}"
        if fixed.again:
            yield f"a second {option} changes {', '.join(fixed.again)}"
        if not expected:
            continue
        if fixed.texts != expected:
            yield from _differences(option, fixed.texts, expected)
            continue
        for variant in VARIANTS:
            decoded = {path: decode(variant.encode(text), path) for path, text in expected.items()}
            if fix_files(case.files, packs, unsafe=unsafe, variant=variant).texts != decoded:
                yield f"{variant.name}: {option} produces something else"


def _differences(option: str, actual: Mapping[str, str], expected: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*actual, *expected}):
        if path not in actual:
            yield f"{option} does not change {path}"
        elif actual[path] != expected.get(path):
            yield f"{option} turns {path} into:\n{actual[path]}"
