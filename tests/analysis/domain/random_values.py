"""Random abstract values, and when one covers another."""

from __future__ import annotations

from hypothesis import strategies as st

from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import MANY, External, Ref, Unknown, Value, scalar
from wandblint.template import Hole, SymbolId, Template, template

HOLES = st.builds(lambda number: Hole(SymbolId("hole", number), f"h{number}"), st.integers(0, 3))
TEMPLATES = st.lists(st.one_of(st.sampled_from(["a", "b", "val/", ""]), HOLES), max_size=3).map(
    lambda parts: template(*parts)
)
SIMPLE: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from([scalar(None), scalar(True), scalar(1), scalar(1.0), scalar(0), scalar(False)]),
    TEMPLATES,
    st.integers(0, 3).map(lambda number: Unknown(SymbolId("value", number))),
    st.integers(0, 3).map(Ref),
    st.sampled_from([External("os.environ"), External("dict.update", Ref(1))]),
)
VALUES: st.SearchStrategy[Value] = st.lists(SIMPLE, min_size=1, max_size=4).map(join)
MANY_OPTIONS: st.SearchStrategy[Value] = st.integers(1, 60).map(
    lambda count: join(scalar(number) for number in range(count))
)
"""Values with up to more alternatives than a value may have."""

ANY_VALUES = st.one_of(VALUES, MANY_OPTIONS, st.just(MANY))


def covers(larger: Value, smaller: Value) -> bool:
    """Whether a value allows everything that another one allows."""
    return MANY in options(larger) or set(options(smaller)) <= set(options(larger))


def is_same(left: Value, right: Value) -> bool:
    """Whether two values have the same alternatives, in any order."""
    return covers(left, right) and covers(right, left)


def texts(value: Value) -> list[Template]:
    """The alternatives that are strings."""
    return [option for option in options(value) if isinstance(option, Template)]
