"""What code under abstract execution asks of the project as a whole, and of files that it does not run.

Each answer is noted for whom it is given, so that what a call path did can be told to hold still: it does
where all that it asked has the answers that it had.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from wandblint.facts import Expr, FileFacts
from wandblint.finding import Span
from wandblint.linking.contents import Contents, told_by_file
from wandblint.linking.deeds import Question
from wandblint.linking.identity import number_of
from wandblint.linking.modules import Files
from wandblint.linking.parts import Part
from wandblint.linking.ranks import RankTable
from wandblint.linking.sharing import Sharing
from wandblint.outline.ranks import words_of

if TYPE_CHECKING:
    from wandblint.linking.guards import NoneTable


_TOLD = msgspec.msgpack.Encoder()


class Questions:
    """The one who is asked: for files by name, for names that are None, for words made of the rank."""

    def __init__(
        self,
        files: Files,
        contents: Contents,
        sharing: Sharing,
        nones: NoneTable,
        ranks: RankTable,
        methods: Mapping[str, list[tuple[str, str, int]]],
        subclasses: Mapping[str, list[tuple[str, str]]],
    ) -> None:
        self._files = files
        self._contents = contents
        self._sharing = sharing
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
            "mentions": self._times,
        }

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        self.note("file", path)
        return self._contents.facts(path)

    def says(self, path: str, pattern: str) -> bool:
        """Whether something stands anywhere in a file."""
        self.note("says", path, pattern)
        return self._contents.says(path, pattern)

    def parts(self, path: str) -> list[Part] | None:
        """The parts of a module, for who notes those that are run; None where it cannot be read or parsed."""
        return self._contents.parts(path)

    def text(self, path: str, start: int, end: int) -> str:
        """The text of code that is run, or of a piece of it."""
        return self._contents.places.text(path, start, end)

    def know(self, question: Question) -> None:
        """Told that the answer of an earlier run is taken."""
        path = told_by_file(question)
        if path is not None:
            self._files.know(path)

    def peek(self, path: str) -> str:
        """A file's text, for who does not run code."""
        return self._files.code(path)

    def peek_facts(self, path: str) -> FileFacts | None:
        """Its facts, for the same."""
        return self._contents.facts(path)

    def order(self, path: str, start: int) -> tuple[str, int]:
        """Places in the order in which they stand."""
        return self._contents.places.order(path, start)

    def is_as_it_was(self, path: str) -> bool:
        """Whether a file has the code that it had in the run before."""
        return self._contents.places.is_as_it_was(path)

    def none_of(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """For a name of a scope that can only be None: the scope it belongs to, and where it is assigned."""
        self.note("none", path, scope, name)
        return self._nones.of_name(path, scope, name)

    def none_of_any(self, attr: str) -> tuple[Span, Span] | None:
        """For a private attribute that can only be None, the same."""
        self.note("none of any", attr)
        return self._nones.of_attribute(attr)

    def is_of_rank(self, path: str, word: str) -> bool:
        """Whether a word of a file stands for something that is made of the rank."""
        self.note("rank", path, word)
        return self._ranks.holds(path, word)

    def asks_rank(self, path: str, test: Expr) -> bool:
        """Whether a test of a file, or a variable in it, asks which process this is."""
        for word in words_of(test):
            self.note("rank", path, word)
        return self._ranks.asks(path, test)

    def methods(self, name: str) -> Sequence[tuple[str, str, int]]:
        """File, class and start of the interesting methods of a name."""
        self.note("methods", name)
        return self._methods.get(name, ())

    def subclasses(self, name: str) -> Sequence[tuple[str, str]]:
        """File and name of the classes with a base of that name."""
        self.note("subclasses", name)
        return self._subclasses.get(name, ())

    def find(self, dotted: str, importer: str) -> str | None:
        """The file of an absolute import whose name is made while code is run; None where there is none."""
        self.note("find", dotted, importer)
        return self._contents.index.find(dotted, importer)

    def submodule(self, package: str, name: str) -> str | None:
        """The file of an attribute of a package, given the package's `__init__.py`."""
        self.note("submodule", package, name)
        return self._contents.index.submodule(package, name)

    def mentions(self, word: str) -> int:
        """How often a word stands in the project."""
        self.note("mentions", word)
        return self._times(word)

    def _times(self, word: str) -> int:
        whole = re.compile(rf"\b{re.escape(word)}\b")
        texts = (self._files.code(path) for path in self._files.names)
        return sum(len(whole.findall(text)) for text in texts if word in text)

    def crashed(self, path: str, error: Exception) -> None:
        """Told of a mistake of the linker over this file."""
        self._files.crashed(path, error)

    def rest(self) -> None:
        """Told that this process is about to be copied."""
        self._files.rest()

    def copied(self) -> Callable[[], bytes]:
        """Told in a copy of the process; gives what is learned there."""
        tell, tell_places = self._files.copied(), self._contents.places.copied()
        return lambda: _TOLD.encode((tell(), tell_places()))

    def learn(self, told: bytes) -> None:
        """Told what was learned in a copy."""
        of_files, of_places = msgspec.msgpack.decode(told, type=tuple[bytes, bytes])
        self._files.learn(of_files)
        self._contents.places.learn(of_places)

    def reach(self, path: str) -> frozenset[str]:
        """A file and all that its imports lead to."""
        return self._contents.graph.reach(path)

    def note(self, *question: str | int) -> None:
        """Something is asked by what is run now."""
        self._sharing.now.asked.setdefault(question)

    def number(self, question: Question) -> int:
        """A number that tells whether the answer is what it was."""
        if told_by_file(question) is not None:
            return self._contents.number(question)
        kind, *about = question
        return number_of(self._answers[str(kind)](*about))
