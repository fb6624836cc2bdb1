"""The text of a program: every piece as code, with names of its own, over one or several files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.oracle.kinds import BLOCK, DIRECTIVE, Sort
from tests.oracle.trees import Node, Program, definition

MAIN = "train.py"
MODULES = (MAIN, "stages.py", "parts.py")
NAME = re.compile(r"\b([A-Za-z]\w*[A-Za-z0-9])_\b(?![_{])")
WORD = re.compile(r"\b(LOG|ROW|ROW1|ROW2|RUN|NUMBER)\b")
BOUND = re.compile(r"(?:class |(?:async )?def )?(\w+)(?:\(|:| = )")
LIBRARY = re.compile(
    r"(?<![\w.\"'])(asyncio|collections|concurrent\.futures|contextlib|copy|dataclasses|enum|functools|importlib|os|"
    r"itertools|json|logging|operator|queue|threading|typing|wandb)\."
)


@dataclass
class File:
    imports: dict[str, None] = field(default_factory=dict)
    tops: list[str] = field(default_factory=list)
    """Code that later code needs."""
    body: list[str] = field(default_factory=list)


@dataclass
class Text:
    """The files of a program while it is written."""

    files: dict[str, File] = field(default_factory=lambda: {MAIN: File()})
    counts: Counter[str] = field(default_factory=Counter)

    def fresh(self, stem: str) -> str:
        """A name that nothing else has."""
        self.counts[stem] += 1
        number = self.counts[stem]
        return f"{stem}_{number}"


@dataclass(frozen=True)
class Place:
    """Where code is written, and what it can mention."""

    text: Text
    file: str
    lines: list[str]
    indent: str = ""
    words: dict[str, str] = field(default_factory=dict)
    takes_step: bool = True
    """Whether LOG is wandb's own function or passed on as it is."""

    def write(self, line: str) -> None:
        self.lines.append(f"{self.indent}{line}" if line else "")
        for library in LIBRARY.findall(line):
            self.text.files[self.file].imports[f"import {library}"] = None

    def deeper(self, indent: str, words: dict[str, str], *, takes_step: bool | None = None) -> Place:
        return replace(
            self,
            indent=self.indent + indent,
            words={**self.words, **words},
            takes_step=self.takes_step if takes_step is None else takes_step,
        )


def files_of(program: Program) -> dict[str, str]:
    """The files of a program by name; `train.py` is the script."""
    text = Text()
    text.files[MAIN].imports["import wandb"] = None
    for root in program:
        words = {"NUMBER": "1"}
        _write(Place(text, MAIN, text.files[MAIN].body, words=words), root)
    return {
        name: "\n".join([*sorted(file.imports), "", *file.tops, *file.body]) + "\n"
        for name, file in text.files.items()
    }


def _write(place: Place, node: Node) -> None:
    """Writes a piece that is not a row."""
    if node.kind == BLOCK.name:
        for part in node.parts:
            _write(place, part)
        return
    kind = definition(node.kind)
    if node.kind.startswith("log with") and not place.takes_step and kind.sort is Sort.WAY:
        kind = definition("log")
    parts = iter(node.parts)
    names: dict[str, str] = {}
    top, local = kind.sections
    _write_top(place, node, top, names, parts)
    _write_lines(place, local, names, parts)


def _write_top(
    place: Place, node: Node, lines: list[str], names: dict[str, str], parts: Iterator[Node]
) -> None:
    """Writes the first part of a template: in place, at the top of the module, or in another module."""
    if not lines:
        return
    variant = node.variant
    if definition(node.kind).needs_top and variant == 0:
        variant = 1
    if variant == 0:
        _write_lines(place, lines, names, parts)
        return
    number = MODULES.index(place.file) + (variant >= 2)
    file_name = MODULES[min(number, len(MODULES) - 1)]
    file = place.text.files.setdefault(file_name, File())
    chunk: list[str] = []
    elsewhere = Place(place.text, file_name, chunk, "", {"NUMBER": "1"}, place.takes_step)
    _write_lines(elsewhere, lines, names, parts)
    file.tops += chunk
    if file_name != place.file:
        module = file_name.removesuffix(".py")
        imports = place.text.files[place.file].imports
        bound = _bound(chunk)
        rebound = {name for line in chunk if line.strip().startswith("global ") for name in line.split()[1:]}
        if variant == 2:
            imports.update({f"from {module} import {name}": None for name in bound if name not in rebound})
        else:
            imports[f"import {module}"] = None
            names |= {stem: f"{module}.{name}" for stem, name in names.items() if name in bound}


def _bound(lines: list[str]) -> list[str]:
    """The names that the top level of some code binds."""
    found = [match[1] for line in lines if not line[:1].isspace() and (match := BOUND.match(line))]
    return [name for name in dict.fromkeys(found) if name != "_" and not name.startswith("for")]


def _write_lines(place: Place, lines: list[str], names: dict[str, str], parts: Iterator[Node]) -> None:
    for raw in lines:
        line = raw.lstrip()
        indent = raw[: len(raw) - len(line)]
        match = DIRECTIVE.fullmatch(line)
        if match is None:
            place.deeper(indent, {}).write(_filled(place, line, names))
        else:
            _write_directive(place, indent, match[1], match[2], names, parts)


def _write_directive(
    place: Place, indent: str, word: str, rest: str, names: dict[str, str], parts: Iterator[Node]
) -> None:
    if word == "THEN":
        raw_log, raw_row = rest.split(" | ", 1)
        takes_step = place.takes_step if raw_log.rpartition(".")[2] in {"LOG", "log_"} else False
        words = {"LOG": _filled(place, raw_log, names), "ROW": _filled(place, raw_row, names)}
        inner = place.deeper(indent, words, takes_step=takes_step)
    elif word == "BODY":
        inner = place.deeper(indent, {"RUN": _filled(place, rest, names)})
    elif word == "DO":
        inner = place.deeper(indent, {"NUMBER": _filled(place, rest, names)} if rest else {})
    else:
        inner = place.deeper(indent, {})
        made = _row(inner, next(parts))
        inner = inner.deeper("", {"LOG": f"{place.words['RUN']}.log", "ROW": made})
    _write(inner, next(parts))


def _row(place: Place, node: Node) -> str:
    """Writes the lines that make a row, and returns the row."""
    kind = definition(node.kind)
    words = {f"ROW{index + 1}": _row(place, part) for index, part in enumerate(node.parts)}
    inner = place.deeper("", words)
    names: dict[str, str] = {}
    top, local = kind.sections
    _write_top(inner, node, top, names, iter(()))
    for raw in local:
        if raw.startswith("=> "):
            return _filled(inner, raw.removeprefix("=> "), names)
        inner.write(_filled(inner, raw, names))
    raise AssertionError(f"{node.kind} makes no row")


def _filled(place: Place, line: str, names: dict[str, str]) -> str:
    """A line with names and words filled in."""

    def name(match: re.Match[str]) -> str:
        stem = match[1]
        if stem not in names:
            names[stem] = place.text.fresh(stem)
        is_attribute = line[: match.start()].endswith(".")
        return names[stem].rpartition(".")[2] if is_attribute else names[stem]

    return WORD.sub(lambda match: place.words[match[1]], NAME.sub(name, line))
