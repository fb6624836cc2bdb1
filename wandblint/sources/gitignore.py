"""Patterns as in .gitignore, read as git reads them.

Git asks of one file or folder after the other whether it is meant. pathspec also takes in what is below a
folder, so that `!/src/` after `build/` brings back `src/build/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

_LINE = re.compile(r"(?P<again>!?)(?P<glob>(?:\\.|[^ ]| +(?=[^ ]))*)", re.DOTALL)
_PIECE = re.compile(
    r"\\(?P<escaped>.)|(?P<many>\*+)|(?P<one>\?)"
    r"|\[(?P<other>[!^]?)(?P<members>\]?(?:\\.|[^\]\\])*)\]|(?P<literal>.)",
    re.DOTALL,
)


_FOLDERS = "(?:.+/)?"


class _Pattern(msgspec.Struct, frozen=True):
    ignores: bool
    folders_only: bool
    anywhere: bool
    """Whether it means things in every folder."""
    regex: str

    def matches(self, path: str) -> bool:
        """Whether this very file, or folder with a slash at its end, is meant."""
        if self.folders_only and not path.endswith("/"):
            return False
        regex = f"{_FOLDERS}{self.regex}" if self.anywhere else self.regex
        return re.fullmatch(regex, path.removesuffix("/"), re.DOTALL) is not None


class Patterns:
    """The patterns of one file or setting, in order."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._last_first = [pattern for line in lines if (pattern := _pattern(line)) is not None][::-1]
        # Most files are meant by none: that is one question, and patterns that mean none are not compiled.
        here = [pattern.regex for pattern in self._last_first if not pattern.anywhere]
        anywhere = "|".join(pattern.regex for pattern in self._last_first if pattern.anywhere)
        choices = [*here, f"{_FOLDERS}(?:{anywhere})"] if anywhere else here
        self._some = re.compile("|".join(choices), re.DOTALL)

    def verdict(self, path: str) -> bool | None:
        """Whether a file, or a folder with a slash at its end, is ignored; None where no pattern means it."""
        if not self._last_first or self._some.fullmatch(path.removesuffix("/")) is None:
            return None
        return next((pattern.ignores for pattern in self._last_first if pattern.matches(path)), None)

    def apply(self, path: str) -> bool:
        """Whether a file or a folder above it is ignored."""
        slashes = (at + 1 for at, character in enumerate(path) if character == "/")
        return any(self.verdict(path[:end]) for end in (*slashes, len(path)))


def _pattern(line: str) -> _Pattern | None:
    """The pattern of a line; None where it has none, or one that can mean nothing."""
    if line.startswith("#"):
        return None
    found = _LINE.match(line)
    assert found, "an empty pattern is one"
    glob = found["glob"]
    folders_only = glob.endswith("/")
    glob = glob.removesuffix("/")
    if not glob:
        return None
    regex = "".join(_translated(glob.removeprefix("/")))
    if "[" in regex:
        try:
            re.compile(regex)
        except re.error:
            # Such as the range `[z-a]`.
            return None
    return _Pattern(not found["again"], folders_only, "/" not in glob, regex)


def _translated(glob: str) -> Iterator[str]:
    """The regular expression of a glob, name by name."""
    *folders, last = glob.split("/")
    for name in folders:
        yield _FOLDERS if name == "**" else "".join(map(_piece, _PIECE.finditer(name))) + "/"
    yield ".+" if last == "**" else "".join(map(_piece, _PIECE.finditer(last)))


def _piece(found: re.Match[str]) -> str:
    if found["many"]:
        return "[^/]*"
    if found["one"]:
        return "[^/]"
    if found["members"] is not None:
        members = re.sub(
            r"\\(.)|([^\w-])", lambda member: re.escape(member[1] or member[2]), found["members"]
        )
        return f"(?!/)[{'^' * bool(found['other'])}{members}]"
    return re.escape(found["escaped"] or found["literal"])
