"""The file that a scan writes: whole projects, whatever interrupts it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wandblint import __version__
from wandblint.cli.scan.result import ProjectResult, ScanError

_FIRST = b'{"kind": '
"""What every line begins with."""


@contextmanager
def _errors_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ScanError(f"{path}: {(error.strerror or '').lower()}") from error


class ScanFile:
    """The projects in a file; further ones are added to it.

    Every method raises `ScanError` where the file cannot be read or written. A file that holds something
    else or is of another wandblint is left as it is: then `ScanError` is raised too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.statuses: dict[str, tuple[str, int]] = {}
        """Of each project that is whole: its status, and how many findings it has."""
        with _errors_named(path):
            self._resume()

    def _resume(self) -> None:
        """Reads what is there and removes the lines of a project that is not whole."""
        content = self._path.read_bytes() if self._path.exists() else b""
        if not content.startswith(_FIRST[: len(content)]):
            raise ScanError(f"{self._path}: is not the output of a scan, so it is left unchanged")
        end = whole = 0
        for line in content.splitlines(keepends=True):
            end += len(line)
            record = _decoded(line)
            if record is None and end < len(content):
                raise ScanError(f"{self._path}: is not the output of a scan, so it is left unchanged")
            if record is not None and record["kind"] == "project":
                if record.get("wandblint") != __version__:
                    made_by = record.get("wandblint")
                    raise ScanError(f"{self._path}: was written by wandblint {made_by}; use another file")
                whole = end
                self.statuses[str(record["project"])] = str(record["status"]), int(str(record["findings"]))
        if whole < len(content):
            os.truncate(self._path, whole)

    def add(self, result: ProjectResult) -> None:
        """Adds a project. What a full disk took of it is taken back."""
        text = "".join(f"{line}\n" for line in result.lines()).encode()
        with _errors_named(self._path):
            size = self._path.stat().st_size if self._path.exists() else 0
            try:
                with self._path.open("ab") as file:
                    file.write(text)
            except OSError:
                if self._path.exists():
                    os.truncate(self._path, size)
                raise
        self.statuses[result.project] = result.status, len(result.findings)

    def forget(self, projects: Iterable[str]) -> None:
        """Takes projects out, in one step."""
        lost = set(projects)
        if not lost:
            return
        with _errors_named(self._path):
            lines = self._path.read_bytes().splitlines(keepends=True)
            others = [line for line in lines if (_decoded(line) or {}).get("project") not in lost]
            beside = self._path.with_name(f".wandblint-{os.urandom(8).hex()}")
            try:
                beside.write_bytes(b"".join(others))
                os.replace(beside, self._path)
            finally:
                beside.unlink(missing_ok=True)
        for project in lost:
            del self.statuses[project]


def _decoded(line: bytes) -> dict[str, object] | None:
    """The object of a whole line of ours."""
    try:
        record = json.loads(line) if line.startswith(_FIRST) and line.endswith(b"\n") else None
    except ValueError:
        return None
    is_ours = isinstance(record, dict) and {"kind", "project"} <= record.keys()
    return record if is_ours else None
