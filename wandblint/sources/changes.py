"""Which lines of a project have changed since a commit, as git tells."""

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
"""What git tells its hooks is relative to another folder than the one that it is asked in here."""


class ChangesError(Exception):
    """It cannot be known what has changed; the message says why."""


class Changes(msgspec.Struct, frozen=True):
    """Ranges of changed rows by file; in files that are new every row is changed."""

    rows: dict[str, list[range]] = msgspec.field(default_factory=dict)
    new: frozenset[str] = frozenset()

    def touch(self, name: str, first: int, last: int) -> bool:
        """Whether one of these rows of a file is changed. Rows are git's: only a line feed ends one."""
        return name in self.new or any(
            rows.start <= last and first < rows.stop for rows in self.rows.get(name, ())
        )


def changes(root: Path, ref: str) -> Changes:
    """What differs between the files below a folder and the commit where their history left that of `ref`.

    Names are relative to the folder. Files that git does not know yet are new. Raises `ChangesError`.
    """
    prefix = _git(root, "rev-parse", "--show-prefix").rstrip(b"\n")
    find = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    commit = _git(root, *find, why="no such branch or commit").decode().strip()
    alone = "it shares no history with HEAD (a shallow clone has too little history)"
    base = _git(root, "merge-base", commit, "HEAD", why=alone).split()[0].decode()
    diff = _git(root, "diff", *_DIFF, base, "--")
    unknown = _git(root, "ls-files", "--others", "--exclude-standard", "--full-name", "-z")
    rows: dict[str, list[range]] = {}
    for name, changed in _hunks(diff):
        if name.startswith(prefix):
            rows.setdefault(os.fsdecode(name[len(prefix) :]), []).append(changed)
    new = frozenset(os.fsdecode(name[len(prefix) :]) for name in unknown.split(b"\0") if name)
    return Changes(rows, new)


def _hunks(diff: bytes) -> Iterator[tuple[bytes, range]]:
    """The name of a file and its changed rows, a pair a hunk that adds lines."""
    name, skip = b"", 0
    for line in diff.split(b"\n"):
        if skip and not line.startswith(b"\\"):
            skip -= 1
        elif hunk := _HUNK.match(line):
            removed, first, added = (1 if number is None else int(number) for number in hunk.groups())
            # The lines of the hunk may look like headers.
            skip = removed + added
            if added:
                yield name, range(first, first + added)
        elif line.startswith((b"+++ b/", b'+++ "b/')):
            name = _unquoted(line.removeprefix(b"+++ ").rstrip(b"\t")).removeprefix(b"b/")


def _unquoted(path: bytes) -> bytes:
    """A path as git writes it: in quotes and with escapes where it has odd characters."""
    if not path.startswith(b'"'):
        return path
    return _QUOTED.sub(
        lambda match: bytes([_ESCAPES[match[1][0]] if match[1] else int(match[2], 8)]), path[1:-1]
    )


def _git(root: Path, *arguments: str, why: str | None = None) -> bytes:
    """What git prints. Raises `ChangesError` where it fails, with `why` or with git's own first line."""
    import subprocess  # noqa: PLC0415 (few runs ask git)

    command = ("git", "--no-optional-locks", *_SETTINGS, *arguments)
    kept = {key: value for key, value in os.environ.items() if key not in _FROM_HOOKS}
    try:
        done = subprocess.run(
            command, cwd=root, env={**kept, "LC_ALL": "C"}, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise ChangesError("git is not installed") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").partition("\n")[0].removeprefix("fatal: ")
        raise ChangesError(why or f"git says: {said}")
    return done.stdout
