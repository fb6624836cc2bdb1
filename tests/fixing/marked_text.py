"""Texts with marked spans, «like this», and the result of a change to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wandblint.findings.fix import Applicability, Change, Fix
from wandblint.fixing.applier import FixApplier
from wandblint.fixing.rounds import parses, with_edits
from wandblint.span import Span

PATH = "a.py"
OPEN, CLOSE = "«", "»"


def marked(text: str) -> tuple[str, list[Span]]:
    """The text without marks, and the spans in order of their starts."""
    plain = ""
    bounds: list[list[int]] = []
    open_: list[int] = []
    for character in text:
        if character == OPEN:
            open_.append(len(bounds))
            bounds.append([len(plain)])
        elif character == CLOSE:
            bounds[open_.pop()].append(len(plain))
        else:
            plain += character
    return plain, [Span(PATH, start, end) for start, end in bounds]


def changed(text: str, change: Callable[..., Change]) -> str | None:
    """The text after a change to its marked spans; None where the change is not applied."""
    plain, spans = marked(text)
    edits = FixApplier(lambda _: plain).edits(Fix(Applicability.SAFE, "", (change(*spans),)))
    if edits is None:
        return None
    result = with_edits(plain, edits)
    assert parses(PATH, result), result
    return result


def examples(cases: dict[str, str | None]) -> pytest.MarkDecorator:
    """Parametrizes a test with texts before and after a change."""
    return pytest.mark.parametrize(("before", "after"), cases.items(), ids=range(len(cases)))
