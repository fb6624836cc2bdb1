"""The page of a rule as data: what it says of the rule, its sections, and its cases.

A case is one small project. The fences of the page that have a title are its files, and a comment at
the end of a line, `# error: WB202 "words of the message"`, expects a finding of that code on that
line; several such comments may follow one another. The comments are no part of the project: they are
taken away, with the blanks before them, before it is linted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wandblint.pages.markdown import Fence, Heading, PageError, Paragraph, blocks

SECTIONS = (
    "What it does",
    "Why it matters",
    "Example",
    "Use instead",
    "When to ignore it",
    "Fix safety",
    "References",
    "Cases",
)
"""The sections of a page, in their order."""

TITLE_LEVEL, SECTION_LEVEL, CASE_LEVEL = 1, 2, 3

AFTER_FIX = "After --fix"
AFTER_UNSAFE_FIX = "After --fix --unsafe-fixes"

_TITLE = re.compile(r"(?P<code>[A-Z]+\d+) (?P<name>[a-z0-9-]+)")
_LEAD = re.compile(r"\*\*(?P<severity>[a-z]+)\*\* · (?P<summary>.+)")
_EXPECTED = re.compile(r'\s*# error: (?P<code>[A-Z]+\d+) "(?P<words>[^"]+)"\s*$')
_LOOKS_EXPECTED = re.compile(r"#\s*error:\s*[A-Z]{2,}\d")


@dataclass(frozen=True)
class Expectation:
    """A finding that a case marks: its file and row, its code, and words that its message must hold."""

    path: str
    row: int
    code: str
    words: str

    def __str__(self) -> str:
        """The mark as the author would look for it."""
        return f'{self.path}:{self.row}: {self.code} "{self.words}"'


@dataclass(frozen=True)
class Case:
    """One project and the findings it must give.

    `is_exact` is false for an example of the prose without marks: it must give at least one finding
    of the page's code, wherever it may be. `after_fix` and `after_unsafe_fix` hold the files that
    `--fix`, and `--fix --unsafe-fixes`, change.
    """

    name: str
    row: int
    files: dict[str, str] = field(default_factory=dict)
    expected: tuple[Expectation, ...] = ()
    is_exact: bool = True
    after_fix: dict[str, str] = field(default_factory=dict)
    after_unsafe_fix: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page. `sections` are the names of its sections in the order in which they stand."""

    code: str
    name: str
    severity: str
    summary: str
    sections: tuple[str, ...]
    cases: tuple[Case, ...]


def parse(text: str) -> Page:
    """The page that a Markdown text is.

    Raises `PageError` with the row where the text is not a page: no title, no line of severity and
    summary below it, a case without files, a fence without a title in a case, a malformed mark.
    """
    found = list(blocks(text))
    title = found[0] if found else Paragraph(1, "")
    matched = (
        _TITLE.fullmatch(title.text) if isinstance(title, Heading) and title.level == TITLE_LEVEL else None
    )
    if matched is None:
        raise PageError(title.row, "the first line must be `# CODE rule-name`")
    lead = found[1] if len(found) > 1 else Paragraph(title.row, "")
    led = _LEAD.fullmatch(lead.text) if isinstance(lead, Paragraph) else None
    if led is None:
        raise PageError(lead.row, "the line below the title must be `**severity** · summary`")
    sections = tuple(
        block.text for block in found if isinstance(block, Heading) and block.level == SECTION_LEVEL
    )
    cases = (*_examples(found), *_cases(found))
    for number, case in enumerate(cases):
        if any(earlier.name == case.name for earlier in cases[:number]):
            raise PageError(case.row, f"two cases are called `{case.name}`")
    return Page(matched["code"], matched["name"], led["severity"], led["summary"], sections, cases)


def _section(found: list[Heading | Fence | Paragraph], name: str) -> Iterator[Heading | Fence | Paragraph]:
    inside = False
    for block in found:
        if isinstance(block, Heading) and block.level <= SECTION_LEVEL:
            inside = block.level == SECTION_LEVEL and block.text == name
        elif inside:
            yield block


def _examples(found: list[Heading | Fence | Paragraph]) -> Iterator[Case]:
    """The examples of the prose: titled fences are one project, each other Python fence is one."""
    for section in ("Example", "Use instead"):
        fences = [block for block in _section(found, section) if isinstance(block, Fence)]
        titled = [fence for fence in fences if fence.title is not None]
        plain = [
            replace(fence, title="example.py") for fence in fences if fence.title is None and fence.is_python
        ]
        projects = ([titled] if titled else []) + [[fence] for fence in plain]
        for number, project in enumerate(projects, 1):
            name = section if number == 1 else f"{section} {number}"
            case = _with_files(Case(name, project[0].row), project)
            yield replace(case, is_exact=section != "Example" or bool(case.expected))


def _cases(found: list[Heading | Fence | Paragraph]) -> Iterator[Case]:
    case: Case | None = None
    fences: dict[str, list[Fence]] = {}
    part = ""
    for block in _section(found, "Cases"):
        if isinstance(block, Heading) and block.level == CASE_LEVEL:
            if case is not None:
                yield _finished(case, fences)
            case, fences, part = Case(block.text, block.row), {}, ""
        elif isinstance(block, Heading):
            if case is None or block.text not in (AFTER_FIX, AFTER_UNSAFE_FIX):
                raise PageError(block.row, f"`{block.text}` is neither a case nor `{AFTER_FIX}`")
            part = block.text
        elif isinstance(block, Fence):
            if case is None:
                raise PageError(block.row, "a fence before the first `### case`")
            fences.setdefault(part, []).append(block)
    if case is not None:
        yield _finished(case, fences)


def _finished(case: Case, fences: dict[str, list[Fence]]) -> Case:
    if "" not in fences:
        raise PageError(case.row, f"case `{case.name}` has no files")
    changed = [_with_files(case, fences.get(part, [])) for part in (AFTER_FIX, AFTER_UNSAFE_FIX)]
    if any(part.expected for part in changed):
        raise PageError(
            case.row, f"case `{case.name}` marks findings after the fix; mark them in the case itself"
        )
    return replace(
        _with_files(case, fences[""]), after_fix=changed[0].files, after_unsafe_fix=changed[1].files
    )


def _with_files(case: Case, fences: list[Fence]) -> Case:
    files: dict[str, str] = {}
    expected: list[Expectation] = []
    for fence in fences:
        path = fence.title
        if path is None:
            raise PageError(fence.row, f'a fence of case `{case.name}` has no title="..."')
        if path.startswith("/") or ".." in path.split("/") or "\\" in path:
            raise PageError(fence.row, f"`{path}` is not a path inside the project")
        if path in files:
            raise PageError(fence.row, f"case `{case.name}` has two files called `{path}`")
        lines, marks = _without_marks(path, fence)
        files[path] = "".join(f"{line}\n" for line in lines)
        expected += marks
    return replace(case, files=files, expected=tuple(expected))


def _without_marks(path: str, fence: Fence) -> tuple[list[str], list[Expectation]]:
    lines: list[str] = []
    expected: list[Expectation] = []
    for row, marked in enumerate(fence.lines, 1):
        line = marked
        marks: list[Expectation] = []
        while mark := _EXPECTED.search(line):
            marks.insert(0, Expectation(path, row, mark["code"], mark["words"]))
            line = line[: mark.start()]
        if _LOOKS_EXPECTED.search(line):
            raise PageError(
                fence.row + row, 'a mark must read `# error: CODE "words of the message"` and ends its line'
            )
        lines.append(line)
        expected += marks
    return lines, expected
