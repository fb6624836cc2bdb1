"""Facts about a file that need no parsing: its hash, whether it mentions wandb, what it imports.

They are cached between runs. A file with the same size and times is not opened again.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from wandblint.infra.cache import UNDECODABLE
from wandblint.sources.imports import ImportLine, scan_imports
from wandblint.sources.suppressions import OURS
from wandblint.sources.text import DIGEST, Texts, digest_of

_OURS = OURS.encode()
_SETTLED = 2_000_000_000
"""Nanoseconds: a younger file may change again without a new timestamp (FAT counts in steps of 2 s)."""


class FileMetadata(msgspec.Struct, array_like=True, gc=False):
    """The size and times of a file and the hash of its bytes, which is empty if it cannot be read.

    `imports` are encoded, and empty until they are first requested.
    """

    size: int
    modified: int
    changed: int
    digest: bytes
    mentions: bool
    suppresses: bool
    """Whether the file contains the text `wandblint:`, as every suppression comment does."""
    imports: bytes = b""
    code: bytes = b""
    """The hash without the comments after the last statement; empty if there are none."""

    @property
    def code_digest(self) -> bytes:
        """The hash of everything that the analysis can depend on, which excludes trailing comments."""
        return self.code or self.digest

    def matches(self, status: os.stat_result) -> bool:
        """Whether the file still has this size and these times."""
        return (self.size, self.modified, self.changed) == (
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )


class MetadataTable:
    """The metadata of a project's files; `cached` is the table of an earlier run, encoded."""

    def __init__(self, root: Path, texts: Texts, cached: bytes | None = None) -> None:
        self._root = str(root)
        self._texts = texts
        self._cached = _decode(cached)
        self._table: dict[str, FileMetadata] = {}
        self._new: set[str] = set()

    def of(self, name: str) -> FileMetadata:
        """The metadata of a file. A file that cannot be read may mention wandb."""
        if name not in self._table:
            self._table[name] = self._find(name)
        return self._table[name]

    def is_new(self, name: str) -> bool:
        """Whether a requested file is new or has changed since the earlier run."""
        return name in self._new

    def imports(self, name: str) -> list[ImportLine]:
        """The imports of a file."""
        try:
            return _IMPORTS.decode(self._imports(name))
        except UNDECODABLE:
            # The cache was modified.
            self.of(name).imports = b""
            return _IMPORTS.decode(self._imports(name))

    def importing(self, names: Sequence[str], library: str) -> list[str]:
        """The files that import a library."""
        # Few do: the others are not decoded.
        candidates = [name for name in names if library.encode() in self._imports(name)]
        return [
            name
            for name in candidates
            if any(not dots and module.split(".")[0] == library for dots, module, _ in self.imports(name))
        ]

    def public_fingerprint(self, name: str) -> bytes:
        """Encodes what other files can depend on: whether the file mentions wandb, and its imports."""
        return bytes([self.of(name).mentions]) + self._imports(name)

    def _imports(self, name: str) -> bytes:
        metadata = self.of(name)
        if not metadata.imports:
            metadata.imports = _ENCODER.encode(list(scan_imports(self._texts.text(name))))
            self._new.add(name)
            if not metadata.mentions:
                self._texts.forget(name)
        return metadata.imports

    def state(self, names: Sequence[str], opened: Collection[str]) -> bytes:
        """Hashes the state of files: the code of the `opened` ones, the public fingerprint of the others."""
        digest = hashlib.blake2b(digest_size=DIGEST)
        opened = frozenset(opened)
        for name in names:
            metadata = self.of(name)
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
            if name in opened:
                digest.update(bytes([metadata.mentions]) + metadata.code_digest)
            else:
                fingerprint = self.public_fingerprint(name)
                digest.update(len(fingerprint).to_bytes(4, "big"))
                digest.update(fingerprint)
        return digest.digest()

    def holds(self, name: str) -> bool:
        """Whether the metadata still described the file when its content was last read."""
        return self._texts.digests.get(name) in {None, self.of(name).digest}

    def to_keep(self) -> bytes | None:
        """Encodes the table for the next run; None if that run would learn nothing new."""
        now = time.time_ns()
        settled = {
            name: metadata
            for name, metadata in self._table.items()
            if metadata.digest
            and not self._texts.is_overridden(name)
            and max(metadata.modified, metadata.changed) < now - _SETTLED
        }
        is_new = not self._new.isdisjoint(settled) or not self._cached.keys() <= self._table.keys()
        return _ENCODER.encode(settled) if is_new else None

    def _find(self, name: str) -> FileMetadata:
        if self._texts.is_overridden(name):
            return self._read(name, 0, 0, 0)
        try:
            # Before the file is read, so the next run notices a write in between.
            status = os.stat(f"{self._root}/{name}")
        except OSError:
            return self._read(name, 0, 0, 0)
        cached = self._cached.get(name)
        if cached is not None and cached.matches(status):
            return cached
        self._new.add(name)
        return self._read(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def _read(self, name: str, size: int, modified: int, changed: int) -> FileMetadata:
        suppresses = _OURS in self._texts.data(name)
        digest = self._texts.digests.get(name, b"")
        code = self._texts.code_bytes(name)
        code_digest = digest_of(code) if digest and code is not None else b""
        mentions = self._texts.mentions_wandb(name)
        return FileMetadata(size, modified, changed, digest, mentions, suppresses, code=code_digest)


def _decode(table: bytes | None) -> dict[str, FileMetadata]:
    if table is None:
        return {}
    try:
        return _DECODER.decode(table)
    except UNDECODABLE:
        # Another version of wandblint wrote it in another layout.
        return {}


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(dict[str, FileMetadata])
_IMPORTS = msgspec.msgpack.Decoder(list[ImportLine])
