"""The typed cache of a project: file metadata, parse results, analysis results and the edits of fixes.

Findings are never cached: every run applies the rules.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint import __version__
from wandblint.findings.fix import TextEdit
from wandblint.infra.cache import UNDECODABLE, Cache
from wandblint.sources.text import digest_of

if TYPE_CHECKING:
    from wandblint.syntax.result import ParseResult


class CachedAnalysis(msgspec.Struct, array_like=True):
    """The model of a project, and the state of the files that it depends on.

    `state` is a hash of the code of the `opened` files and the public fingerprint of the others.
    `with_problems` are files that cannot be parsed, at least not all of their expressions.
    """

    opened: list[str]
    with_problems: list[str]
    files_read: int
    state: bytes
    model: bytes


class CachedEdits(msgspec.Struct, array_like=True):
    """The edits of a fix; None if the fix cannot be applied to the code."""

    edits: tuple[TextEdit, ...] | None


class Store(Cache):
    """The typed cache of one project."""

    def __init__(self, folder: Path, root: Path) -> None:
        super().__init__(folder)
        self._signature = _signature()
        # Relative, so that a project that is moved or mounted elsewhere keeps its cache.
        try:
            project = os.path.relpath(root, folder)
        except ValueError:
            # On Windows there is no relative path between drives.
            project = str(root)
        self._project = os.fsencode(project)

    def metadata(self) -> bytes | None:
        """The metadata of the project's files."""
        return self.get(self._key(b"metadata", self._project))

    def save_metadata(self, metadata: bytes) -> None:
        """Replace the metadata of the project's files."""
        self.put(self._key(b"metadata", self._project), metadata)

    def result(self, digest: bytes) -> ParseResult | None:
        """The parse result of a file with this content, whatever its name."""
        data = self.get(self._key(b"facts", digest))
        if data is None:
            return None
        from wandblint.syntax.result import decode  # noqa: PLC0415 (its decoder takes long to make)

        try:
            return decode(data)
        except UNDECODABLE:
            # The cache was modified; parsing the file replaces the entry.
            return None

    def save_result(self, digest: bytes, result: ParseResult) -> None:
        """Add the parse result of a file with this content."""
        from wandblint.syntax.result import encode  # noqa: PLC0415 (as above)

        self.put(self._key(b"facts", digest), encode(result))

    def cached_analysis(self, key: bytes) -> CachedAnalysis | None:
        """The last analysis of the project; `key` is a hash of its other inputs."""
        data = self.get(self._key(b"analysis", self._project, key))
        try:
            return None if data is None else _ANALYSIS.decode(data)
        except UNDECODABLE:
            return None

    def save_analysis(self, key: bytes, analysis: CachedAnalysis) -> None:
        """Replace the last analysis."""
        self.put(self._key(b"analysis", self._project, key), _ENCODER.encode(analysis))

    def entry_results(self, key: bytes) -> bytes | None:
        """The results of the entry points in the last analysis (`analysis/incremental/results.py`)."""
        return self.get(self._key(b"entries", self._project, key))

    def save_entry_results(self, key: bytes, results: bytes) -> None:
        """Replace the results of the entry points."""
        self.put(self._key(b"entries", self._project, key), results)

    def cached_edits(self, key: bytes) -> CachedEdits | None:
        """The edits of a fix; `key` is a hash of the fix and of the texts that it changes."""
        data = self.get(self._key(b"edits", key))
        try:
            return None if data is None else _EDITS.decode(data)
        except UNDECODABLE:
            return None

    def save_edits(self, key: bytes, edits: CachedEdits) -> None:
        """Add the edits of a fix."""
        self.put(self._key(b"edits", key), _ENCODER.encode(edits))

    def _key(self, *parts: bytes) -> bytes:
        return digest_of(self._signature, *parts)


def _signature() -> bytes:
    """A hash that changes with the version and the sources of wandblint, with LibCST and with Python."""
    # All of our packages: a list of those that matter would go stale when one moves, and hashing costs 1 ms.
    sources = [*_stamps(Path(__file__).parents[1], recursive=True), *_stamps(_folder_of("libcst"))]
    return digest_of(
        *(part.encode("utf-8", "surrogateescape") for part in (__version__, sys.version, *sources))
    )


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None, "wandblint depends on it"
    assert spec.origin is not None, "it is not a namespace package"
    return Path(spec.origin).parent


def _stamps(folder: Path, *, recursive: bool = False) -> list[str]:
    """Name, size and time of the Python files in a folder; none in an archive, where the version must do."""
    stamps: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                status = entry.stat()
                stamps.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}")
            elif recursive and not entry.name.startswith("_") and entry.is_dir():
                stamps += _stamps(Path(entry.path), recursive=True)
    return stamps


_ENCODER = msgspec.msgpack.Encoder()
_ANALYSIS = msgspec.msgpack.Decoder(CachedAnalysis)
_EDITS = msgspec.msgpack.Decoder(CachedEdits)
