"""What code under abstract execution asks of the project as a whole, and of files that it does not run.

Each answer is noted for whom it is given, so that what a call path did can be told to hold still: it does
where all that it asked has the answers that it had.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.identifiers import Query
from wandblint.analysis.project.file_queries import FileQueries, file_of_query
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.module_slices import ModuleSlice
from wandblint.analysis.project.rank_table import RankTable
from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.facts import Expr, FileFacts
from wandblint.index.rank_words import words_of
from wandblint.span import Span

if TYPE_CHECKING:
    from wandblint.analysis.project.none_table import NoneTable


_ENCODER = msgspec.msgpack.Encoder()


class ProjectQueries:
    """The one who is asked: for files by name, for names that are None, for words made of the rank."""

    def __init__(
        self,
        files: ProjectFiles,
        contents: FileQueries,
        sharing: ModuleCache,
        nones: NoneTable,
        ranks: RankTable,
        methods: Mapping[str, list[tuple[str, str, int]]],
        subclasses: Mapping[str, list[tuple[str, str]]],
    ) -> None:
        self._files = files
        self._files_queried = contents
        self._module_cache = sharing
        self._nones = nones
        self._ranks = ranks
        self._methods = methods
        self._subclasses = subclasses
        self._answers: dict[str, Callable[..., object]] = {
            "none": nones.of_name,
            "none of any": nones.of_attribute,
            "rank": ranks.holds,
            "methods": methods.get,
            "subclasses": subclasses.get,
            "find": contents.index.find,
            "submodule": contents.index.submodule,
            "mentions": self._count_word,
        }

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        self.record("file", path)
        return self._files_queried.facts(path)

    def text_matches(self, path: str, pattern: str) -> bool:
        """Whether something stands anywhere in a file."""
        self.record("says", path, pattern)
        return self._files_queried.text_matches(path, pattern)

    def slices(self, path: str) -> list[ModuleSlice] | None:
        """The parts of a module, for who notes those that are run; None where it cannot be read or parsed."""
        return self._files_queried.slices(path)

    def text(self, path: str, start: int, end: int) -> str:
        """The text of code that is run, or of a piece of it."""
        return self._files_queried.positions.text(path, start, end)

    def mark_reused(self, question: Query) -> None:
        """Told that the answer of an earlier run is taken."""
        path = file_of_query(question)
        if path is not None:
            self._files.mark_reused(path)

    def text_untracked(self, path: str) -> str:
        """A file's text, for who does not run code."""
        return self._files.code(path)

    def facts_untracked(self, path: str) -> FileFacts | None:
        """Its facts, for the same."""
        return self._files_queried.facts(path)

    def source_order(self, path: str, start: int) -> tuple[str, int]:
        """Places in the order in which they stand."""
        return self._files_queried.positions.source_order(path, start)

    def is_unchanged(self, path: str) -> bool:
        """Whether a file has the code that it had in the run before."""
        return self._files_queried.positions.is_unchanged(path)

    def only_none_name(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """For a name of a scope that can only be None: the scope it belongs to, and where it is assigned."""
        self.record("none", path, scope, name)
        return self._nones.of_name(path, scope, name)

    def only_none_attribute(self, attr: str) -> tuple[Span, Span] | None:
        """For a private attribute that can only be None, the same."""
        self.record("none of any", attr)
        return self._nones.of_attribute(attr)

    def is_rank_name(self, path: str, word: str) -> bool:
        """Whether a word of a file stands for something that is made of the rank."""
        self.record("rank", path, word)
        return self._ranks.holds(path, word)

    def asks_rank(self, path: str, test: Expr) -> bool:
        """Whether a test of a file, or a variable in it, asks which process this is."""
        for word in words_of(test):
            self.record("rank", path, word)
        return self._ranks.asks(path, test)

    def methods(self, name: str) -> Sequence[tuple[str, str, int]]:
        """File, class and start of the interesting methods of a name."""
        self.record("methods", name)
        return self._methods.get(name, ())

    def subclasses(self, name: str) -> Sequence[tuple[str, str]]:
        """File and name of the classes with a base of that name."""
        self.record("subclasses", name)
        return self._subclasses.get(name, ())

    def find_module(self, dotted: str, importer: str) -> str | None:
        """The file of an absolute import whose name is made while code is run; None where there is none."""
        self.record("find", dotted, importer)
        return self._files_queried.index.find(dotted, importer)

    def submodule(self, package: str, name: str) -> str | None:
        """The file of an attribute of a package, given the package's `__init__.py`."""
        self.record("submodule", package, name)
        return self._files_queried.index.submodule(package, name)

    def count_word(self, word: str) -> int:
        """How often a word stands in the project."""
        self.record("mentions", word)
        return self._count_word(word)

    def _count_word(self, word: str) -> int:
        whole = re.compile(rf"\b{re.escape(word)}\b")
        texts = (self._files.code(path) for path in self._files.names)
        return sum(len(whole.findall(text)) for text in texts if word in text)

    def report_crash(self, path: str, error: Exception) -> None:
        """Told of a mistake of the linker over this file."""
        self._files.report_crash(path, error)

    def before_fork(self) -> None:
        """Told that this process is about to be copied."""
        self._files.before_fork()

    def in_child(self) -> Callable[[], bytes]:
        """Told in a copy of the process; gives what is learned there."""
        tell, tell_places = self._files.in_child(), self._files_queried.positions.in_child()
        return lambda: _ENCODER.encode((tell(), tell_places()))

    def merge_child(self, told: bytes) -> None:
        """Told what was learned in a copy."""
        of_files, of_places = msgspec.msgpack.decode(told, type=tuple[bytes, bytes])
        self._files.merge_child(of_files)
        self._files_queried.positions.merge_child(of_places)

    def import_closure(self, path: str) -> frozenset[str]:
        """A file and all that its imports lead to."""
        return self._files_queried.graph.closure(path)

    def record(self, *question: str | int) -> None:
        """Something is asked by what is run now."""
        self._module_cache.current_deps.queries.setdefault(question)

    def fingerprint(self, question: Query) -> int:
        """A number that tells whether the answer is what it was."""
        if file_of_query(question) is not None:
            return self._files_queried.fingerprint(question)
        kind, *about = question
        return stable_hash(self._answers[str(kind)](*about))
