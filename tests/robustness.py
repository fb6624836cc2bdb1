"""Invariants for any input: wandblint does not fail, and every finding lies inside its file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from wandblint.app.registry import ALL
from wandblint.app.settings import Settings
from wandblint.engine import CheckResult, check

HARMLESS = ("cannot be read: ", "cannot be listed: ")
"""The problems that bad input may cause; any other is an error of wandblint."""


def assert_survives(files: Mapping[str, str]) -> CheckResult:
    """Lints the files of a project with every rule on, and asserts that wandblint handles them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode("utf-8", "surrogatepass"))
        return assert_sound(check(Path(folder), None, Settings(select=[ALL])))


def assert_sound(result: CheckResult) -> CheckResult:
    """Returns the result after asserting that it contains no error of wandblint."""
    errors = [problem for problem in result.problems if not problem.message.startswith(HARMLESS)]
    assert errors == []
    for finding in result.findings:
        for span in (finding.span, *(related.span for related in finding.related)):
            assert 0 <= span.start <= span.end <= len(result.texts.text(span.path)), finding
    return result
