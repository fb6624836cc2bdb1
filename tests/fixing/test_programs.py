"""What all fixes promise, on programs that are made up: in each several rules find something."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fixing.training import Program, programs
from wandblint.pages.fixed import fixed
from wandblint.pages.variants import VARIANTS, Variant
from wandblint.sources.decoding import decode

SUPPRESSED = re.compile(r"(reinit=True|run\.join\(\)).*ignore\[(WB101|WB701)\]")


def comments(text: str) -> Counter[str]:
    """The comments of a program, without suppressions: unused ones go."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return Counter(comment for comment in found if "wandblint:" not in comment)


def suppressed(text: str) -> Counter[tuple[str, str]]:
    """What a suppression keeps from being fixed."""
    return Counter(SUPPRESSED.findall(text))


BRIEF = settings(
    max_examples=settings.default.max_examples * 2 // 5 if settings.default else 40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FIXED = {"WB002", "WB101", "WB110", "WB201", "WB202", "WB301", "WB306", "WB307", "WB701"}


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@BRIEF
@given(program=programs())
def test_promises(program: Program, unsafe: bool) -> None:
    made = fixed(program.files, unsafe=unsafe)
    assert made.appeared == {}, "no finding is new"
    assert made.again == {}, "a second pass does nothing"
    for path, text in made.texts.items():
        old = program.files[path]
        assert text != old
        ast.parse(text)
        assert [line for line in text.split("\n") if line in program.bystanders[path]] == program.bystanders[
            path
        ]
        assert comments(old) <= comments(text), "comments stay"
        assert suppressed(old) <= suppressed(text), "what is suppressed stays as it is"


@BRIEF
@given(program=programs(), variant=st.sampled_from(VARIANTS))
def test_in_other_clothes_the_same_is_done(program: Program, variant: Variant) -> None:
    plain = fixed(program.files, unsafe=True)
    dressed = fixed(program.files, unsafe=True, variant=variant)
    assert dressed.texts == {path: decode(variant.encode(text), path) for path, text in plain.texts.items()}


def test_the_programs_try_the_fixes() -> None:
    gone: set[str] = set()

    @settings(BRIEF, max_examples=80, derandomize=True, database=None, phases=[Phase.generate])
    @given(program=programs())
    def draw(program: Program) -> None:
        gone.update(fixed(program.files, unsafe=True).gone)

    draw()
    assert gone >= FIXED
