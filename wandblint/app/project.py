"""The files of a project, read on demand for the analysis and the reports, and their problems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.app.settings import Settings
from wandblint.app.store import CachedAnalysis, CachedEdits, Store
from wandblint.findings.fix import Fix, TextEdit
from wandblint.infra.cache import UNDECODABLE, CacheUpdates
from wandblint.infra.processes import WorkerAbort
from wandblint.infra.secrets import has_key
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

Progress = Callable[[str, int, int], None]
"""Is told of what, how many are done, and of how many; 0 where that is unknown."""
ApplyFix = Callable[[Fix], "tuple[TextEdit, ...] | None"]


class Problem(msgspec.Struct, frozen=True):
    """Work that the tool could not do; `path` is empty if it belongs to no file."""

    path: str
    message: str
    position: str = ""
    """Row and column in the file, if one place is to blame."""


class Unparsable(msgspec.Struct, frozen=True):
    """A file that is not valid Python: where the parser stopped, and why."""

    span: Span
    message: str


class RunResources(msgspec.Struct, frozen=True):
    """Resources that make a run faster and do not change its results.

    `cache` is the folder of the cache. Up to `processes` processes read and analyze files. `progress` is
    called after each file that is read and each entry point that is analyzed.
    """

    cache: Path | None = None
    processes: int = 1
    progress: Progress | None = None


class Project:
    """A project's files, each read on demand and once: the `ProjectFiles` of the analysis.

    `named` are files that belong to it even if git or the settings exclude them. `overrides` are texts by
    name that replace or add files.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        named: Collection[str] = (),
        overrides: Mapping[str, str] | None = None,
        resources: RunResources | None = None,
    ) -> None:
        self.problems: list[Problem] = []
        self.unparsable: list[Unparsable] = []
        self._newer_syntax: dict[str, NewerSyntax] = {}
        self.root = root
        overrides = overrides or {}
        self.overridden = tuple(overrides)
        self.texts = Texts(root, overrides)
        self.names = sorted({*discover(root, settings, self._not_found), *named, *overrides})
        self._results: dict[str, ParseResult] = {}
        self._facts: dict[str, FileFacts | None] = {}
        self._reused: set[str] = set()
        self._statements: dict[str, Statements] = {}
        resources = resources or RunResources()
        self._progress = resources.progress
        self._store = Store(resources.cache, root) if resources.cache else None
        self._restored: dict[str, ParseResult] = {}
        self.processes = resources.processes
        self._is_child = False
        self._read_pool: ReadPool | None = None
        self._opened: set[str] = set()
        self._files_read_before = 0
        self._metadata = MetadataTable(root, self.texts, self._store.metadata() if self._store else None)

    def relevant(self) -> list[str]:
        """The files that may mention wandb; worker processes start to read those that are new."""
        names: list[str] = []
        for name in self.names:
            if self.mentions_wandb(name):
                names.append(name)
                if self.processes > 1 and self._metadata.is_new(name) and not self._restore(name):
                    self._pool().offer(name, self.text(name))
        return names

    def mentions_wandb(self, name: str) -> bool:
        """Whether the file contains `wandb`; an unreadable file may."""
        return self._metadata.of(name).mentions

    def may_suppress(self, name: str) -> bool:
        """Whether the file may contain suppression comments of wandblint."""
        return self._metadata.of(name).suppresses

    def imports(self, name: str) -> list[ImportLine]:
        """The imports of the file, by a scan of its text."""
        return self._metadata.imports(name)

    def importing(self, library: str) -> list[str]:
        """The files that import a library."""
        return self._metadata.importing(self.names, library)

    def public_fingerprint(self, name: str) -> bytes:
        """A hash of what an unread file contributes: whether it mentions wandb, and its imports."""
        return self._metadata.public_fingerprint(name)

    def text(self, name: str) -> str:
        """The file's text; empty if it cannot be read."""
        self._opened.add(name)
        return self.texts.text(name)

    def code(self, name: str) -> str:
        """The file's text without the comments after the last statement, which the analysis ignores."""
        self._opened.add(name)
        return self.texts.code(name)

    def lines(self, name: str) -> Lines:
        """The file's lines."""
        return self.texts.lines(name)

    def facts(self, name: str) -> FileFacts | None:
        """The file's facts; None if it cannot be read or parsed."""
        result = self._read(name)
        if name not in self._facts:
            try:
                self._facts[name] = result.facts(name)
            except UNDECODABLE:
                # The cache was modified.
                self._results[name] = self._parse(name, with_index=False)
        return self._facts[name]

    def index(self, name: str) -> FileIndex | None:
        """The file's index; None if it cannot be read or parsed."""
        result = self._read(name, with_index=True)
        if result.index is None and (facts := self.facts(name)) is not None:
            from wandblint.index import index_file  # noqa: PLC0415 (workers index most files)

            result.index = index_file(facts, self.text(name))
            self._save_result(name, result)
        return result.index

    def statements(self, name: str) -> Statements:
        """The rows of the file's statements."""
        if name not in self._statements:
            self._statements[name] = Statements(self.facts(name), self.lines(name))
        return self._statements[name]

    @property
    def files_read(self) -> int:
        """How many files have been parsed or reused, in this run or in the cached one that it restores."""
        return self._files_read_before or len(self._reused.union(self._results))

    def digest(self, name: str) -> bytes:
        """A hash of the file's code; empty if it cannot be read."""
        return self._metadata.of(name).code_digest

    def mark_reused(self, name: str) -> None:
        """Record that the analysis restores what an earlier run read in this file."""
        self._opened.add(name)
        self._reused.add(name)

    def report_crash(self, name: str, error: Exception) -> None:
        """Report an internal error of the analysis about this file; the analysis continues without it."""
        self._report(Problem(name, f"the analysis of this file failed: {one_line(error)}"))

    def before_fork(self) -> None:
        """Release what a forked child cannot use."""
        self.stop_workers()
        if self._store is not None:
            # An SQLite connection must not cross a fork.
            self._store.close()

    def note_progress(self, work: str, done: int, total: int) -> None:
        """Report how much of some work is done; `total` is 0 where it is unknown."""
        if self._progress:
            self._progress(work, done, total)

    def in_child(self) -> Callable[[], bytes]:
        """Prepare a forked child, which aborts at problems; returns what encodes its cache updates."""
        self._progress, self._is_child = None, True
        updates = self._store.in_child() if self._store else None
        return lambda: msgspec.msgpack.encode(updates()) if updates is not None else b""

    def merge_child(self, data: bytes) -> None:
        """Add the cache updates of a forked child."""
        if self._store is not None and data:
            self._store.merge_child(msgspec.msgpack.decode(data, type=CacheUpdates))

    def cached_analysis(self, key: bytes) -> bytes | None:
        """The model of an earlier run with the same key, if nothing changed that its analysis read."""
        cached = self._store.cached_analysis(key) if self._store else None
        if cached is None or cached.state != self._metadata.state(self.names, cached.opened):
            return None
        self._files_read_before = cached.files_read
        for name in cached.with_problems:
            # Report their problems again.
            self.facts(name)
        return cached.model

    def cached_entry_results(self, key: bytes) -> bytes | None:
        """The results of each entry point in the last analysis of the project."""
        return self._store.entry_results(key) if self._store else None

    def store_analysis(
        self, key: bytes, model: Callable[[], bytes], entry_results: Callable[[], bytes]
    ) -> None:
        """Store the model and the entry results, unless the next run must report problems again.

        Raises what encoding them raises.
        """
        if self._store is not None and not self.problems and all(map(self._metadata.holds, self._opened)):
            state = self._metadata.state(self.names, self._opened)
            with_problems = [*(file.span.path for file in self.unparsable), *self._newer_syntax]
            analysis = CachedAnalysis(sorted(self._opened), with_problems, self.files_read, state, model())
            self._store.save_entry_results(key, entry_results())
            self._store.save_analysis(key, analysis)

    def edits(self, fix: Fix, apply: ApplyFix) -> tuple[TextEdit, ...] | None:
        """The edits of a fix in the current texts, from the cache or by `apply`."""
        if self._store is None:
            return apply(fix)
        texts = [self.texts.text(path) for path in fix.paths]
        parts = [part.encode("utf-8", "surrogatepass") for part in (repr(fix.changes), *texts)]
        cached = self._store.cached_edits(digest_of(*parts))
        if cached is None:
            cached = CachedEdits(apply(fix))
            if not any(has_key(edit.text) for edit in cached.edits or ()):
                self._store.save_edits(digest_of(*parts), cached)
        return cached.edits

    def save(self) -> None:
        """Write the cache for the next run."""
        if self._store is not None:
            metadata = self._metadata.to_keep()
            if metadata is not None:
                self._store.save_metadata(metadata)
            self._store.save()

    def prefetch(self, names: Iterable[str]) -> None:
        """Let worker processes read files that will be needed."""
        unknown = [name for name in names if name not in self._results and not self._restore(name)]
        if self.processes > 1 and unknown:
            self._pool().start([(name, self.text(name)) for name in unknown])

    def _pool(self) -> ReadPool:
        if self._read_pool is None:
            from wandblint.syntax.pool import ReadPool  # noqa: PLC0415 (as below)

            self._read_pool = ReadPool(self.processes)
        return self._read_pool

    def stop_workers(self) -> None:
        """End the worker processes."""
        if self._read_pool is not None:
            self._read_pool.close()

    def close(self) -> None:
        """Write what the cache got since `save`, and close it."""
        if self._store is not None:
            self._store.save()

    def _restore(self, name: str) -> bool:
        """Whether the cache contains the file's parse result."""
        digest = self._metadata.of(name).digest
        result = self._restored.get(name)
        if result is None and self._store and digest:
            result = self._store.result(digest)
        if result is not None:
            self._restored[name] = result
        return result is not None

    def _read(self, name: str, *, with_index: bool = False) -> ParseResult:
        self._opened.add(name)
        if name not in self._results:
            result = self._restored.pop(name) if self._restore(name) else self._parse(name, with_index)
            self._results[name] = result
            if result.failure is not None and self.mentions_wandb(name):
                self._report_failure(name, result.failure)
            if result.newer_syntax is not None and self.mentions_wandb(name):
                self._newer_syntax[name] = result.newer_syntax
            if self._progress:
                self._progress(
                    "reading files", len(self._results), max(len(self._results), len(self.relevant()))
                )
        return self._results[name]

    def _parse(self, name: str, with_index: bool) -> ParseResult:
        from wandblint.syntax.result import ParseResult, attempt  # noqa: PLC0415 (cached files need none)

        text = self.text(name)
        if name in self.texts.unreadable:
            self._report(Problem(name, f"cannot be read: {self.texts.unreadable[name]}"))
            return ParseResult()
        result = self._read_pool.take(name) if self._read_pool else None
        if result is None:
            result, self._facts[name] = attempt(name, text, with_index=with_index)
        if result.internal_error:
            self._report(Problem(name, f"reading it failed: {result.internal_error}"))
        else:
            self._save_result(name, result)
        return result

    def _save_result(self, name: str, result: ParseResult) -> None:
        # The hash of the text that was read: the file may have changed since its metadata was read.
        digest = self.texts.digests.get(name)
        if self._store and digest:
            self._store.save_result(digest, result)

    def _report(self, problem: Problem) -> None:
        if self._is_child:
            # Only the parent can report problems.
            raise WorkerAbort
        if problem not in self.problems:
            self.problems.append(problem)

    def _report_failure(self, name: str, failure: ParseFailure) -> None:
        """Report that a file that mentions wandb cannot be parsed."""
        if failure.is_python:
            row, _ = self.lines(name).position(failure.offset)
            self._report(Problem(name, f"cannot be read: line {row} is {failure.message}"))
        else:
            end = _word_end(self.text(name), failure.offset)
            self.unparsable.append(Unparsable(Span(name, failure.offset, end), failure.message))

    @property
    def newer_syntax(self) -> Problem | None:
        """One line about the expressions that only a newer Python parses; None if there are none."""
        if not self._newer_syntax:
            return None
        (name, first), *others = sorted(self._newer_syntax.items())
        row, _ = self.lines(name).position(first.start)
        more = f", like {len(others)} more file{'s' * (len(others) > 1)}," if others else ""
        python = f"Python {first.python}" if first.python else "a newer Python"
        message = f"line {row}{more} holds an expression that this Python cannot parse"
        return Problem(name, f"{message}; wandblint knows its value only under {python}")

    def _not_found(self, path: str, reason: str) -> None:
        self.problems.append(Problem(path, reason))


def one_line(error: BaseException) -> str:
    """An exception on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _word_end(text: str, start: int) -> int:
    """The end of the word or other character at an offset; at the end of a line, the offset itself."""
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end if end > start or text[start : start + 1].isspace() else min(start + 1, len(text))
