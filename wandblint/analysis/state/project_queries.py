"""Queries about the project, with dependency tracking.

Each query is recorded as a dependency of the code that asks it. A cached result is valid only if all its
queries still have the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.identifiers import Query
from wandblint.analysis.project.call_graph import Global
from wandblint.analysis.project.callees import Definition
from wandblint.analysis.project.file_queries import FileQueries, file_of_query
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.module_slices import ModuleSlices
from wandblint.analysis.project.rank_table import RankTable
from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.facts import Expr, FileFacts
from wandblint.index.rank_words import names_in_test
from wandblint.semantics.hydra import HydraFile
from wandblint.span import Span

if TYPE_CHECKING:
    from wandblint.analysis.project.none_table import NoneTable


_ENCODER = msgspec.msgpack.Encoder()


class ProjectQueries:
    """Answers queries about files, names that are None, names that derive from the rank, and classes."""

    def __init__(
        self,
        files: ProjectFiles,
        file_queries: FileQueries,
        module_cache: ModuleCache,
        none_table: NoneTable,
        rank_table: RankTable,
        methods: Mapping[str, list[tuple[str, str, int]]],
        subclasses: Mapping[str, list[tuple[str, str]]],
    ) -> None:
        self.hydra_files: tuple[HydraFile, ...] = ()
        """What is known of hydra's jobs; a change of it invalidates everything."""
        self._files = files
        self._file_queries = file_queries
        self._module_cache = module_cache
        self._none_table = none_table
        self._rank_table = rank_table
        self._methods = methods
        self._subclasses = subclasses
        self._answers: dict[str, Callable[..., object]] = {
            "none": none_table.of_name,
            "none attribute": none_table.of_attribute,
            "rank": rank_table.holds,
            "methods": methods.get,
            "subclasses": subclasses.get,
            "find": file_queries.index.find,
            "matching": file_queries.index.matching,
            "submodule": file_queries.index.submodule,
            "count": self._count_word,
            "opens": file_queries.opens_run,
        }

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        self.record("file", path)
        return self._file_queries.facts(path)

    def callees(self, path: str, start: int) -> list[int]:
        """The starts of the functions of its file that a function may call, transitively."""
        self.record("callees", path, start)
        return self._file_queries.callees(path).of(start)

    def globals_called(self, path: str, start: int) -> list[Global]:
        """The imported functions and the classes that a function and its callees call."""
        self.record("globals called", path, start)
        return self._file_queries.callees(path).globals_called(start)

    def definition(self, path: str, name: str) -> Definition:
        """What a name of a module stands for."""
        self.record("definition", path, name)
        return self._file_queries.callees(path).definition(name)

    def is_selected(self, path: str) -> bool:
        """Whether a file is read in any case, because it may reach wandb."""
        self.record("selected", path)
        return self._file_queries.is_selected(path)

    def text_matches(self, path: str, pattern: str) -> bool:
        """Whether a regular expression matches anywhere in a file."""
        self.record("text", path, pattern)
        return self._file_queries.text_matches(path, pattern)

    def slices(self, path: str) -> ModuleSlices | None:
        """The slices of a module, untracked: the loader records those that run; None if it is unreadable."""
        return self._file_queries.slices(path)

    def text(self, path: str, start: int, end: int) -> str:
        """The text of code that is being run, on which the run depends anyway."""
        return self._file_queries.positions.text(path, start, end)

    def mark_reused(self, query: Query) -> None:
        """Records that the answer of an earlier run is restored."""
        path = file_of_query(query)
        if path is not None:
            self._files.mark_reused(path)

    def text_untracked(self, path: str) -> str:
        """A file's text, without recording a dependency."""
        return self._files.code(path)

    def facts_untracked(self, path: str) -> FileFacts | None:
        """A file's facts, without recording a dependency."""
        return self._file_queries.facts(path)

    def source_order(self, path: str, start: int) -> tuple[str, int]:
        """A sort key that orders stable positions as in the source."""
        return self._file_queries.positions.source_order(path, start)

    def is_unchanged(self, path: str) -> bool:
        """Whether a file has the same code as in the run before."""
        return self._file_queries.positions.is_unchanged(path)

    def only_none_name(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """The scope and the assignment of a name that can only be None; None for any other name."""
        self.record("none", path, scope, name)
        return self._none_table.of_name(path, scope, name)

    def only_none_attribute(self, attr: str) -> tuple[Span, Span] | None:
        """The same for a private attribute."""
        self.record("none attribute", attr)
        return self._none_table.of_attribute(attr)

    def is_rank_name(self, path: str, name: str) -> bool:
        """Whether a name in a file derives from the rank."""
        self.record("rank", path, name)
        return self._rank_table.holds(path, name)

    def asks_rank(self, path: str, test: Expr) -> bool:
        """Whether a test in a file checks the rank, itself or through a name in it."""
        for name in names_in_test(test):
            self.record("rank", path, name)
        return self._rank_table.asks(path, test)

    def methods(self, name: str) -> Sequence[tuple[str, str, int]]:
        """File, class and start of the methods with this name, if it reaches wandb."""
        self.record("methods", name)
        return self._methods.get(name, ())

    def subclasses(self, name: str) -> Sequence[tuple[str, str]]:
        """File and name of the classes with a base of that name."""
        self.record("subclasses", name)
        return self._subclasses.get(name, ())

    def find_module(self, dotted: str, importer: str) -> str | None:
        """The file of an absolute import that is resolved at run time; None where there is none."""
        self.record("find", dotted, importer)
        return self._file_queries.index.find(dotted, importer)

    def matching_modules(self, pattern: str, importer: str) -> tuple[str, ...]:
        """The files of the modules whose dotted names match a regular expression."""
        self.record("matching", pattern, importer)
        return self._file_queries.index.matching(pattern, importer)

    def submodule(self, package: str, name: str) -> str | None:
        """The file of an attribute of a package, given the package's `__init__.py`."""
        self.record("submodule", package, name)
        return self._file_queries.index.submodule(package, name)

    def opens_run(self, path: str) -> bool:
        """Whether the import of a file may reach wandb."""
        self.record("opens", path)
        return self._file_queries.opens_run(path)

    def count_word(self, word: str) -> int:
        """How often a word occurs in the project."""
        self.record("count", word)
        return self._count_word(word)

    def _count_word(self, word: str) -> int:
        whole = re.compile(rf"\b{re.escape(word)}\b")
        texts = (self._files.code(path) for path in self._files.names)
        return sum(len(whole.findall(text)) for text in texts if word in text)

    def report_crash(self, path: str, error: Exception) -> None:
        """Reports an internal error about this file."""
        self._files.report_crash(path, error)

    def before_fork(self) -> None:
        """Prepares for a fork of this process."""
        self._files.before_fork()

    def in_child(self) -> Callable[[], bytes]:
        """Prepares a forked child; returns what encodes its results."""
        encode_files, encode_positions = self._files.in_child(), self._file_queries.positions.in_child()
        return lambda: _ENCODER.encode((encode_files(), encode_positions()))

    def merge_child(self, data: bytes) -> None:
        """Adds the results of a forked child."""
        files, positions = msgspec.msgpack.decode(data, type=tuple[bytes, bytes])
        self._files.merge_child(files)
        self._file_queries.positions.merge_child(positions)

    def note_progress(self, work: str, done: int, total: int) -> None:
        """Reports how much of some work is done; `total` is 0 where it is unknown."""
        self._files.note_progress(work, done, total)

    def import_closure(self, path: str) -> frozenset[str]:
        """A file and its transitive imports."""
        return self._file_queries.graph.closure(path)

    def record(self, *query: str | int) -> None:
        """Records a query as a dependency of the code that runs now."""
        self._module_cache.current_deps.queries.setdefault(query)

    def fingerprint(self, query: Query) -> int:
        """A hash of the answer to a query."""
        if file_of_query(query) is not None:
            return self._file_queries.fingerprint(query)
        kind, *arguments = query
        return stable_hash(self._answers[str(kind)](*arguments))
