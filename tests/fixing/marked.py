"""Texts whose places are marked, «like this», and what a change makes of them."""

from __future__ import annotations

from collections.abc import Callable

from wandblint.findings.fix import Applicability, Change, Fix
from wandblint.fixing.applier import FixApplier
from wandblint.fixing.rounds import parses, with_edits
from wandblint.span import Span

PATH = "a.py"
OPEN, CLOSE = "«", "»"


def marked(text: str) -> tuple[str, list[Span]]:
    """The text without marks, and the places in the order in which they begin."""
    plain = ""
    places: list[list[int]] = []
    open_: list[int] = []
    for character in text:
        if character == OPEN:
            open_.append(len(places))
            places.append([len(plain)])
        elif character == CLOSE:
            places[open_.pop()].append(len(plain))
        else:
            plain += character
    return plain, [Span(PATH, start, end) for start, end in places]


def changed(text: str, change: Callable[..., Change]) -> str | None:
    """The text after a change of its marked places; None where it is not carried out."""
    plain, spans = marked(text)
    edits = FixApplier(lambda _: plain).edits(Fix(Applicability.SAFE, "", (change(*spans),)))
    if edits is None:
        return None
    made = with_edits(plain, edits)
    assert parses(PATH, made), made
    return made
