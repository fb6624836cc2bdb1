"""The cases of rules about records: small programs that are run for real, offline, and audited.

The Python files of a case that lie in no folder are its scripts, and run in the order of the page, each in a
process of its own; modules lie in folders. A mark stands on the line that is to blame; a record knows no
lines, so its code and words count.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from wandblint.app import registry
from wandblint.app.settings import load
from wandblint.audit.inspecting import NoReaderError
from wandblint.audit.judging import judge
from wandblint.audit.log_folders import NoLogsError
from wandblint.audit.reading import read
from wandblint.findings.finding import Finding
from wandblint.pages.linted import CaseError, settings_file
from wandblint.pages.page import Case
from wandblint.rule import Rule

PATIENCE = 120
"""Seconds that a script may take."""

_QUICK = ("WANDB_X_DISABLE_STATS", "WANDB_X_DISABLE_META", "WANDB_X_DISABLE_MACHINE_INFO")
"""What a record of a test need not hold."""


def recorded_problems(rule: Rule, case: Case, plugins: Iterable[str]) -> Iterator[str]:
    """Where the findings of a case's record are not those that it marks.

    Raises `CaseError` where it cannot be run or read, `SettingsError` where its settings are wrong.
    """
    codes = {rule.code, *(mark.code for mark in case.expected)}
    found = [finding for finding in _record(case, plugins) if finding.code in codes]
    if not case.is_exact:
        if not any(finding.code == rule.code for finding in found):
            yield f"the example produces no {rule.code}"
        return
    unmet = list(case.expected)
    for finding in found:
        mark = next((m for m in unmet if m.code == finding.code and m.words in finding.message), None)
        if mark is None:
            yield f"unexpected: {finding.code} {finding.message}"
        else:
            unmet.remove(mark)
    yield from (f"expected, but not found: {mark}" for mark in unmet)


def _record(case: Case, plugins: Iterable[str]) -> list[Finding]:
    """What the rules of records find in what the scripts of a case record."""
    with tempfile.TemporaryDirectory(prefix="wandblint-") as folder:
        root = Path(folder).resolve()
        for path, text in case.files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for path in case.files:
            if path.endswith(".py") and "/" not in path:
                _run(root, path)
        config = settings_file(root)
        settings, _ = load(root, config=config, isolated=config is None)
        try:
            record = read(root / "wandb")
        except (NoLogsError, NoReaderError) as error:
            raise CaseError(str(error)) from error
        if damage := [words for _, log in record.logs() for words in log.damage]:
            raise CaseError("; ".join(damage))
        return judge(record, registry.rules([*settings.plugins, *plugins]), settings)


def _run(root: Path, script: str) -> None:
    try:
        done = subprocess.run(
            [sys.executable, script],
            cwd=root,
            env=_environment(os.environ, root),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CaseError(f"{script} takes longer than {PATIENCE} s") from error
    said = done.stderr.decode(errors="replace")
    if "Traceback (most recent call last)" in said:
        # A script may end with any exit code: that is what some cases are about.
        raise CaseError(f"{script} fails: {said.strip().splitlines()[-1]}")


def _environment(outside: Mapping[str, str], root: Path) -> dict[str, str]:
    """The environment without what the user has set for wandb: all it writes lies in the case's folder."""
    kept = {name: value for name, value in outside.items() if not name.startswith("WANDB_")}
    folders = {f"WANDB_{name}_DIR": str(root / "kept") for name in ("CACHE", "CONFIG", "DATA")}
    quick = dict.fromkeys(_QUICK, "true")
    return {**kept, **folders, **quick, "WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"}
