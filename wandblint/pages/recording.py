"""Tests the cases of rules about records: executes small programs offline and audits what they record.

The Python files at the top level of a case are its scripts; modules are in folders. Scripts run in the order
of the page, each in its own process. A mark is on the line that causes the finding, but a record knows no
lines, so only its code and words are compared.
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
from wandblint.audit.checking import check_record
from wandblint.audit.inspecting import NoReaderError
from wandblint.audit.log_folders import NoLogsError
from wandblint.audit.reading import read
from wandblint.findings.finding import Finding
from wandblint.pages.linting import CaseError, settings_file, write_case
from wandblint.pages.page import Case
from wandblint.pages.variants import AS_WRITTEN
from wandblint.rule import Rule

PATIENCE = 120
"""Seconds that a script may take."""

_NOT_RECORDED = ("WANDB_X_DISABLE_STATS", "WANDB_X_DISABLE_META", "WANDB_X_DISABLE_MACHINE_INFO")
"""Switches off what no rule reads, which saves time."""


def recording_problems(rule: Rule, case: Case, plugins: Iterable[str]) -> Iterator[str]:
    """Yields the differences between the findings in a case's record and its marks.

    Raises `CaseError` if the case cannot be executed or read, `SettingsError` if its settings are invalid.
    """
    codes = {rule.code, *(mark.code for mark in case.expected)}
    findings = [finding for finding in _audit(case, plugins) if finding.code in codes]
    if not case.is_exact:
        if not any(finding.code == rule.code for finding in findings):
            yield f"the example produces no {rule.code}"
        return
    unmatched = list(case.expected)
    for finding in findings:
        mark = next((m for m in unmatched if m.code == finding.code and m.words in finding.message), None)
        if mark is None:
            yield f"unexpected: {finding.code} {finding.message}"
        else:
            unmatched.remove(mark)
    yield from (f"expected, but not found: {mark}" for mark in unmatched)


def _audit(case: Case, plugins: Iterable[str]) -> list[Finding]:
    """Executes the scripts of a case and returns the findings in their record."""
    with tempfile.TemporaryDirectory(prefix="wandblint-") as folder:
        root = Path(folder).resolve()
        write_case(root, case.files, AS_WRITTEN)
        for path in case.files:
            if path.endswith(".py") and "/" not in path:
                _run(root, path)
        config = settings_file(root)
        settings, _ = load(root, config=config, isolated=config is None, plugins=plugins)
        try:
            record = read(root / "wandb")
        except (NoLogsError, NoReaderError) as error:
            raise CaseError(str(error)) from error
        if damages := [damage for _, log in record.logs() for damage in log.damage]:
            raise CaseError("; ".join(damages))
        return check_record(record, registry.rules(settings.plugins), settings)


def _run(root: Path, script: str) -> None:
    try:
        process = subprocess.run(
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
    errors = process.stderr.decode(errors="replace")
    # Not the exit code: some cases are about scripts that end with another one than 0.
    if "Traceback (most recent call last)" in errors:
        raise CaseError(f"{script} fails: {errors.strip().splitlines()[-1]}")


def _environment(outer: Mapping[str, str], root: Path) -> dict[str, str]:
    """The environment of a script: without the user's settings of wandb, and with its folders in `root`."""
    environment = {name: value for name, value in outer.items() if not name.startswith("WANDB_")}
    environment |= {f"WANDB_{name}_DIR": str(root / "kept") for name in ("CACHE", "CONFIG", "DATA")}
    environment |= dict.fromkeys(_NOT_RECORDED, "true")
    return {**environment, "WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"}
