"""Tokens and comments of Python text, which need not be valid Python.

One compiled pattern finds the tokens at which expressions can begin or end: names and keywords, numbers,
strings (an f-string or t-string is one token), brackets, `...`, and the signs that can begin an expression
(`+ - ~`). Other operators, whitespace and comments are the gaps between tokens.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import accumulate, chain
from typing import NamedTuple

MAX_BRACKETS = 200
"""CPython's own limit for open brackets."""
MAX_RUN = 2000
"""Tokens of one statement without a comma between them, or `elif`s. LibCST's parser is recursive native
code: chains of about 6,000 operators overflow its stack, which nothing can catch."""
MAX_PATTERN_WEIGHT = 14
"""Nested brackets in a `case`; those of a mapping count twice. LibCST backtracks: its time doubles with every
bracket (and grows almost fourfold with every mapping), from milliseconds at this limit to hours at 30."""


class TooDeep(Exception):  # noqa: N818 (a state of the text, not a mistake of the program)
    """Code is nested deeper than a parser survives, at the offset `at`; Python may accept it."""

    def __init__(self, at: int, *, is_python: bool = False) -> None:
        super().__init__(at)
        self.at = at
        self.is_python = is_python


class Tokens(NamedTuple):
    """The tokens in order, with an empty one at the end: the gap before each, its text and its offsets."""

    gaps: list[str]
    texts: list[str]
    starts: list[int]
    ends: list[int]


def tokens(text: str, start: int = 0, end: int | None = None) -> Tokens:
    """The tokens of `text` between two offsets. Raises `TooDeep` for absurd f-strings."""
    pairs = _pairs(text, start, len(text) if end is None else end)
    offsets = list(accumulate(map(len, chain.from_iterable(pairs)), initial=start))
    return Tokens([gap for gap, _ in pairs], [token for _, token in pairs], offsets[1::2], offsets[2::2])


def comments(text: str) -> list[tuple[int, int]]:
    """Start and end of each comment, with its `#` and without its line ending.

    Raises `TooDeep` for absurd f-strings.
    """
    spans = []
    offset = 0
    for gap, token in _pairs(text, 0, len(text)):
        if "#" in gap:
            spans += [(offset + match.start(), offset + match.end()) for match in _COMMENT.finditer(gap)]
        offset += len(gap) + len(token)
    return spans


def check_depth(tokens: Tokens, max_run: int = MAX_RUN, flat: Collection[str] = ()) -> None:
    """Raises `TooDeep` if a recursive parser in native code could overflow the stack.

    A chain of `flat` operators costs that parser no depth.
    """
    if len(tokens.texts) < min(MAX_BRACKETS, max_run):
        return
    if tokens.texts.count("elif") > max_run:
        raise TooDeep(tokens.starts[tokens.texts.index("elif")], is_python=True)
    outer: list[int] = []
    run = 0
    for index, (gap, token) in enumerate(zip(tokens.gaps, tokens.texts, strict=True)):
        if "," in gap or ("\n" in gap and not outer) or token in flat:
            run = 0
        elif token[-1:] not in _QUOTES:  # parsers join adjacent strings without recursion
            run += 1
        if token in _OPENING:
            outer.append(run)
            run = 0
        elif token in _CLOSING and outer:
            run = outer.pop()
        if run > max_run or len(outer) > MAX_BRACKETS:
            raise TooDeep(tokens.starts[index], is_python=run > max_run)


def deepest(text: str) -> int:
    """Roughly the offset where a text is nested too deeply, after a parser failed on it."""
    max_run = MAX_RUN
    while max_run:
        try:
            check_depth(tokens(text), max_run)
        except TooDeep as deep:
            return deep.at
        max_run //= 2
    return 0


def check_patterns(tokens: Tokens) -> None:
    """Raises `TooDeep` if LibCST's parser could take minutes."""
    for index, token in enumerate(tokens.texts):
        if token == "case" and "\n" in tokens.gaps[index]:
            _check_pattern(tokens, index + 1)


def _check_pattern(tokens: Tokens, first: int) -> None:
    weights: list[int] = []
    for index in range(first, len(tokens.texts)):
        token = tokens.texts[index]
        if not weights and ("\n" in tokens.gaps[index] or ":" in tokens.gaps[index]):
            return
        if token in _OPENING:
            weights.append(2 if token == "{" else 1)
            if sum(weights) > MAX_PATTERN_WEIGHT:
                raise TooDeep(tokens.starts[index], is_python=True)
        elif token in _CLOSING and weights:
            weights.pop()


def _pairs(text: str, start: int, end: int) -> list[tuple[str, str]]:
    """Each token, after the gap before it."""
    pairs: list[tuple[str, str]] = []
    while True:
        more: list[tuple[str, str]] = _PAIR.findall(text, start, end)
        if len(more) > 1 and not more[-2][1]:
            more.pop()  # `\Z` matches once more after a gap
        rest = "" if len(more) == 1 or more[-1][0] else more[-2][1]
        if not FORMATTED.match(rest):
            return pairs + more
        # An f-string that the pattern cannot delimit matches to the end of the text: delimit it by hand.
        opening = end - len(rest)
        start = formatted_end(text, opening, end, depth=0)
        pairs += more[:-2]
        pairs.append((more[-2][0], text[opening:start]))


def formatted_end(text: str, start: int, end: int, depth: int = 0) -> int:
    """The end of the f-string that begins offset `start`; `end` if it is not closed. Raises `TooDeep`."""
    opening = FORMATTED.match(text, start, end)
    assert opening, "only called where an f-string begins"
    quote = opening["quote"]
    offset = opening.end()
    special = _RAW_SPECIAL if "r" in opening["prefix"].lower() else _SPECIAL
    while match := special.search(text, offset, end):
        offset = match.end()
        if match[0] == "{":
            offset = _field_end(text, offset, end, depth + 1)
        elif text.startswith(quote, match.start()):
            return match.start() + len(quote)
    return end


def _field_end(text: str, offset: int, end: int, depth: int) -> int:
    """The end of the replacement field whose content begins offset `offset`, after its `}`."""
    if depth > MAX_BRACKETS:
        raise TooDeep(offset)
    brackets = 0
    while match := FIELD_TOKEN.search(text, offset, end):
        token, offset = match[0], match.end()
        if token in _OPENING:
            brackets += 1
            if brackets + depth > MAX_BRACKETS:
                raise TooDeep(offset)
        elif token == "}" and not brackets:
            return offset
        elif token in _CLOSING:
            brackets -= 1
        elif token == ":" and not brackets:
            return _format_spec_end(text, offset, end, depth)
        elif FORMATTED.match(token):
            offset = formatted_end(text, match.start(), end, depth)
    return end


def _format_spec_end(text: str, offset: int, end: int, depth: int) -> int:
    while match := _SPEC_TOKEN.search(text, offset, end):
        offset = match.end()
        if match[0] == "}":
            return offset
        offset = _field_end(text, offset, end, depth + 1)
    return end


_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_QUOTES = "\"'"

# Any character beyond ASCII counts as a letter: outside strings and comments nothing else is valid.
WORD = r"[^\x00-/:-@\[-\^`{-\x7f]"
_NAME = rf"[^\x00-@\[-\^`{{-\x7f]{WORD}*"
_DECIMAL = r"[0-9][0-9_]*"
_NUMBER = (
    r"(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    rf"|(?:{_DECIMAL}(?:\.(?:{_DECIMAL})?)?|\.{_DECIMAL})(?:[eE][+-]?{_DECIMAL})?[jJ]?)"
)
_ESCAPE = r"\\(?:\r\n|.)"


def _strings(quote: str) -> str:
    """Strings in this quote, triple and single."""
    tripled = rf"{quote * 3}[^{quote}\\]*(?:(?:{_ESCAPE}|{quote}(?!{quote * 2}))[^{quote}\\]*)*{quote * 3}"
    return rf"{tripled}|{quote}[^{quote}\\\r\n]*(?:{_ESCAPE}[^{quote}\\\r\n]*)*{quote}"


def _plain_formatted(quote: str, other: str) -> str:
    """f-strings in this quote whose fields are short and contain at most strings in the other quote.

    `formatted_end` handles the others, which are valid since Python 3.12.
    """
    plain = r"[^{}\"'\\#\r\n]{0,500}"
    nested = rf"\{{{plain}\}}|{other}{plain}{other}"
    field = rf"\{{(?!\{{){plain}(?:(?:{nested}){plain}){{0,50}}\}}"
    inside = rf"\\(?:\r\n|[^{{}}])|\{{\{{|\}}\}}|{field}"
    text = rf"[^{quote}\\{{}}]*"
    tripled = rf"{quote * 3}{text}(?:(?:{inside}|{quote}(?!{quote * 2})){text})*{quote * 3}"
    text = rf"[^{quote}\\{{}}\r\n]*"
    return rf"{tripled}|{quote}(?!{quote * 2}){text}(?:(?:{inside}){text})*{quote}"


_FORMATTED_PREFIX = r"(?:[fFtT][rR]?|[rR][fFtT])"
_DOUBLE, _SINGLE = '"', "'"
_PLAIN_FORMATTED = f"{_plain_formatted(_DOUBLE, _SINGLE)}|{_plain_formatted(_SINGLE, _DOUBLE)}"
_TOKEN = (
    rf"{_NAME}(?![\"']|{WORD})|[()\[\]{{}}]"
    rf"|(?:[rRbBuU]|[bB][rR]|[rR][bB])?(?:{_strings(_DOUBLE)}|{_strings(_SINGLE)})"
    rf"|{_NUMBER}|~|[-+](?![=>])|\.\.\."
    rf"|{_FORMATTED_PREFIX}(?:{_PLAIN_FORMATTED}|[\"'].*)"
    rf"|{_NAME}|[\"']"
)
# A list of ASCII characters: compiling the class of all others takes 6 ms.
_BETWEEN = r"[\x00-!$%&*,/:-@\\^`|\x7f]*"
_GAP = rf"{_BETWEEN}(?:(?:\.(?![0-9]|\.\.)|#[^\r\n]*|[-+](?=[=>])){_BETWEEN})*"

# A gap is greedy and a token then always matches (`\Z` at the end), so there is no backtracking.
_PAIR = re.compile(rf"({_GAP})({_TOKEN}|\Z)", re.DOTALL)
FIELD_TOKEN = re.compile(rf"{_TOKEN}|[=!<>]=|[=!:]|#[^\r\n]*", re.DOTALL)
"""A token inside a replacement field. An f-string whose fields are not plain matches to the text's end."""
_COMMENT = re.compile(r"#[^\r\n]*")
FORMATTED = re.compile(rf"(?P<prefix>{_FORMATTED_PREFIX})(?P<quote>\"\"\"|'''|[\"'])")
_SPECIAL = re.compile(r"\\N\{[^{}]*\}|\\[^{}]|\{\{|\{|[\"']", re.DOTALL)
_RAW_SPECIAL = re.compile(r"\\[\"'\\]|\{\{|\{|[\"']")
_SPEC_TOKEN = re.compile(r"[{}]")
