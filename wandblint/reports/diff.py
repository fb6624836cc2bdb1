"""Unified diffs that `git apply` and `patch` take: a line ends at a line feed, and nowhere else."""

from __future__ import annotations

import difflib
import re

import msgspec

from wandblint.infra.secrets import masked
from wandblint.reports.display import quoted

_HUNK = re.compile(r"^@@ (-.*) @@\n", re.MULTILINE)
_NO_PATCH = r"@@ an API key is masked, so this is no patch: \1 @@\n"
"""A header that makes programs skip the file: no masked text must get into it."""
_UNFINISHED = "\n\\ No newline at end of file\n"


class FileDiff(msgspec.Struct, frozen=True):
    """The diff of one file, in which keys are masked; a masked diff does not apply.

    Bytes of the file that are not UTF-8 are lone surrogates in `text`.
    """

    text: str
    is_masked: bool

    @property
    def data(self) -> bytes:
        """The bytes of the diff, in the encoding of the file."""
        return self.text.encode("utf-8", "surrogateescape")


def diff_file(name: str, old: bytes, new: bytes) -> FileDiff:
    """The diff from the old content of a file to the new one."""
    before, after = (_lines(data.decode("utf-8", "surrogateescape")) for data in (old, new))
    lines = list(difflib.unified_diff(before, after, _header(f"a/{name}"), _header(f"b/{name}")))
    body = "".join(line if line.endswith("\n") else line + _UNFINISHED for line in lines[2:])
    shown = masked(body)
    is_masked = shown != body
    if is_masked:
        shown = _HUNK.sub(_NO_PATCH, shown)
    return FileDiff("".join(lines[:2]) + shown, is_masked)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]


def _header(name: str) -> str:
    """A name as git writes it; a tab marks the end of one with spaces."""
    return quoted(name) + "\t" * (" " in name)
