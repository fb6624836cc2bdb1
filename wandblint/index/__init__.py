"""The index of a file: plain data about its code that queries over all files of a project need.

The reader builds it from the facts and caches it with them, so that an incremental run loads only the facts
of the files whose code it interprets. Imports `facts` and `semantics`.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wandblint import facts
from wandblint.index.bindings import MODULE, Bindings, Bound, bindings_of
from wandblint.index.calls import Extent, import_calls_of, inits_of, log_calls_of
from wandblint.index.classes import ClassIndex, classes_of, functions_of
from wandblint.index.rank_words import RankWords, rank_words_of
from wandblint.index.references import References, references_of
from wandblint.index.walk import ByKind, statements


class FileIndex(msgspec.Struct, array_like=True, gc=False):
    """What one file contributes to queries over the project."""

    references: References
    bindings: Bindings
    ranks: RankWords
    classes: list[ClassIndex]
    """The top-level classes, in order."""
    functions: dict[int, tuple[str, str]]
    """The name and class of each function, by its start."""
    log_calls: list[Extent]
    """The calls that look like wandb's `log`."""
    inits: list[Extent]
    """The calls of functions with the name `init`."""
    import_calls: list[str]
    """The names of the functions that the import of the file calls."""
    identifiers: str
    """Every name and attribute in the file, each between two spaces."""
    statements: int
    """The number of statements, those in functions and classes included."""

    def mentions_name(self, name: str) -> bool:
        """Whether the file contains a name or attribute."""
        return f" {name} " in self.identifiers


def translate_index(index: FileIndex, translate: Callable[[int], int | None]) -> FileIndex:
    """An index with its offsets translated; `translate` returns None for an offset outside all statements."""

    def offset_of(offset: int) -> int:
        translated = translate(offset)
        return offset if translated is None else translated

    def extent_of(extent: Extent) -> Extent:
        start, end = extent
        return offset_of(start), offset_of(start) + end - start

    def names_of(names: Bound) -> Bound:
        return Bound({name: extent_of(extent) for name, extent in names.to_none.items()}, names.others)

    bindings, ranks = index.bindings, index.ranks
    return FileIndex(
        index.references,
        Bindings(
            {
                start if start == MODULE else offset_of(start): names_of(item)
                for start, item in bindings.scopes.items()
            },
            names_of(bindings.attributes),
            bindings.shared,
            bindings.rebound,
        ),
        RankWords(
            sorted(
                translated for offset in ranks.rank_offsets if (translated := translate(offset)) is not None
            ),
            ranks.tests,
            ranks.params,
        ),
        [
            ClassIndex(item.name, [(name, offset_of(start)) for name, start in item.methods], item.bases)
            for item in index.classes
        ],
        {offset_of(start): names for start, names in index.functions.items()},
        [*map(extent_of, index.log_calls)],
        [*map(extent_of, index.inits)],
        index.import_calls,
        index.identifiers,
        index.statements,
    )


def index_file(file: facts.FileFacts, text: str) -> FileIndex:
    """Builds the index of a file from its facts and its text."""
    by_kind = ByKind(file.body)
    return FileIndex(
        references_of(file.body, by_kind),
        bindings_of(file.body, by_kind),
        rank_words_of(by_kind, text),
        classes_of(file.body),
        functions_of(file.body),
        log_calls_of(by_kind),
        inits_of(by_kind),
        import_calls_of(file.body),
        f" {' '.join(sorted(by_kind.identifiers()))} ",
        sum(1 for _ in statements(*file.body)),
    )
