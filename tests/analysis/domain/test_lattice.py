"""Laws of the lattice of values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.domain.random_values import ANY_VALUES, VALUES, covers, is_same, texts
from wandblint.analysis.domain.lattice import (
    MAX_ALTERNATIVES,
    concatenate,
    join,
    join_into,
    join_two,
    options,
)
from wandblint.analysis.domain.values import MANY, Union, Value
from wandblint.template import Verdict, equal


@given(ANY_VALUES)
def test_join_is_idempotent(value: Value) -> None:
    assert join((value, value)) == value
    assert join_two(value, value) == value


@given(ANY_VALUES, ANY_VALUES)
def test_join_is_commutative(left: Value, right: Value) -> None:
    assert is_same(join((left, right)), join((right, left)))


@given(ANY_VALUES, ANY_VALUES, ANY_VALUES)
def test_join_is_associative(first: Value, second: Value, third: Value) -> None:
    left = join((join((first, second)), third))
    assert is_same(left, join((first, join((second, third)))))
    assert is_same(left, join((first, second, third)))


@given(ANY_VALUES, ANY_VALUES)
def test_join_covers_its_operands(left: Value, right: Value) -> None:
    joined = join((left, right))
    assert covers(joined, left)
    assert covers(joined, right)


@given(ANY_VALUES, ANY_VALUES, ANY_VALUES)
def test_join_is_monotone(smaller: Value, added: Value, other: Value) -> None:
    larger = join((smaller, added))
    assert covers(join((larger, other)), join((smaller, other)))


@given(ANY_VALUES)
def test_many_is_the_top(value: Value) -> None:
    assert join((value, MANY)) == MANY
    assert join((MANY, value)) == MANY


@given(st.lists(ANY_VALUES, min_size=1, max_size=5))
def test_unions_are_flat_and_small(values: list[Value]) -> None:
    joined = join(values)
    assert not any(isinstance(option, Union) for option in options(joined))
    assert len(options(joined)) == len(set(options(joined))) <= MAX_ALTERNATIVES
    assert not isinstance(joined, Union) or len(joined.options) > 1


@given(st.lists(ANY_VALUES, min_size=1, max_size=5))
def test_joins_one_by_one_are_a_join_of_all(values: list[Value]) -> None:
    table: dict[str, Value] = {}
    for value in values:
        join_into(table, "key", value)
    two_by_two = values[0]
    for value in values[1:]:
        two_by_two = join_two(two_by_two, value)
    assert is_same(table["key"], join(values))
    assert is_same(two_by_two, join(values))


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=3))
def test_concatenation_is_monotone(pieces: list[tuple[Value, Value]]) -> None:
    smaller = concatenate((small for small, _ in pieces), None)
    larger = concatenate((join((small, added)) for small, added in pieces), None)
    for text in texts(smaller):
        assert any(equal(text, other) is not Verdict.NO for other in texts(larger))
