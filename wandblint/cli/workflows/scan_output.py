"""The file that a scan writes: whole projects, whatever interrupts it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from wandblint import __version__

_FIRST = b'{"kind": '
"""What every line begins with."""


class NotAScanError(Exception):
    """The file holds something else, which must not be lost."""


class ScanResult(msgspec.Struct, frozen=True):
    """What came of one project: its findings as JSON objects, and what went wrong."""

    project: str
    status: str
    findings: list[Mapping[str, object]]
    seconds: float
    problems: list[str]

    def lines(self) -> Iterator[str]:
        """The lines that it is written as; the last one says that it is whole."""
        for finding in self.findings:
            yield json.dumps({"kind": "finding", "project": self.project, **finding})
        yield json.dumps(
            {
                "kind": "project",
                "project": self.project,
                "status": self.status,
                "findings": len(self.findings),
                "seconds": round(self.seconds, 3),
                "problems": self.problems,
                "wandblint": __version__,
            }
        )


class ScanOutput:
    """The projects in a file; further ones are added to it.

    Raises `NotAScanError` where the file holds something else or is of another wandblint, OSError where it
    cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.statuses: dict[str, tuple[str, int]] = {}
        """Of each project that is whole: its status, and how many findings it has."""
        self._repair()

    def _repair(self) -> None:
        """Reads what is there; the lines of a project that was not finished go."""
        content = self._path.read_bytes() if self._path.exists() else b""
        if not content.startswith(_FIRST[: len(content)]):
            raise NotAScanError(f"{self._path}: is not the output of a scan, so it is left unchanged")
        end = whole = 0
        for line in content.splitlines(keepends=True):
            end += len(line)
            record = _decoded(line)
            if record is None and end < len(content):
                raise NotAScanError(f"{self._path}: is not the output of a scan, so it is left unchanged")
            if record is not None and record["kind"] == "project":
                if record.get("wandblint") != __version__:
                    made_by = record.get("wandblint")
                    raise NotAScanError(f"{self._path}: was written by wandblint {made_by}; use another file")
                whole = end
                self.statuses[str(record["project"])] = str(record["status"]), int(str(record["findings"]))
        if whole < len(content):
            os.truncate(self._path, whole)

    def add(self, outcome: ScanResult) -> None:
        """Adds a project. What a full disk took of it is taken back. Raises OSError."""
        text = "".join(f"{line}\n" for line in outcome.lines()).encode()
        size = self._path.stat().st_size if self._path.exists() else 0
        try:
            with self._path.open("ab") as file:
                file.write(text)
        except OSError:
            if self._path.exists():
                os.truncate(self._path, size)
            raise
        self.statuses[outcome.project] = outcome.status, len(outcome.findings)

    def forget(self, projects: Iterable[str]) -> None:
        """Takes projects out, in one step. Raises OSError."""
        lost = set(projects)
        if not lost:
            return
        lines = self._path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if (_decoded(line) or {}).get("project") not in lost]
        beside = self._path.with_name(f".wandblint-{os.urandom(8).hex()}")
        try:
            beside.write_bytes(b"".join(kept))
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
