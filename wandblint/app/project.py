"""The files of a project on demand: what `linking` and the reports ask for, and what went wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.app.settings import Settings
from wandblint.app.store import CachedAnalysis, CachedEdits, Store
from wandblint.findings.fix import Fix, TextEdit
from wandblint.infra.cache import CacheUpdates
from wandblint.infra.processes import WorkerAbort
from wandblint.sources.discovery import discover
from wandblint.sources.imports import ImportLine
from wandblint.sources.metadata import MetadataTable
from wandblint.sources.suppressions import Statements
from wandblint.sources.text import Lines, Texts, digest_of
from wandblint.span import Span

if TYPE_CHECKING:
    from wandblint.facts import FileFacts, NewerSyntax
    from wandblint.index import FileIndex
    from wandblint.syntax.pool import ReadPool
    from wandblint.syntax.result import ParseFailure, ParseResult

Progress = Callable[[int, int], None]
Carry = Callable[[Fix], "tuple[TextEdit, ...] | None"]


class Problem(msgspec.Struct, frozen=True):
    """A part of its work that the tool could not do; `path` is empty where it belongs to no file."""

    path: str
    message: str


class Unparsable(msgspec.Struct, frozen=True):
    """A file that is no valid Python: where the parser stopped, and why."""

    span: Span
    message: str


class RunResources(msgspec.Struct, frozen=True):
    """What makes a run faster and changes nothing that it says.

    `cache` is the folder of what earlier runs have learned. Up to `processes` processes read files and link.
    """

    cache: Path | None = None
    processes: int = 1


class Project:
    """A project's files, read on demand and once: the `Files` that linking asks.

    `named` are files that belong to it even if git or the settings leave them out. `given` are
    files, by name, that are not, or not so, on the disk. `progress` is told how many files have been read, of
    how many; `means` make it faster.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        named: Collection[str] = (),
        given: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        means: RunResources | None = None,
    ) -> None:
        self.problems: list[Problem] = []
        self.unparsable: list[Unparsable] = []
        self._newer_syntax: dict[str, NewerSyntax] = {}
        self.root = root
        given = given or {}
        self.given = tuple(given)
        self.texts = Texts(root, given)
        self.names = sorted({*discover(root, settings, self._not_listed), *named, *given})
        self._readings: dict[str, ParseResult] = {}
        self._facts: dict[str, FileFacts | None] = {}
        self._known: set[str] = set()
        self._statements: dict[str, Statements] = {}
        self._progress = progress
        means = means or RunResources()
        self._store = Store(means.cache, root) if means.cache else None
        self._recalled: dict[str, ParseResult] = {}
        self.processes = means.processes
        self._is_copy = False
        self._read_pool: ReadPool | None = None
        self._looked_at: set[str] = set()
        self._read_before = 0
        self._glances = MetadataTable(root, self.texts, self._store.metadata() if self._store else None)

    def relevant(self) -> list[str]:
        """The files that mention wandb, or may; those that are new begin to be read at once."""
        found: list[str] = []
        for name in self.names:
            if self.mentions_wandb(name):
                found.append(name)
                if self.processes > 1 and self._glances.is_new(name) and not self._recall(name):
                    self._pool().offer(name, self.text(name))
        return found

    def mentions_wandb(self, name: str) -> bool:
        """Whether the file says `wandb` somewhere; a file that cannot be read may."""
        return self._glances.of(name).mentions

    def may_suppress(self, name: str) -> bool:
        """Whether the file may hold suppressions of ours."""
        return self._glances.of(name).suppresses

    def imports(self, name: str) -> list[ImportLine]:
        """What the file imports, by a scan of its text."""
        return self._glances.imports(name)

    def public_fingerprint(self, name: str) -> bytes:
        """What the file says to whoever does not read it: whether it mentions wandb, and what it imports."""
        return self._glances.public_fingerprint(name)

    def text(self, name: str) -> str:
        """The file's text; empty where it cannot be read."""
        self._looked_at.add(name)
        return self.texts.text(name)

    def code(self, name: str) -> str:
        """The same without the comments behind the last statement, which say nothing to who links."""
        self._looked_at.add(name)
        return self.texts.code(name)

    def lines(self, name: str) -> Lines:
        """The file's lines."""
        return self.texts.lines(name)

    def facts(self, name: str) -> FileFacts | None:
        """The file's facts; None where it cannot be read or parsed."""
        reading = self._read(name)
        if name not in self._facts:
            self._facts[name] = reading.facts(name)
        return self._facts[name]

    def index(self, name: str) -> FileIndex | None:
        """What the file says without being run; None where it cannot be read or parsed."""
        reading = self._read(name, with_outline=True)
        if reading.outline is None and (facts := self.facts(name)) is not None:
            from wandblint.index import index_file  # noqa: PLC0415 (files are read with it for the most part)

            reading.outline = index_file(facts, self.text(name))
            self._keep(name, reading)
        return reading.outline

    def statements(self, name: str) -> Statements:
        """Which rows of the file belong together."""
        if name not in self._statements:
            self._statements[name] = Statements(self.facts(name), self.lines(name))
        return self._statements[name]

    @property
    def read(self) -> int:
        """How many files have been read for their meaning, in this run or in the one that it goes on from."""
        return self._read_before or len(self._known.union(self._readings))

    def digest(self, name: str) -> bytes:
        """A hash of the file's code; empty where it cannot be read."""
        return self._glances.of(name).code_digest

    def mark_reused(self, name: str) -> None:
        """Told that what a file says is known, though nobody asks for it."""
        self._looked_at.add(name)
        self._known.add(name)

    def report_crash(self, name: str, error: Exception) -> None:
        """A mistake of the linker costs what it would have learned of one file, not the run."""
        self._note(Problem(name, f"the analysis of this file failed: {one_line(error)}"))

    def before_fork(self) -> None:
        """Lets go of all that a copy of this process could not use."""
        self.stop_reading()
        if self._store is not None:
            self._store.before_fork()

    def in_child(self) -> Callable[[], bytes]:
        """Told in a copy of the process: it shows nothing, and ends at problems. Gives what it learns."""
        self._progress, self._is_copy = None, True
        tell = self._store.in_child() if self._store else None
        return lambda: msgspec.msgpack.encode(tell()) if tell is not None else b""

    def merge_child(self, told: bytes) -> None:
        """What a copy of the process has learned."""
        if self._store is not None and told:
            self._store.merge_child(msgspec.msgpack.decode(told, type=CacheUpdates))

    def cached_analysis(self, about: bytes) -> bytes | None:
        """What linking gave last time, if nothing has changed that it saw; `about` says what it was told."""
        kept = self._store.cached_analysis(about) if self._store else None
        if kept is None or kept.state != self._glances.state(self.names, kept.metadata):
            return None
        self._read_before = kept.read
        for name in kept.refused:
            # What could not be read then is reported again.
            self.facts(name)
        return kept.model

    def paths(self, about: bytes) -> bytes | None:
        """What came of following each call path when the project was linked last."""
        return self._store.paths(about) if self._store else None

    def keep_analysis(self, about: bytes, model: Callable[[], bytes], paths: Callable[[], bytes]) -> None:
        """Keeps what linking gave, unless something went wrong that the next run has to say again.

        It is written where it is kept. Raises what that does.
        """
        if self._store is not None and not self.problems and all(map(self._glances.holds, self._looked_at)):
            state = self._glances.state(self.names, self._looked_at)
            refused = [*(file.span.path for file in self.unparsable), *self._newer_syntax]
            linked = CachedAnalysis(sorted(self._looked_at), refused, self.read, state, model())
            self._store.keep_paths(about, paths())
            self._store.keep_analysis(about, linked)

    def edits(self, fix: Fix, carry: Carry) -> tuple[TextEdit, ...] | None:
        """What a fix comes to in the files as they are; `carry` works it out, unless an earlier run did."""
        if self._store is None:
            return carry(fix)
        texts = [self.texts.text(path) for path in fix.paths]
        about = [part.encode("utf-8", "surrogatepass") for part in (repr(fix.changes), *texts)]
        carried = self._store.cached_edits(digest_of(*about))
        if carried is None:
            carried = CachedEdits(carry(fix))
            self._store.keep_edits(digest_of(*about), carried)
        return carried.edits

    def save(self) -> None:
        """Keeps what was learned for the next run."""
        if self._store is not None:
            glances = self._glances.to_keep()
            if glances is not None:
                self._store.keep_metadata(glances)
            self._store.save()

    def prefetch(self, names: Iterable[str]) -> None:
        """Is told which files will be asked for, so that they can be read at once."""
        unknown = [name for name in names if name not in self._readings and not self._recall(name)]
        if self.processes > 1 and unknown:
            self._pool().start([(name, self.text(name)) for name in unknown])

    def _pool(self) -> ReadPool:
        if self._read_pool is None:
            from wandblint.syntax.pool import ReadPool  # noqa: PLC0415 (as below)

            self._read_pool = ReadPool(self.processes)
        return self._read_pool

    def stop_reading(self) -> None:
        """Ends the processes that read."""
        if self._read_pool is not None:
            self._read_pool.close()

    def close(self) -> None:
        """Keeps what was learned since, and lets go of the cache, once nothing more is asked."""
        if self._store is not None:
            self._store.save()

    def _recall(self, name: str) -> bool:
        """Whether the file's facts are known from an earlier run."""
        digest = self._glances.of(name).digest
        reading = self._recalled.get(name)
        if reading is None and self._store and digest:
            reading = self._store.reading(digest)
        if reading is not None:
            self._recalled[name] = reading
        return reading is not None

    def _read(self, name: str, *, with_outline: bool = False) -> ParseResult:
        self._looked_at.add(name)
        if name not in self._readings:
            reading = self._recalled.pop(name) if self._recall(name) else self._read_again(name, with_outline)
            self._readings[name] = reading
            if reading.failure is not None and self.mentions_wandb(name):
                self._note_failure(name, reading.failure)
            if reading.newer_syntax is not None and self.mentions_wandb(name):
                self._newer_syntax[name] = reading.newer_syntax
            if self._progress:
                self._progress(len(self._readings), max(len(self._readings), len(self.relevant())))
        return self._readings[name]

    def _read_again(self, name: str, with_outline: bool) -> ParseResult:
        from wandblint.syntax.result import ParseResult, attempt  # noqa: PLC0415 (where all is known none is needed)

        text = self.text(name)
        if name in self.texts.unreadable:
            self._note(Problem(name, f"cannot be read: {self.texts.unreadable[name]}"))
            return ParseResult()
        reading = self._read_pool.take(name) if self._read_pool else None
        if reading is None:
            reading, self._facts[name] = attempt(name, text, with_outline=with_outline)
        if reading.internal_error:
            self._note(Problem(name, f"reading it failed: {reading.internal_error}"))
        else:
            self._keep(name, reading)
        return reading

    def _keep(self, name: str, reading: ParseResult) -> None:
        # The hash of what was read, which may have been written since the glance.
        digest = self.texts.digests.get(name)
        if self._store and digest:
            self._store.keep_reading(digest, reading)

    def _note(self, problem: Problem) -> None:
        if self._is_copy:
            raise WorkerAbort
        if problem not in self.problems:
            self.problems.append(problem)

    def _note_failure(self, name: str, failure: ParseFailure) -> None:
        """Notes that a file that mentions wandb cannot be parsed."""
        if failure.is_python:
            row, _ = self.lines(name).position(failure.offset)
            self._note(Problem(name, f"cannot be read: line {row} is {failure.message}"))
        else:
            end = _word_end(self.text(name), failure.offset)
            self.unparsable.append(Unparsable(Span(name, failure.offset, end), failure.message))

    @property
    def newer_syntax(self) -> Problem | None:
        """One line about all expressions that only a newer Python can parse; None if there is no such."""
        if not self._newer_syntax:
            return None
        (name, newer), *others = sorted(self._newer_syntax.items())
        row, _ = self.lines(name).position(newer.start)
        more = f", like {len(others)} more file{'s' * (len(others) > 1)}," if others else ""
        python = f"Python {newer.python}" if newer.python else "a newer Python"
        message = f"line {row}{more} holds an expression that this Python cannot parse"
        return Problem(name, f"{message}; wandblint knows its value only under {python}")

    def _not_listed(self, error: OSError) -> None:
        path = Path(error.filename).relative_to(self.root).as_posix()
        self.problems.append(Problem(path, f"cannot be listed: {(error.strerror or '').lower()}"))


def one_line(error: BaseException) -> str:
    """An exception on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _word_end(text: str, start: int) -> int:
    """Where the word at an offset ends; any other character is a word, the end of a line is none."""
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end if end > start or text[start : start + 1].isspace() else min(start + 1, len(text))
