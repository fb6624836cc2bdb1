"""A case fixed: `--fix` and `--fix --unsafe-fixes` on a folder, in memory."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from wandblint import engine
from wandblint.app.registry import ALL
from wandblint.app.settings import Settings, load
from wandblint.findings.finding import Finding
from wandblint.findings.fix import Applicability, Fix, TextEdit
from wandblint.fixing.rounds import fix_all
from wandblint.pages.linted import settings_file
from wandblint.pages.page import Case
from wandblint.pages.variants import AS_WRITTEN, VARIANTS, Variant
from wandblint.sources.decoding import decode


@dataclass(frozen=True)
class FixedCase:
    """What came of fixing a case: the texts that changed, how many findings of each code came and went."""

    texts: Mapping[str, str]
    appeared: Mapping[str, int]
    gone: Mapping[str, int]
    again: Mapping[str, str]
    """What fixing once more would change."""


@dataclass
class _Linted:
    outcome: engine.CheckResult

    @property
    def findings(self) -> list[Finding]:
        return self.outcome.findings

    def text(self, path: str) -> str:
        return self.outcome.project.text(path)


def fixed(
    files: Mapping[str, str], plugins: Iterable[str] = (), *, unsafe: bool, variant: Variant = AS_WRITTEN
) -> FixedCase:
    """Fixes files, each a path and its text, in the clothes of a variant. Raises `SettingsError`."""
    with tempfile.TemporaryDirectory(prefix="wandblint-") as folder:
        root = Path(folder)
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(variant.encode(text) if path.endswith(".py") else text.encode())
        settings = _settings(root, plugins)

        def lint(given: Mapping[str, str]) -> _Linted:
            return _Linted(engine.check(root, None, settings, given=given))

        def allows(finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
            return unsafe or fix.applicability is Applicability.SAFE

        first = lint({})
        done, last = fix_all(first, lint, allows)
        again, _ = fix_all(last, lambda given: lint({**done.texts, **given}), allows)
        before, after = (Counter(one.code for one in these.findings) for these in (first, last))
        return FixedCase(done.texts, after - before, before - after, again.texts)


def _settings(root: Path, plugins: Iterable[str]) -> Settings:
    file = settings_file(root)
    settings, _ = load(root, config=file, isolated=file is None)
    return msgspec.structs.replace(
        settings, select=[ALL], ignore=[], extend_select=[], plugins=[*settings.plugins, *plugins]
    )


def fix_problems(case: Case, plugins: Iterable[str] = ()) -> Iterator[str]:
    """Where fixing a case does something else than its page shows, or breaks a promise of all fixes.

    What the page shows is held against the result in every clothes; a result that it does not show still adds
    no finding, and fixing once more changes nothing.
    """
    packs = tuple(plugins)
    for option, unsafe, shown in (
        ("--fix", False, case.after_fix),
        ("--fix --unsafe-fixes", True, {**case.after_fix, **case.after_unsafe_fix}),
    ):
        made = fixed(case.files, packs, unsafe=unsafe)
        if made.appeared:
            yield f"{option} adds findings of {', '.join(made.appeared)}"
        if made.again:
            yield f"a second {option} changes {', '.join(made.again)}"
        if not shown:
            continue
        if made.texts != shown:
            yield from _differences(option, made.texts, shown)
            continue
        for variant in VARIANTS:
            wanted = {path: decode(variant.encode(text), path) for path, text in shown.items()}
            if fixed(case.files, packs, unsafe=unsafe, variant=variant).texts != wanted:
                yield f"{variant.name}: {option} produces something else"


def _differences(option: str, made: Mapping[str, str], shown: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*made, *shown}):
        if path not in made:
            yield f"{option} does not change {path}"
        elif made[path] != shown.get(path):
            yield f"{option} turns {path} into:\n{made[path]}"
