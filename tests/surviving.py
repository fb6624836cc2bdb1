"""What holds for any input: nothing of wandblint breaks, and every finding lies inside its file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from wandblint.app.registry import ALL
from wandblint.app.settings import Settings
from wandblint.engine import CheckResult, check

HARMLESS = ("cannot be read: ", "cannot be listed: ")
"""What may be said of bad input; anything else is a mistake of wandblint."""


def survives(files: Mapping[str, str]) -> CheckResult:
    """The outcome of linting the files of a project with every rule on, if wandblint survives them."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode("utf-8", "surrogatepass"))
        return judged(check(Path(folder), None, Settings(select=[ALL])))


def judged(outcome: CheckResult) -> CheckResult:
    """The outcome, if nothing in it is a mistake of wandblint."""
    broken = [problem for problem in outcome.problems if not problem.message.startswith(HARMLESS)]
    assert broken == []
    for finding in outcome.findings:
        for span in (finding.span, *(related.span for related in finding.related)):
            assert 0 <= span.start <= span.end <= len(outcome.texts.text(span.path)), finding
    return outcome
