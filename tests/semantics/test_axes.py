"""The verdicts of `semantics.axes` on templates agree with `semantics.metrics` for every filling of holes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wandblint.semantics import axes, metrics
from wandblint.template import Hole, SymbolId, Template, TemplatePart, Verdict, template

TEXT = st.text("ab/", max_size=3)
HOLES = [Hole(SymbolId("hole", number), f"hole{number}") for number in range(3)]
PARTS = st.lists(st.one_of(TEXT, st.sampled_from(HOLES)), max_size=4)
FILLINGS = st.tuples(TEXT, TEXT, TEXT)


def filled(parts: list[TemplatePart], fillings: tuple[str, ...]) -> str:
    values = dict(zip(HOLES, fillings, strict=True))
    return "".join(part if isinstance(part, str) else values[part] for part in parts)


def as_template(parts: list[TemplatePart], suffix: str = "") -> Template:
    return template(*parts, suffix)


@given(PARTS, st.sampled_from(["", "*"]), PARTS, FILLINGS)
def test_a_verdict_holds_for_every_filling_of_the_holes(
    name: list[TemplatePart], star: str, key: list[TemplatePart], fillings: tuple[str, ...]
) -> None:
    verdict = axes.covers(as_template(name, star), as_template(key))
    if verdict is not Verdict.MAYBE:
        is_matched = metrics.matches(filled(name, fillings) + star, filled(key, fillings))
        assert is_matched == (verdict is Verdict.YES)


@given(st.text("ab_/", max_size=4), st.sampled_from(["", "*"]), st.text("ab_/", max_size=4))
def test_the_verdict_on_known_names_is_definite(name: str, star: str, key: str) -> None:
    expected = Verdict.YES if metrics.matches(name + star, key) else Verdict.NO
    assert axes.covers(as_template([name], star), as_template([key])) is expected


def test_the_built_in_axes() -> None:
    assert all(axes.is_built_in(template(name)) for name in metrics.BUILT_IN_AXES)
    assert not axes.is_built_in(template("_", HOLES[0]))
    assert not axes.is_built_in(template("step"))
