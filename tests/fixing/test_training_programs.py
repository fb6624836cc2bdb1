"""The guarantees of all fixes, on generated programs in which several rules find something."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fixing.training_programs import Program, programs
from wandblint.pages.fixing import fix_files
from wandblint.pages.variants import VARIANTS, Variant
from wandblint.sources.decoding import decode

SUPPRESSED = re.compile(r"(reinit=True|run\.join\(\)).*ignore\[(WB101|WB701)\]")


def comments(text: str) -> Counter[str]:
    """The comments of a program, without suppressions: fixes remove unused ones."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comment_texts = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return Counter(comment for comment in comment_texts if "wandblint:" not in comment)


def suppressed(text: str) -> Counter[tuple[str, str]]:
    """The suppressed code, which fixes must not change."""
    return Counter(SUPPRESSED.findall(text))


SHORT_RUN = settings(
    max_examples=settings.default.max_examples * 2 // 5 if settings.default else 40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FIXABLE = {"WB002", "WB101", "WB110", "WB201", "WB202", "WB301", "WB306", "WB307", "WB401", "WB506", "WB701"}


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@SHORT_RUN
@given(program=programs())
def test_guarantees(program: Program, unsafe: bool) -> None:
    result = fix_files(program.files, unsafe=unsafe)
    assert result.appeared == {}, "no finding is new"
    assert result.again == {}, "a second run changes nothing"
    for path, text in result.texts.items():
        old = program.files[path]
        assert text != old
        ast.parse(text)
        assert [
            line for line in text.split("\n") if line in program.unrelated_lines[path]
        ] == program.unrelated_lines[path]
        assert comments(old) <= comments(text), "comments stay"
        assert suppressed(old) <= suppressed(text), "suppressed code stays"


@SHORT_RUN
@given(program=programs(), variant=st.sampled_from(VARIANTS))
def test_fixes_are_the_same_in_every_style_variant(program: Program, variant: Variant) -> None:
    expected = fix_files(program.files, unsafe=True)
    actual = fix_files(program.files, unsafe=True, variant=variant)
    assert actual.texts == {path: decode(variant.encode(text), path) for path, text in expected.texts.items()}


def test_the_programs_exercise_the_fixes() -> None:
    fixed_codes: set[str] = set()

    @settings(SHORT_RUN, max_examples=160, derandomize=True, database=None, phases=[Phase.generate])
    @given(program=programs())
    def draw(program: Program) -> None:
        fixed_codes.update(fix_files(program.files, unsafe=True).gone)

    draw()
    assert fixed_codes >= FIXABLE
