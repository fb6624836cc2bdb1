"""What runs leave for the next one: the facts of files by their content, a glance at each of them, what
linking gave as long as nothing changes that it saw, and what fixes come to in texts as they are.

Verdicts are never kept: every run judges.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint import __version__
from wandblint.findings.fix import TextEdit
from wandblint.infra.cache import Cache, CacheUpdates
from wandblint.sources.text import digest_of

if TYPE_CHECKING:
    from wandblint.syntax.result import ParseResult


class CachedAnalysis(msgspec.Struct, array_like=True):
    """What linking a project gave, and what it looked at for it.

    `state` is the hash of all that it could see; of the files in `looked_at` that is their content, of the
    others whether they mention wandb, and what they import. `refused` are those that could not be
    parsed, or not all of them.
    """

    metadata: list[str]
    refused: list[str]
    read: int
    state: bytes
    model: bytes


class CachedEdits(msgspec.Struct, array_like=True):
    """The edits that a fix came to; None where the code is not written so that it can be carried out."""

    edits: tuple[TextEdit, ...] | None


class Store:
    """The typed face of a cache, for one project."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._cache = Cache(folder)
        self._signature = _signature()
        # Relative, so that the cache of a project that is moved or mounted elsewhere is still its own.
        try:
            project = os.path.relpath(root, folder)
        except ValueError:
            # Windows: no way leads from one drive to another.
            project = str(root)
        self._project = os.fsencode(project)

    def metadata(self) -> bytes | None:
        """The glances at the project's files."""
        return self._cache.get(self._key(b"glances", self._project))

    def keep_metadata(self, glances: bytes) -> None:
        """Keeps them."""
        self._cache.put(self._key(b"glances", self._project), glances)

    def reading(self, digest: bytes) -> ParseResult | None:
        """What came of reading a file with this content, whatever it was called then."""
        data = self._cache.get(self._key(b"facts", digest))
        if data is None:
            return None
        from wandblint.syntax.result import decode  # noqa: PLC0415 (its decoder takes long to make)

        try:
            return decode(data)
        except msgspec.MsgspecError:
            # Somebody wrote into the file; what is read anew replaces it.
            return None

    def keep_reading(self, digest: bytes, reading: ParseResult) -> None:
        """Keeps it."""
        from wandblint.syntax.result import encode  # noqa: PLC0415 (as above)

        self._cache.put(self._key(b"facts", digest), encode(reading))

    def cached_analysis(self, about: bytes) -> CachedAnalysis | None:
        """What came of linking the project last time; `about` is the hash of what it was told besides."""
        data = self._cache.get(self._key(b"linked", self._project, about))
        try:
            return None if data is None else _LINKED.decode(data)
        except msgspec.MsgspecError:
            return None

    def keep_analysis(self, about: bytes, linked: CachedAnalysis) -> None:
        """Keeps it, in place of what came of it before."""
        self._cache.put(self._key(b"linked", self._project, about), _ENCODER.encode(linked))

    def paths(self, about: bytes) -> bytes | None:
        """What came of following each call path then (`linking/outcomes.py`)."""
        return self._cache.get(self._key(b"paths", self._project, about))

    def keep_paths(self, about: bytes, paths: bytes) -> None:
        """Keeps it, in place of what came of them before."""
        self._cache.put(self._key(b"paths", self._project, about), paths)

    def cached_edits(self, about: bytes) -> CachedEdits | None:
        """What a fix came to; `about` is the hash of the fix and of the texts that it changes."""
        data = self._cache.get(self._key(b"carried", about))
        try:
            return None if data is None else _CARRIED.decode(data)
        except msgspec.MsgspecError:
            return None

    def keep_edits(self, about: bytes, carried: CachedEdits) -> None:
        """Keeps it."""
        self._cache.put(self._key(b"carried", about), _ENCODER.encode(carried))

    def before_fork(self) -> None:
        """Closes the file, so that the process may be copied."""
        self._cache.close()

    def in_child(self) -> Callable[[], CacheUpdates]:
        """Told in a copy of the process; gives what was kept there."""
        return self._cache.in_child()

    def merge_child(self, news: CacheUpdates) -> None:
        """What was kept in a copy of the process."""
        self._cache.merge_child(news)

    def save(self) -> None:
        """Writes what is kept, and closes the file; whoever asks again opens it again."""
        self._cache.save()

    def _key(self, *parts: bytes) -> bytes:
        return digest_of(self._signature, *parts)


def _signature() -> bytes:
    """Tells apart versions of wandblint, changed sources of it, of LibCST and of Python."""
    parts = [__version__, sys.version, *_stamps(Path(__file__).parent), *_stamps(_folder_of("libcst"))]
    return digest_of(*(part.encode("utf-8", "surrogateescape") for part in parts))


def _folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None, "wandblint depends on it"
    assert found.origin is not None, "it is no namespace package"
    return Path(found.origin).parent


def _stamps(folder: Path) -> list[str]:
    """Size and time of the Python files in a package and in its own folders; none in an archive."""
    found: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}")
                elif entry.name in _READS and entry.is_dir():
                    found += _stamps(Path(entry.path))
    except OSError:
        # An archive: its version has to do.
        return []
    return found


_READS = frozenset({"fixing", "linking", "outline", "quick", "reading", "semantics", "sources"})
_ENCODER = msgspec.msgpack.Encoder()
_LINKED = msgspec.msgpack.Decoder(CachedAnalysis)
_CARRIED = msgspec.msgpack.Decoder(CachedEdits)
