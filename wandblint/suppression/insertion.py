"""Insert and delete suppression comments in a text."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from wandblint.sources.suppressions import Kind, Selector, Suppression, parse
from wandblint.sources.text import Lines


def with_ignore(text: str, rows: range, row: int, codes: Collection[str], reason: str = "") -> str | None:
    """The text with a suppression of codes in a statement, given by its rows; None if no row has room for it.

    An existing suppression of the statement gets the codes. Otherwise the comment goes to `row` or, inside a
    string or before a backslash, to the nearest row below or above that has room.
    """
    lines = Lines(text)
    for suppression in parse(text, lines):
        if suppression.kind is Kind.STATEMENT and suppression.mistake is None and suppression.row in rows:
            return _extended(text, suppression, codes)
    comment = f"# wandblint: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
    for candidate in (*range(row, rows.stop), *range(row - 1, rows.start - 1, -1)):
        changed = _commented(text, lines, candidate, comment)
        if changed is not None and _holds(changed, candidate, codes):
            return changed
    return None


def without_selector(text: str, suppressions: Iterable[Suppression], selector: Selector) -> tuple[int, int]:
    """The range to delete to remove a selector; the last selector takes the comment with it."""
    suppression = next(each for each in suppressions if selector in (each.selectors or ()))
    selectors = list(suppression.selectors or ())
    position = selectors.index(selector)
    if position:
        return selectors[position - 1].end, selector.end
    if len(selectors) > 1:
        return selector.start, selectors[1].start
    lines = Lines(text)
    first = lines.offset(suppression.row, 1)
    line = lines.line(suppression.row)
    before, rest = text[first : suppression.start], line[suppression.start - first :]
    # A reason after it goes too; another comment stays.
    other = rest.find("#", 1)
    if other >= 0:
        return suppression.start, suppression.start + other
    if before.strip():
        return first + len(before.rstrip()), first + len(line)
    return first, lines.offset(suppression.row + 1, 1)


def _extended(text: str, suppression: Suppression, codes: Collection[str]) -> str:
    assert suppression.selectors, "without selectors it would be a mistake"
    end = suppression.selectors[-1].end
    return f"{text[:end]}{''.join(f', {code}' for code in sorted(codes))}{text[end:]}"


def _commented(text: str, lines: Lines, row: int, comment: str) -> str | None:
    """The text with a comment at the end of a row; None if the row ends with a backslash."""
    start, line = lines.offset(row, 1), lines.line(row)
    code = line.rstrip()
    if code.endswith("\\"):
        return None
    between = "  " if code else line
    return f"{text[: start + len(code)]}{between}{comment}{text[start + len(line) :]}"


def _holds(text: str, row: int, codes: Collection[str]) -> bool:
    """Whether a row has a suppression of these codes; one in a string does not count."""
    return any(
        {selector.text for selector in suppression.selectors or ()} == set(codes)
        for suppression in parse(text, Lines(text))
        if suppression.row == row and suppression.kind is Kind.STATEMENT
    )
