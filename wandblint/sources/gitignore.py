"""Patterns as in .gitignore, with git's own semantics.

Git matches every file and folder on its own. pathspec does not: a pattern also matches everything below a
folder, so `!/src/` after `build/` brings back `src/build/`.

A pattern may come from a stranger, so no expression tries again what it has matched: what stands between two
stars matches at the first place where it can, which leaves the most to the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

_LINE = re.compile(r"(?P<negated>!?)(?P<glob>(?:\\.|[^ ]| +(?=[^ ]))*)", re.DOTALL)
_PIECE = re.compile(
    r"\\(?P<escaped>.)|(?P<many>\*+)|(?P<one>\?)"
    r"|\[(?P<other>[!^]?)(?P<members>\]?(?:\\.|[^\]\\])*)\]|(?P<literal>.)",
    re.DOTALL,
)


_MEMBER = re.compile(r"\\(.)|(.)", re.DOTALL)
_ANY_FOLDERS = re.compile(r"\*\*+")
_FOLDERS = "(?:[^/]+/)*"


class _Pattern(msgspec.Struct, frozen=True):
    ignores: bool
    folders_only: bool
    anywhere: bool
    """Whether the pattern applies in every folder."""
    regex: str

    def matches(self, path: str) -> bool:
        """Whether the pattern matches a path; the path of a folder ends in a slash."""
        if self.folders_only and not path.endswith("/"):
            return False
        regex = f"{_FOLDERS}{self.regex}" if self.anywhere else self.regex
        return re.fullmatch(regex, path.removesuffix("/"), re.DOTALL) is not None


class Patterns:
    """The patterns of one file or setting, in order."""

    def __init__(self, lines: Iterable[str]) -> None:
        parsed = (_parse_line(line, f"g{number}") for number, line in enumerate(lines))
        self._last_first = [pattern for pattern in parsed if pattern is not None][::-1]
        # Most paths match no pattern: one combined expression answers that without compiling the others.
        anchored = [pattern.regex for pattern in self._last_first if not pattern.anywhere]
        anywhere = "|".join(pattern.regex for pattern in self._last_first if pattern.anywhere)
        choices = [*anchored, f"{_FOLDERS}(?:{anywhere})"] if anywhere else anchored
        self._any_pattern = re.compile("|".join(choices), re.DOTALL)

    def verdict(self, path: str) -> bool | None:
        """Whether a path is ignored; None if no pattern matches it. The path of a folder ends in a slash."""
        if not self._last_first or self._any_pattern.fullmatch(path.removesuffix("/")) is None:
            return None
        return next((pattern.ignores for pattern in self._last_first if pattern.matches(path)), None)

    def apply(self, path: str) -> bool:
        """Whether a file or a folder that contains it is ignored."""
        folder_ends = (offset + 1 for offset, character in enumerate(path) if character == "/")
        return any(self.verdict(path[:end]) for end in (*folder_ends, len(path)))


def _parse_line(line: str, group: str) -> _Pattern | None:
    """The pattern of a line; None if there is none or it is malformed. `group` begins its groups' names."""
    if line.startswith("#"):
        return None
    match = _LINE.match(line)
    assert match, "the expression matches the empty string"
    glob = match["glob"]
    folders_only = glob.endswith("/")
    glob = glob.removesuffix("/")
    if not glob:
        return None
    regex = _translate(glob.removeprefix("/"), group)
    return _Pattern(not match["negated"], folders_only, "/" not in glob, regex)


def _translate(glob: str, group: str) -> str:
    """The regular expression of a glob."""
    *folders, last = glob.split("/")
    parts = [""]  # the names between two `**`
    for index, name in enumerate(folders):
        if _ANY_FOLDERS.fullmatch(name):
            parts.append("")
        else:
            parts[-1] += _name(name, f"{group}_{index}") + "/"
    parts[-1] += ".+" if _ANY_FOLDERS.fullmatch(last) else _name(last, f"{group}_last")
    return _sequence(parts, _FOLDERS, f"{group}_part")


def _name(name: str, group: str) -> str:
    """The regular expression of one name in a glob."""
    parts = [""]  # what stands between two stars
    for piece in _PIECE.finditer(name):
        if piece["many"]:
            parts.append("")
        else:
            parts[-1] += _piece(piece)
    return _sequence(parts, "[^/]*", group)


def _sequence(parts: list[str], gap: str, group: str) -> str:
    """Parts with gaps between them. All but the first and the last match where they first can, for good."""
    first, *middle = parts
    if not middle:
        return first
    *middle, last = middle
    # Python before 3.11 has no atomic groups: what a lookahead has found is not tried again.
    atomic = (
        f"(?=(?P<{group}_{number}>{gap}?{part}))(?P={group}_{number})"
        for number, part in enumerate(middle)
        if part
    )
    return "".join((first, *atomic, gap, last))


def _piece(match: re.Match[str]) -> str:
    if match["one"]:
        return "[^/]"
    if match["members"] == "":
        return "(?!)"
    if match["members"] is not None:
        return f"(?!/)[{'^' * bool(match['other'])}{_members(match['members'])}]"
    return re.escape(match["escaped"] or match["literal"])


def _members(text: str) -> str:
    """The members of a class as in a regular expression. Of a range that is empty, git takes the start."""
    characters = [(match[1] or match[2], match[1] is None) for match in _MEMBER.finditer(text)]
    found, start, number = "", "", 0
    while number < len(characters):
        character, is_plain = characters[number]
        number += 1
        if character == "-" and is_plain and start and number < len(characters):
            end, _ = characters[number]
            number += 1
            if start <= end:
                found += f"{re.escape(start)}-{re.escape(end)}"
            start = ""
        else:
            start = character
            found += re.escape(character)
    return found
