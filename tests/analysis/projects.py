"""Small projects in memory, and queries of their models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import dedent

import msgspec

from wandblint.analysis import analyze
from wandblint.facts import FileFacts
from wandblint.index import FileIndex
from wandblint.model.codec import encode as encode_model
from wandblint.model.tracking_model import TrackingModel
from wandblint.sources.imports import ImportLine, scan_imports
from wandblint.sources.text import digest_of
from wandblint.syntax.result import ParseResult, attempt, decode, encode

LARGEST_VALUE = 1 << 32
"""A larger number in a model is an id: it only tells things apart."""


class FilesInMemory:
    """A project. Facts pass through their stored form, so the model depends on nothing else."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {name: dedent(text) for name, text in files.items()}
        self._facts: dict[str, FileFacts | None] = {}
        self.queried: set[str] = set()
        """The files that the analysis depends on."""
        self.opened: set[str] = set()
        """The files whose facts were read."""

    @property
    def names(self) -> Sequence[str]:
        return sorted(self._files)

    def mentions_wandb(self, name: str) -> bool:
        return "wandb" in self._files[name]

    def code(self, name: str) -> str:
        return self._files[name]

    def imports(self, name: str) -> Iterator[ImportLine]:
        return scan_imports(self._files[name])

    def public_fingerprint(self, name: str) -> bytes:
        return msgspec.msgpack.encode((self.mentions_wandb(name), list(self.imports(name))))

    def prefetch(self, names: Iterable[str]) -> None:
        pass

    def facts(self, name: str) -> FileFacts | None:
        if name not in self._facts:
            self._facts[name] = self._read(name).facts(name)
        self.opened.add(name)
        return self._facts[name]

    def index(self, name: str) -> FileIndex | None:
        return self._read(name).index

    def _read(self, name: str) -> ParseResult:
        self.queried.add(name)
        return decode(encode(attempt(name, self._files[name], with_index=True)[0]))

    def digest(self, name: str) -> bytes:
        return digest_of(self._files[name].encode())

    def mark_reused(self, name: str) -> None:
        self.queried.add(name)

    def before_fork(self) -> None:
        pass

    def in_child(self) -> Callable[[], bytes]:
        return bytes

    def note_progress(self, work: str, done: int, total: int) -> None:
        """Nobody watches."""

    def merge_child(self, data: bytes) -> None:
        assert data == b""

    def report_crash(self, name: str, error: Exception) -> None:
        raise AssertionError(name) from error


def as_bytes(model: TrackingModel) -> bytes:
    """The model as bytes, with ids renumbered in order of appearance.

    Ids derive from stable positions, which differ between an incremental run and a full run.
    """
    renumbered: dict[int, int] = {}
    values = msgspec.msgpack.decode(encode_model(model))
    return msgspec.msgpack.encode(
        [
            renumbered.setdefault(value, -len(renumbered))
            if isinstance(value, int) and abs(value) > LARGEST_VALUE
            else value
            for value in values
        ]
    )


def model_of(files: Mapping[str, str] | str) -> TrackingModel:
    """The model of a project, given by its files or as the text of one script."""
    return analyze(FilesInMemory({"train.py": files} if isinstance(files, str) else files))


def logged(model: TrackingModel) -> dict[str, str]:
    """Every logged key as text, with its kind."""
    return {str(key.name): key.kind.value for call in model.log_calls for key in call.keys}


def keys_of(files: Mapping[str, str] | str) -> set[str]:
    """The keys that a project logs; `...` where keys are open."""
    model = model_of(files)
    keys = set(logged(model))
    return keys | {"..."} if any(call.is_open for call in model.log_calls) else keys


def script(body: str) -> str:
    """A script that opens a run, then runs these lines."""
    return "import wandb\nrun = wandb.init()\n" + dedent(body)
