"""What a look at a file tells without reading it for its meaning: its hash, whether it mentions wandb, what
it imports. A file whose size and times are as they were is not opened again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from wandblint.sources.imports import ImportLine, scan_imports
from wandblint.sources.suppressions import OURS
from wandblint.sources.text import DIGEST, Texts, digest_of

_OURS = OURS.encode()
_SETTLED = 2_000_000_000
"""Nanoseconds: a younger file may change again within a tick of the file system's clock (2 s on FAT)."""


class FileMetadata(msgspec.Struct, array_like=True, gc=False):
    """One file: its size and times, the hash of its bytes (empty where it cannot be read).

    `imports` are encoded, and empty until somebody asks for them.
    """

    size: int
    modified: int
    changed: int
    digest: bytes
    mentions: bool
    suppresses: bool
    """Whether it holds what every suppression of ours holds."""
    imports: bytes = b""
    code: bytes = b""
    """The hash of the file as it would be without what stands behind its last statement; empty where that is
    the hash of its bytes."""

    @property
    def code_digest(self) -> bytes:
        """The hash of what can mean something to who links: comments at the end do not."""
        return self.code or self.digest

    def is_of(self, status: os.stat_result) -> bool:
        """Whether the file is as it was."""
        return (self.size, self.modified, self.changed) == (
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )


class MetadataTable:
    """The glances of a project's files; `kept` are those of an earlier run."""

    def __init__(self, root: Path, texts: Texts, kept: bytes | None = None) -> None:
        self._root = str(root)
        self._texts = texts
        self._kept = _decoded(kept)
        self._seen: dict[str, FileMetadata] = {}
        self._fresh: set[str] = set()

    def of(self, name: str) -> FileMetadata:
        """A file's glance. A file that cannot be read may mention wandb."""
        if name not in self._seen:
            self._seen[name] = self._look(name)
        return self._seen[name]

    def is_new(self, name: str) -> bool:
        """Whether a file that was looked at was not known as it is."""
        return name in self._fresh

    def imports(self, name: str) -> list[ImportLine]:
        """What the file imports."""
        return _IMPORTS.decode(self._imports(name))

    def public_fingerprint(self, name: str) -> bytes:
        """What it tells of a file besides its content: whether it mentions wandb, and what it imports."""
        return bytes([self.of(name).mentions]) + self._imports(name)

    def _imports(self, name: str) -> bytes:
        glance = self.of(name)
        if not glance.imports:
            glance.imports = _ENCODER.encode(list(scan_imports(self._texts.text(name))))
            self._fresh.add(name)
            if not glance.mentions:
                self._texts.forget(name)
        return glance.imports

    def state(self, names: Sequence[str], looked_at: Collection[str]) -> bytes:
        """The hash of files: of those `looked_at` their code counts, of the others what a glance tells."""
        made = hashlib.blake2b(digest_size=DIGEST)
        opened = frozenset(looked_at)
        for name in names:
            glance = self.of(name)
            made.update(name.encode("utf-8", "surrogateescape") + b"\0")
            if name in opened:
                made.update(bytes([glance.mentions]) + glance.code_digest)
            else:
                told = self.public_fingerprint(name)
                made.update(len(told).to_bytes(4, "big"))
                made.update(told)
        return made.digest()

    def holds(self, name: str) -> bool:
        """Whether the file was still what the glance saw when it was read last."""
        return self._texts.digests.get(name) in {None, self.of(name).digest}

    def to_keep(self) -> bytes | None:
        """The glances for the next run; None where it would learn nothing new."""
        now = time.time_ns()
        settled = {
            name: glance
            for name, glance in self._seen.items()
            if glance.digest
            and not self._texts.is_given(name)
            and max(glance.modified, glance.changed) < now - _SETTLED
        }
        is_new = not self._fresh.isdisjoint(settled) or not self._kept.keys() <= self._seen.keys()
        return _ENCODER.encode(settled) if is_new else None

    def _look(self, name: str) -> FileMetadata:
        if self._texts.is_given(name):
            return self._read(name, 0, 0, 0)
        try:
            # Before the file is read: what is written meanwhile is then seen by the next run.
            status = os.stat(f"{self._root}/{name}")
        except OSError:
            return self._read(name, 0, 0, 0)
        kept = self._kept.get(name)
        if kept is not None and kept.is_of(status):
            return kept
        self._fresh.add(name)
        return self._read(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def _read(self, name: str, size: int, modified: int, changed: int) -> FileMetadata:
        suppresses = _OURS in self._texts.data(name)
        digest = self._texts.digests.get(name, b"")
        code = self._texts.code_apart(name)
        meaning = digest_of(code) if digest and code is not None else b""
        mentions = self._texts.mentions_wandb(name)
        return FileMetadata(size, modified, changed, digest, mentions, suppresses, code=meaning)


def _decoded(kept: bytes | None) -> dict[str, FileMetadata]:
    if kept is None:
        return {}
    try:
        return _DECODER.decode(kept)
    except msgspec.MsgspecError:
        # Of a layout that the key does not tell of: nothing is known then.
        return {}


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(dict[str, FileMetadata])
_IMPORTS = msgspec.msgpack.Decoder(list[ImportLine])
