"""The output file of a scan, which contains complete projects only, even after an interrupt."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wandblint import __version__
from wandblint.cli.scan.result import ProjectResult, ScanError
from wandblint.infra.files import reason_of, replace_file

_FIRST = b'{"kind": '
"""Every line begins with this."""


@contextmanager
def _scan_errors(path: Path) -> Iterator[None]:
    """Turns `OSError` into `ScanError`."""
    try:
        yield
    except OSError as error:
        raise ScanError(f"{path}: {reason_of(error)}") from error


class ScanFile:
    """The projects in an output file, to which further ones can be added.

    Every method raises `ScanError` if the file cannot be read or written. So does the constructor, without
    changing the file, if it is not the output of a scan or was written by another version of wandblint.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.statuses: dict[str, tuple[str, int]] = {}
        """The status and the number of findings of each complete project."""
        with _scan_errors(path):
            self._resume()

    def _resume(self) -> None:
        """Reads the file and removes the lines of an incomplete project at its end."""
        content = self._path.read_bytes() if self._path.exists() else b""
        if not content.startswith(_FIRST[: len(content)]):
            raise ScanError(f"{self._path}: is not the output of a scan, so it is left unchanged")
        end = complete_end = 0
        for line in content.splitlines(keepends=True):
            end += len(line)
            record = _decode(line)
            if record is None and end < len(content):
                raise ScanError(f"{self._path}: is not the output of a scan, so it is left unchanged")
            if record is not None and record["kind"] == "project":
                if record.get("wandblint") != __version__:
                    version = record.get("wandblint")
                    raise ScanError(f"{self._path}: was written by wandblint {version}; use another file")
                complete_end = end
                self.statuses[str(record["project"])] = str(record["status"]), int(str(record["findings"]))
        if complete_end < len(content):
            os.truncate(self._path, complete_end)

    def add(self, result: ProjectResult) -> None:
        """Appends a project. If that fails, for example on a full disk, removes what was written of it."""
        text = "".join(f"{line}\n" for line in result.lines()).encode()
        with _scan_errors(self._path):
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
        """Removes projects, atomically."""
        forgotten = set(projects)
        if not forgotten:
            return
        with _scan_errors(self._path):
            lines = self._path.read_bytes().splitlines(keepends=True)
            others = [line for line in lines if (_decode(line) or {}).get("project") not in forgotten]
            replace_file(self._path, b"".join(others))
        for project in forgotten:
            del self.statuses[project]


def _decode(line: bytes) -> dict[str, object] | None:
    """The object of a complete line of ours; None for any other line."""
    try:
        record = json.loads(line) if line.startswith(_FIRST) and line.endswith(b"\n") else None
    except ValueError:
        return None
    is_ours = isinstance(record, dict) and {"kind", "project"} <= record.keys()
    return record if is_ours else None
