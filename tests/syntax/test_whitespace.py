"""Whitespace, line ends and comments between tokens change no fact, and shift positions by their length."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.syntax.fact_text import text_of, walk
from wandblint.syntax import read

# `·` is a gap inside brackets, where line ends and comments are allowed; `~` is one outside of brackets.
LOOSE = [
    "x~=~f~(·(·(·a·)·)·,·*·b·,·k·=·(·c·)·,·**·d·)~.~e~[·(·1·)·:·(·2·)·]",
    "x~=~(·f·)~(·(·é·)·)~(·)~[·(·a·)·,·*·b·,·]",
    "x~=~f~(·(·a·)·for·(·b·)·in·(·c·)·if·(·d·)·if·e·for·g·in·(·h·)·)",
    "x~=~f~(·(·(·a·)·for·b·in·c·)·)",
    "x~=~{·(·a·)·:·(·b·)·,·**·(·c·)·,·d·:·lambda·é·=·(·1·)·,·*·e·:·(·e·)·,·}",
    "x~=~[·(·a·)·async for·b·in·c·if·not·(·d·)·]~,~{·a·:·(·b·)·for·a·in·(·b·)·}~,",
    "x~=~-~(·1·)~,~(·a·)~and~(·b·)~,~(·yield·)~,~'é'~,~(·é·:=·(·b·)·)",
    "x~=~'é'~f'{~é~.~b~!r:>{~(~a~)~}}'~f'{x=}'~'b'",
    "x~=~(·'é'·f'''{·(·a·)·.·b·(·c·)·}{·a·[·'b'·]·:{·d·(·)·}}'''·'b'·)",
    "if~(·a·)~:~pass",
    "while~(·a·)~.~b~:~pass",
    "for~(·a·)~,~b~in~(·c·)~,~:~pass",
    "with~(·a·)~:~pass",
    "with~(·(·a·)·)~:~pass",
    "with~(·(·a·)·as·b·,·(·c·)·,·)~:~pass",
    "with~(·a·)~as~(·b·)~,~(·c·)~:~pass",
    "with~(·yield·)~:~pass",
    "with~(·(·a·:=·b·)·)~:~pass",
    "with~(·a·,·b·)~as~c~:~pass",
    "with~(·a·)~.~b~,~(·c·)~(·d·)~:~pass",
    "try~:~pass\nexcept~(·é·)~as~é~:~pass\nexcept~(·a·,·b·)~:~pass\nexcept~:~pass",
    "@~a~.~b~(·c·)\n@~(·d·)\ndef~é~(·)~:~pass",
    "def~f~(·a·,·/·,·b·:·(·c·)·=·(·d·)·,·*·e·,·g·=·(·1·)·,·**·h·)~:~pass",
    "def~f~(·a·=·(·(·b·)·)·)~->~(·c·)~:~pass",
    "def~f~(·*·,·a·,·)~:~pass",
    "class~é~(·(·a·)·,·*·b·,·k·=·(·c·)·,·)~:~pass",
    "class~A~:~pass",
    "class~A~(·)~:~pass",
    "match~(·a·)~:\n case~(·1·)~|~(·'é'·)~if~(·b·)~:~pass\n case~(·é·)~,~:~pass",
    "match~a~,~:\n case~[·(·1·)·,·*·_·]~:~pass\n case~{·'a'·:·(·b·)·,·**·c·}~:~pass",
    "del~(·a·,·b·)",
    "del~(·a·)~,",
    "return~(·a·)~,~*~b~,",
    "raise~(·a·)~from~(·b·)",
    "from~.~a~import~(·b·as·c·,·)",
]
OUTSIDE = ["", " ", "\t", "\f", "\\\n", " \\\r\n "]
INSIDE = [*OUTSIDE, "\n", "\r", " # )(,:]} case @ * é\n", "#(\r\n", "\n\n"]


GAP = re.compile(r"(\w?)([·~])(?=(\w?))")


def filled(loose: str, fill: Callable[[str], str]) -> tuple[str, list[bool]]:
    """The text with its gaps filled, at least one blank between words; and which characters fill gaps."""
    pieces, is_gap, end = [], [], 0
    for gap in GAP.finditer(loose):
        filling = fill(gap[2])
        if gap[1] and gap[3] and not filling.strip("\f"):
            filling += " "
        pieces += [loose[end : gap.start(2)], filling]
        is_gap += [False] * (gap.start(2) - end) + [True] * len(filling)
        end = gap.end(2)
    return "".join([*pieces, loose[end:]]), [*is_gap, *[False] * (len(loose) - end)]


def facts_and_positions(loose: str, fill: Callable[[str], str]) -> tuple[list[str], list[tuple[int, int]]]:
    """The facts, and their positions without the gaps: none begins or ends in one."""
    text, is_gap = filled(loose, fill)
    body = read("x.py", text).body
    facts = [fact for fact in walk(body) if fact.end > fact.start]
    assert not any(is_gap[fact.start] or is_gap[fact.end - 1] for fact in facts), text
    positions = [
        (fact.start - sum(is_gap[: fact.start]), fact.end - sum(is_gap[: fact.end])) for fact in facts
    ]
    return [NAME_AT.sub("", text_of(statement)) for statement in body], positions


NAME_AT = re.compile(r"(?<=\((?:f|é), )\d+|(?<=\(A, )\d+")


@pytest.mark.parametrize("loose", LOOSE)
@given(st.data())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_whitespace(loose: str, data: st.DataObject) -> None:
    actual = facts_and_positions(
        loose, lambda kind: data.draw(st.sampled_from(INSIDE if kind == "·" else OUTSIDE))
    )
    assert actual == facts_and_positions(loose, lambda _: " ")
