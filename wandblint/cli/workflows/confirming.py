"""`--interactive`: shows each fix and asks whether to apply it, with the answers of `git add -p`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from wandblint.cli import console
from wandblint.findings.finding import Finding
from wandblint.findings.fix import Fix
from wandblint.infra.words import join_all
from wandblint.reports.display import printable
from wandblint.reports.style import BLUE, CYAN, GREEN, RED, Style
from wandblint.reports.text import header

ANSWERS = {
    "y": "apply this fix",
    "n": "do not apply this fix (also Enter)",
    "q": "quit: apply neither this fix nor any later one",
    "a": "apply this fix and all later ones in the file",
    "d": "apply neither this fix nor any later one in the file",
    "A": "apply this fix and all later ones in all files",
    "?": "print this list",
}
Texts = Mapping[str, tuple[str, str]]
"""The old and the new text of each file that a fix changes, by its shown name."""
_CHANGES = frozenset("+-")
_COLORS = {"+": GREEN, "-": RED, "@": CYAN}


class Confirmation:
    """Asks about fixes; remembers the answers that also hold for later ones."""

    def __init__(self, color: str) -> None:
        self._color = color
        self._style = console.style(color)
        self._for_all: bool | None = None
        self._accepted_files: set[str] = set()
        self._declined_files: set[str] = set()
        self._declined: dict[tuple[str, ...], Texts] = {}
        """The files and changed lines of declined fixes, and the texts that they would have changed."""

    def accepts(self, finding: Finding, fix: Fix, texts: Texts) -> bool:
        """Whether to apply a fix."""
        if self._for_all is not None:
            return self._for_all
        if not self._declined_files.isdisjoint(texts):
            return False
        if self._accepted_files.issuperset(texts):
            return True
        shown = [line for name, (old, new) in texts.items() for line in _diff(name, old, new)]
        change = (*texts, *(line for line in shown if line[:1] in _CHANGES))
        if change in self._declined and _old(self._declined[change]) != _old(texts):
            # Another fix has moved it: this is no new fix.
            return False
        console.write(_shown(finding, fix, shown, self._style), color=self._style.color)
        answer = self._ask(texts)
        if answer in "Aq":
            self._for_all = answer == "A"
        elif answer == "a":
            self._accepted_files.update(texts)
        elif answer == "d":
            self._declined_files.update(texts)
        elif answer == "n":
            self._declined[change] = texts
        return answer in "yaA"

    def _ask(self, names: Iterable[str]) -> str:
        """One of `ANSWERS`. The end of the input means `q`."""
        question = f"Apply this fix to {join_all(list(names))} [{','.join(ANSWERS)}]? "
        while True:
            line = console.ask(question, BLUE, self._color)
            answer = "q" if line is None else line.strip() or "n"
            answer = answer if answer in ANSWERS else answer.lower()
            if answer in ANSWERS and answer != "?":
                return answer
            help_lines = [f"{letter} - {meaning}" for letter, meaning in ANSWERS.items()]
            console.write(help_lines, color=False, to_stderr=True)


def _old(texts: Texts) -> list[str]:
    return [old for old, _ in texts.values()]


def _diff(name: str, old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm="")
    return [name, *list(lines)[2:]]


def _shown(finding: Finding, fix: Fix, diff: Iterable[str], style: Style) -> Iterator[str]:
    yield from header(finding, style)
    yield f"fix: {printable(fix.message)}"
    for line in diff:
        color = _COLORS.get(line[:1])
        yield style.paint(printable(line), color, bold=color is None and not line.startswith(" "))
