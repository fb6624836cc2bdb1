"""What single files say: the parts of modules, the names that they bind, words that stand in them."""

from __future__ import annotations

import re
from collections.abc import Collection

from wandblint.facts import FileFacts
from wandblint.linking.deeds import Question
from wandblint.linking.identity import number_of
from wandblint.linking.modules import Files, ImportGraph, ModuleIndex
from wandblint.linking.parts import Part, split
from wandblint.linking.places import Places
from wandblint.outline.mentions import is_seed
from wandblint.semantics.frameworks import logs_by_itself

_ASKED = frozenset({"file", "part", "module", "name", "names", "says"})


def told_by_file(question: Question) -> str | None:
    """The file that alone tells the answer, with what its words mean to the project; None where others do."""
    return str(question[1]) if question[0] in _ASKED else None


class Contents:
    """The contents of a project's files, of which `interesting` are the names that lead to wandb."""

    def __init__(
        self,
        files: Files,
        places: Places,
        index: ModuleIndex,
        graph: ImportGraph,
        interesting: Collection[str],
    ) -> None:
        self.places = places
        self.index = index
        self.graph = graph
        self._files = files
        self._interesting = interesting
        self._parts: dict[str, list[Part] | None] = {}
        self._numbers: dict[str, frozenset[int]] = {}
        self._said: dict[tuple[str, str], bool] = {}

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        return self.places.facts(path)

    def parts(self, path: str) -> list[Part] | None:
        """The parts in which a module is run; None where it cannot be read or parsed."""
        if path not in self._parts:
            found = self.places.facts(path)
            self._parts[path] = None if found is None else split(found, self.index, self._leads)
        return self._parts[path]

    def _leads(self, word: str) -> bool:
        return word in self._interesting or is_seed(word) or logs_by_itself(word)

    def says(self, path: str, pattern: str) -> bool:
        """Whether something stands anywhere in a file."""
        if (path, pattern) not in self._said:
            self._said[path, pattern] = re.search(pattern, self._files.code(path)) is not None
        return self._said[path, pattern]

    def number(self, question: Question) -> int:
        """A number that tells whether the answer of a question about one file is what it was."""
        match question:
            case "file", str(path):
                return int.from_bytes(self._files.digest(path)[:7], "big")
            case "part", str(path), int(number):
                return int(number in self._numbers_of_parts(path))
            case "module", str(path):
                return number_of([part.number for part in self.parts(path) or () if part.at_once])
            case "name", str(path), str(name):
                return int(any(name in part.names for part in self.parts(path) or ()))
            case "names", str(path):
                return number_of([sorted(part.names) for part in self.parts(path) or ()])
            case "says", str(path), str(pattern):
                return int(self.says(path, pattern))
        raise ValueError(question)

    def _numbers_of_parts(self, path: str) -> frozenset[int]:
        if path not in self._numbers:
            self._numbers[path] = frozenset(part.number for part in self.parts(path) or ())
        return self._numbers[path]
