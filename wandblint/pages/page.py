"""Parses the page of a rule: its title, severity, summary, sections and cases.

A case is a small project. Its files are fences with a title. A mark, a comment `# error: WB202 "words of the
message"` at the end of a line, expects a finding of that code on that line; a line may have several. The
marks, with the blanks before them, are removed before the project is linted.
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
"""The sections of a page, in order."""

TITLE_LEVEL, SECTION_LEVEL, CASE_LEVEL = 1, 2, 3

AFTER_FIX = "After --fix"
AFTER_UNSAFE_FIX = "After --fix --unsafe-fixes"

_TITLE = re.compile(r"(?P<code>[A-Z]+\d+) (?P<name>[a-z0-9-]+)")
_LEAD = re.compile(r"\*\*(?P<severity>[a-z]+)\*\* · (?P<summary>.+)")
_EXPECTED = re.compile(r'\s*# error: (?P<code>[A-Z]+\d+) "(?P<words>[^"]+)"\s*$')
_LOOKS_EXPECTED = re.compile(r"#\s*error:\s*[A-Z]{2,}\d")


@dataclass(frozen=True)
class Expectation:
    """A finding that a case expects: its file, row and code, and words that its message must contain."""

    path: str
    row: int
    code: str
    words: str

    def __str__(self) -> str:
        """`path:row: CODE "words"`."""
        return f'{self.path}:{self.row}: {self.code} "{self.words}"'


@dataclass(frozen=True)
class Case:
    """A project and the findings that it must give.

    `is_exact` is false for an example in the prose without marks: it must give at least one finding of the
    page's code, on any line. `after_fix` and `after_unsafe_fix` are the files that `--fix`, and `--fix
    --unsafe-fixes`, change.
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
    """A parsed page; `sections` are the names of its sections in their order on the page."""

    code: str
    name: str
    severity: str
    summary: str
    sections: tuple[str, ...]
    cases: tuple[Case, ...]


def parse(text: str) -> Page:
    """Parses a page.

    Raises `PageError` with the row if the title, the line of severity and summary, the files of a case, the
    title of a fence in a case or a mark is missing or malformed.
    """
    page = list(blocks(text))
    title = page[0] if page else Paragraph(1, "")
    title_match = None
    if isinstance(title, Heading) and title.level == TITLE_LEVEL:
        title_match = _TITLE.fullmatch(title.text)
    if title_match is None:
        raise PageError(title.row, "the first line must be `# CODE rule-name`")
    lead = page[1] if len(page) > 1 else Paragraph(title.row, "")
    lead_match = _LEAD.fullmatch(lead.text) if isinstance(lead, Paragraph) else None
    if lead_match is None:
        raise PageError(lead.row, "the line below the title must be `**severity** · summary`")
    sections = tuple(
        block.text for block in page if isinstance(block, Heading) and block.level == SECTION_LEVEL
    )
    cases = (*_examples(page), *_cases(page))
    for number, case in enumerate(cases):
        if any(earlier.name == case.name for earlier in cases[:number]):
            raise PageError(case.row, f"two cases are called `{case.name}`")
    severity, summary = lead_match["severity"], lead_match["summary"]
    return Page(title_match["code"], title_match["name"], severity, summary, sections, cases)


def _section(page: list[Heading | Fence | Paragraph], name: str) -> Iterator[Heading | Fence | Paragraph]:
    inside = False
    for block in page:
        if isinstance(block, Heading) and block.level <= SECTION_LEVEL:
            inside = block.level == SECTION_LEVEL and block.text == name
        elif inside:
            yield block


def _examples(page: list[Heading | Fence | Paragraph]) -> Iterator[Case]:
    """The examples in the prose: all fences with a title are one project, each other Python fence another."""
    for section in ("Example", "Use instead"):
        fences = [block for block in _section(page, section) if isinstance(block, Fence)]
        titled = [fence for fence in fences if fence.title is not None]
        plain = [
            replace(fence, title="example.py") for fence in fences if fence.title is None and fence.is_python
        ]
        projects = ([titled] if titled else []) + [[fence] for fence in plain]
        for number, project in enumerate(projects, 1):
            name = section if number == 1 else f"{section} {number}"
            case = _with_files(Case(name, project[0].row), project)
            yield replace(case, is_exact=section != "Example" or bool(case.expected))


def _cases(page: list[Heading | Fence | Paragraph]) -> Iterator[Case]:
    case: Case | None = None
    fences: dict[str, list[Fence]] = {}
    part = ""
    for block in _section(page, "Cases"):
        if isinstance(block, Heading) and block.level == CASE_LEVEL:
            if case is not None:
                yield _complete_case(case, fences)
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
        yield _complete_case(case, fences)


def _complete_case(case: Case, fences: dict[str, list[Fence]]) -> Case:
    if "" not in fences:
        raise PageError(case.row, f"case `{case.name}` has no files")
    fixed, unsafely_fixed = (
        _with_files(case, fences.get(part, [])) for part in (AFTER_FIX, AFTER_UNSAFE_FIX)
    )
    if fixed.expected or unsafely_fixed.expected:
        raise PageError(
            case.row, f"case `{case.name}` marks findings after the fix; mark them in the case itself"
        )
    return replace(
        _with_files(case, fences[""]), after_fix=fixed.files, after_unsafe_fix=unsafely_fixed.files
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
        lines, marks = _extract_marks(path, fence)
        files[path] = "".join(f"{line}\n" for line in lines)
        expected += marks
    return replace(case, files=files, expected=tuple(expected))


def _extract_marks(path: str, fence: Fence) -> tuple[list[str], list[Expectation]]:
    """The lines of a fence without marks, and the marks."""
    lines: list[str] = []
    expected: list[Expectation] = []
    for row, marked_line in enumerate(fence.lines, 1):
        line = marked_line
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
