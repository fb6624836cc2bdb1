"""What a file says without being run: plain data for whoever asks every file of a project.

It is made from the facts where a file is read, and kept with them. So a run after a change looks at the facts
of those files only whose code it follows.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wandblint import facts
from wandblint.index.bindings import MODULE, Bindings, Bound, bindings_of
from wandblint.index.calls import Extent, inits_of, log_calls_of
from wandblint.index.classes import ClassIndex, classes_of, functions_of
from wandblint.index.rank_words import RankWords, rank_words_of
from wandblint.index.references import References, references_of
from wandblint.index.walk import ByKind


class FileIndex(msgspec.Struct, array_like=True, gc=False):
    """All of it, for one file."""

    references: References
    bindings: Bindings
    ranks: RankWords
    classes: list[ClassIndex]
    """The classes at its top, in order."""
    functions: dict[int, tuple[str, str]]
    """All functions by where they start: name and class."""
    log_calls: list[Extent]
    """The calls that read as wandb's `log`."""
    inits: list[Extent]
    """The calls of whatever is called `init`."""
    identifiers: str
    """Every name and attribute that it mentions, each between two spaces."""

    def mentions_name(self, name: str) -> bool:
        """Whether the file mentions a name or attribute."""
        return f" {name} " in self.identifiers


def moved_index(outline: FileIndex, to: Callable[[int], int | None]) -> FileIndex:
    """An outline with its places told in another way; None for what is in no statement."""

    def place(offset: int) -> int:
        moved = to(offset)
        return offset if moved is None else moved

    def extent(where: Extent) -> Extent:
        start, end = where
        return place(start), place(start) + end - start

    def bound(names: Bound) -> Bound:
        return Bound({name: extent(where) for name, where in names.to_none.items()}, names.others)

    bindings, ranks = outline.bindings, outline.ranks
    return FileIndex(
        outline.references,
        Bindings(
            {
                start if start == MODULE else place(start): bound(made)
                for start, made in bindings.scopes.items()
            },
            bound(bindings.attributes),
            bindings.shared,
            bindings.rebound,
        ),
        RankWords(
            sorted(moved for asking in ranks.asking if (moved := to(asking)) is not None),
            ranks.tests,
            ranks.params,
        ),
        [
            ClassIndex(made.name, [(name, place(start)) for name, start in made.methods], made.bases)
            for made in outline.classes
        ],
        {place(start): names for start, names in outline.functions.items()},
        [*map(extent, outline.log_calls)],
        [*map(extent, outline.inits)],
        outline.identifiers,
    )


def index_file(file: facts.FileFacts, text: str) -> FileIndex:
    """The outline of a file with these facts and this text."""
    seen = ByKind(file.body)
    return FileIndex(
        references_of(file.body, seen),
        bindings_of(file.body, seen),
        rank_words_of(seen, text),
        classes_of(file.body),
        functions_of(file.body),
        log_calls_of(seen),
        inits_of(seen),
        f" {' '.join(sorted(seen.identifiers()))} ",
    )
