"""The tokens of Python text that give fields of f-strings their places, and its comments.

One compiled pattern finds the tokens that matter for a place: names and keywords, numbers, strings (an
f-string or t-string is one token), brackets, `...`, and the signs that can begin an expression
(`+ - ~`). Other operators, whitespace and comments are the gaps between tokens. The text need not be
valid Python.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain
from typing import NamedTuple

MAX_BRACKETS = 200
"""CPython's own limit of open brackets."""
MAX_RUN = 2000
"""Tokens of one statement with no comma between them, or `elif`s. LibCST's parser is recursive native
code: chains of about 6,000 operators overflow its stack, which nothing can catch."""
MAX_PATTERN_WEIGHT = 14
"""Brackets inside each other in a `case`, those of a mapping counted twice. LibCST tries each again: its time
doubles with every bracket (almost fourfold with every mapping), from milliseconds here to hours at 30."""


class TooDeep(Exception):  # noqa: N818 (a state of the text, not a mistake of the program)
    """Code is nested deeper than a parser survives, at the offset `at`; Python may accept it."""

    def __init__(self, at: int, *, is_python: bool = False) -> None:
        super().__init__(at)
        self.at = at
        self.is_python = is_python


class Tokens(NamedTuple):
    """The tokens in order, with an empty one at the end: the text before each, its text, its offsets."""

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
    """Start and end of each comment, `#` included and line ending excluded.

    Raises `TooDeep` for absurd f-strings.
    """
    found = []
    at = 0
    for gap, token in _pairs(text, 0, len(text)):
        if "#" in gap:
            found += [(at + comment.start(), at + comment.end()) for comment in _COMMENT.finditer(gap)]
        at += len(gap) + len(token)
    return found


def check_depth(found: Tokens, max_run: int = MAX_RUN) -> None:
    """Raises `TooDeep` where a recursive parser in native code could overflow the stack."""
    if len(found.texts) < min(MAX_BRACKETS, max_run):
        return
    if found.texts.count("elif") > max_run:
        raise TooDeep(found.starts[found.texts.index("elif")], is_python=True)
    outer: list[int] = []
    run = 0
    for at, (gap, token) in enumerate(zip(found.gaps, found.texts, strict=True)):
        if "," in gap or ("\n" in gap and not outer):
            run = 0
        elif token[-1:] not in _QUOTES:  # neighbouring strings are joined without recursion
            run += 1
        if token in _OPENING:
            outer.append(run)
            run = 0
        elif token in _CLOSING and outer:
            run = outer.pop()
        if run > max_run or len(outer) > MAX_BRACKETS:
            raise TooDeep(found.starts[at], is_python=run > max_run)


def deepest(text: str) -> int:
    """About where a text is nested so deeply that a parser gave up."""
    max_run = MAX_RUN
    while max_run:
        try:
            check_depth(tokens(text), max_run)
        except TooDeep as deep:
            return deep.at
        max_run //= 2
    return 0


def check_patterns(found: Tokens) -> None:
    """Raises `TooDeep` where LibCST's parser could take minutes."""
    for first, token in enumerate(found.texts):
        if token == "case" and "\n" in found.gaps[first]:
            _check_pattern(found, first + 1)


def _check_pattern(found: Tokens, first: int) -> None:
    weights: list[int] = []
    for at in range(first, len(found.texts)):
        token = found.texts[at]
        if not weights and ("\n" in found.gaps[at] or ":" in found.gaps[at]):
            return
        if token in _OPENING:
            weights.append(2 if token == "{" else 1)
            if sum(weights) > MAX_PATTERN_WEIGHT:
                raise TooDeep(found.starts[at], is_python=True)
        elif token in _CLOSING and weights:
            weights.pop()


def _pairs(text: str, start: int, end: int) -> list[tuple[str, str]]:
    """Each token with the gap before it."""
    pairs: list[tuple[str, str]] = []
    while True:
        found: list[tuple[str, str]] = _PAIR.findall(text, start, end)
        if len(found) > 1 and not found[-2][1]:
            found.pop()  # `\Z` matches once more after a gap
        rest = "" if len(found) == 1 or found[-1][0] else found[-2][1]
        if not FORMATTED.match(rest):
            return pairs + found
        opening = end - len(rest)
        start = formatted_end(text, opening, end, depth=0)
        pairs += found[:-2]
        pairs.append((found[-2][0], text[opening:start]))


def formatted_end(text: str, start: int, end: int, depth: int = 0) -> int:
    """Where the f-string that begins at `start` ends, or `end` if it does not. Raises `TooDeep`."""
    opening = FORMATTED.match(text, start, end)
    assert opening, "only called where an f-string begins"
    quote = opening["quote"]
    at = opening.end()
    special = _RAW_SPECIAL if "r" in opening["prefix"].lower() else _SPECIAL
    while found := special.search(text, at, end):
        at = found.end()
        if found[0] == "{":
            at = _field_end(text, at, end, depth + 1)
        elif text.startswith(quote, found.start()):
            return found.start() + len(quote)
    return end


def _field_end(text: str, at: int, end: int, depth: int) -> int:
    """Where the replacement field whose inside begins at `at` ends (its `}` included)."""
    if depth > MAX_BRACKETS:
        raise TooDeep(at)
    brackets = 0
    while found := FIELD_TOKEN.search(text, at, end):
        token, at = found[0], found.end()
        if token in _OPENING:
            brackets += 1
            if brackets + depth > MAX_BRACKETS:
                raise TooDeep(at)
        elif token == "}" and not brackets:
            return at
        elif token in _CLOSING:
            brackets -= 1
        elif token == ":" and not brackets:
            return _format_spec_end(text, at, end, depth)
        elif FORMATTED.match(token):
            at = formatted_end(text, found.start(), end, depth)
    return end


def _format_spec_end(text: str, at: int, end: int, depth: int) -> int:
    while found := _SPEC_TOKEN.search(text, at, end):
        at = found.end()
        if found[0] == "}":
            return at
        at = _field_end(text, at, end, depth + 1)
    return end


_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_QUOTES = "\"'"

# Any character beyond ASCII is a letter: nothing else can stand there outside strings and comments.
WORD = r"[^\x00-/:-@\[-\^`{-\x7f]"
_NAME = rf"[^\x00-@\[-\^`{{-\x7f]{WORD}*"
_DECIMAL = r"[0-9][0-9_]*"
_NUMBER = (
    r"(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    rf"|(?:{_DECIMAL}(?:\.(?:{_DECIMAL})?)?|\.{_DECIMAL})(?:[eE][+-]?{_DECIMAL})?[jJ]?)"
)
_ESCAPE = r"\\(?:\r\n|.)"


def _strings(quote: str) -> str:
    """Strings in this quote, tripled and single."""
    tripled = rf"{quote * 3}[^{quote}\\]*(?:(?:{_ESCAPE}|{quote}(?!{quote * 2}))[^{quote}\\]*)*{quote * 3}"
    return rf"{tripled}|{quote}[^{quote}\\\r\n]*(?:{_ESCAPE}[^{quote}\\\r\n]*)*{quote}"


def _plain_formatted(quote: str, other: str) -> str:
    """f-strings in this quote whose fields are short and hold at most strings in the other one.

    The others, which Python knows since 3.12, need to be taken apart by hand."""
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
# Told by what they are, of ASCII: to compile the class of all others takes 6 ms.
_BETWEEN = r"[\x00-!$%&*,/:-@\\^`|\x7f]*"
_GAP = rf"{_BETWEEN}(?:(?:\.(?![0-9]|\.\.)|#[^\r\n]*|[-+](?=[=>])){_BETWEEN})*"

# A gap takes all it can and a token then always matches (`\Z` at the end), so there is no backtracking.
_PAIR = re.compile(rf"({_GAP})({_TOKEN}|\Z)", re.DOTALL)
FIELD_TOKEN = re.compile(rf"{_TOKEN}|[=!<>]=|[=!:]|#[^\r\n]*", re.DOTALL)
"""What matters inside a replacement field; a string with fields that are not plain goes on to the end."""
_COMMENT = re.compile(r"#[^\r\n]*")
FORMATTED = re.compile(rf"(?P<prefix>{_FORMATTED_PREFIX})(?P<quote>\"\"\"|'''|[\"'])")
_SPECIAL = re.compile(r"\\N\{[^{}]*\}|\\[^{}]|\{\{|\{|[\"']", re.DOTALL)
_RAW_SPECIAL = re.compile(r"\\[\"'\\]|\{\{|\{|[\"']")
_SPEC_TOKEN = re.compile(r"[{}]")
