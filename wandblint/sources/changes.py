"""The lines of a project that changed since a commit, according to git."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(rb'\\(?:([abfnrtv"\\])|([0-7]{3}))')
_ESCAPES = dict(zip(b'abfnrtv"\\', b'\a\b\f\n\r\t\v"\\', strict=True))
_DIFF = (
    *("--unified=0", "--find-renames", "--no-relative", "--ignore-submodules"),
    *("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"),
)
_SETTINGS = ("-c", "core.quotePath=true", "-c", "core.fsmonitor=false")
_FROM_HOOKS = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})
"""Variables that git sets for its hooks; their values are relative to another folder than ours."""


class ChangesError(Exception):
    """The changed lines cannot be determined; the message says why."""


class ChangedLines(msgspec.Struct, frozen=True):
    """Ranges of changed rows by file, and the new files, in which every row counts as changed."""

    rows: dict[str, list[range]] = msgspec.field(default_factory=dict)
    new: frozenset[str] = frozenset()

    def touch(self, name: str, first: int, last: int) -> bool:
        """Whether a row of a file from `first` to `last` changed. As in git, only a line feed ends a row."""
        return name in self.new or any(
            rows.start <= last and first < rows.stop for rows in self.rows.get(name, ())
        )


def changed_lines(root: Path, ref: str) -> ChangedLines:
    """Compares the files below `root` with the commit where their history branched off from `ref`.

    File names are relative to `root`. Untracked files are new. Raises `ChangesError`.
    """
    prefix = _git(root, "rev-parse", "--show-prefix").rstrip(b"\n")
    rev_parse = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    commit = _git(root, *rev_parse, problem="no such branch or commit").decode().strip()
    unrelated = "it shares no history with HEAD (a shallow clone has too little history)"
    base = _git(root, "merge-base", commit, "HEAD", problem=unrelated).split()[0].decode()
    diff = _git(root, "diff", *_DIFF, base, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "--full-name", "-z")
    rows: dict[str, list[range]] = {}
    for name, hunk_rows in _hunks(diff):
        if name.startswith(prefix):
            rows.setdefault(os.fsdecode(name[len(prefix) :]), []).append(hunk_rows)
    new = frozenset(os.fsdecode(name[len(prefix) :]) for name in untracked.split(b"\0") if name)
    return ChangedLines(rows, new)


def _hunks(diff: bytes) -> Iterator[tuple[bytes, range]]:
    """Yields the file name and the changed rows of every hunk that adds lines."""
    name, skip = b"", 0
    for line in diff.split(b"\n"):
        if skip and not line.startswith(b"\\"):
            skip -= 1
        elif hunk := _HUNK.match(line):
            removed, first, added = (1 if number is None else int(number) for number in hunk.groups())
            # Lines of the hunk may look like headers.
            skip = removed + added
            if added:
                yield name, range(first, first + added)
        elif line.startswith((b"+++ b/", b'+++ "b/')):
            name = _unquoted(line.removeprefix(b"+++ ").rstrip(b"\t")).removeprefix(b"b/")


def _unquoted(path: bytes) -> bytes:
    """Decodes a path as git writes it: quoted and escaped if it contains odd characters."""
    if not path.startswith(b'"'):
        return path
    return _QUOTED.sub(
        lambda match: bytes([_ESCAPES[match[1][0]] if match[1] else int(match[2], 8)]), path[1:-1]
    )


def _git(root: Path, *arguments: str, problem: str | None = None) -> bytes:
    """Returns what git prints. Raises `ChangesError` if git fails, with `problem` or git's own first line."""
    import subprocess  # noqa: PLC0415 (few runs use git)

    command = ("git", "--no-optional-locks", *_SETTINGS, *arguments)
    environment = {key: value for key, value in os.environ.items() if key not in _FROM_HOOKS}
    environment["LC_ALL"] = "C"
    try:
        process = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        raise ChangesError("git is not installed") from None
    if process.returncode:
        message = process.stderr.decode(errors="replace").partition("\n")[0].removeprefix("fatal: ")
        raise ChangesError(problem or f"git says: {message}")
    return process.stdout
