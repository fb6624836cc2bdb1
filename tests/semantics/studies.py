"""The runs that the tests of the semantics record: definitions, then rows.

Each definition has its own axis, which is never logged, so the axis in a row shows which definition
was applied.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from itertools import product
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

REINIT: list[str | bool | None] = [
    None,
    "default",
    "return_previous",
    False,
    "finish_previous",
    True,
    "create_new",
    "always",
]

NAMES = ("t", "t*", "t/", "t/*", "t/a", "t/a*", "t/a/*", "t.*", "t_*", "t[0-9]", "t?", "T*", "t/_*")
KEYS = ("t", "t/", "t/a", "t/ab", "t/a/b", "t/a/_b", "tr", "tr/a", "t.a", "t_a", "t1", "T", "u", "t/_a")

UNDERSCORE_NAMES = ("_*", "_x", "a*")
UNDERSCORE_KEYS = ("_x", "_", "__", "a", "a_x", "_xy")


def axis(name: str) -> str:
    return f"axis of {name}"


def _group(names: list[str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"definitions": [[name, {"step_metric": axis(name)}] for name in names], "rows": rows}


def pair(number: int, text: str) -> str:
    """A name or key in its own namespace, which no definition of another pair reaches."""
    return f"pair{number}/{text}"


PAIRS = list(enumerate(product(NAMES, KEYS)))

AXES: dict[str, Any] = {
    "definitions": [
        ["silent", {"step_metric": "never logged", "step_sync": False}],
        ["explicit", {"step_metric": "never logged", "step_sync": True}],
        ["kept", {"step_metric": "kept axis"}],
        ["late", {"step_metric": "late axis"}],
        ["from summary", {"step_metric": "in summary"}],
        ["from config", {"step_metric": "in config"}],
        ["from text", {"step_metric": "text axis"}],
        ["built-in", {"step_metric": "_step"}],
        ["step", {"step_metric": "Step"}],
    ],
    "rows": [
        {"silent": 1},
        {"explicit": 1},
        {"kept axis": 5},
        {"kept": 1},
        {"kept": 2},
        {"late": 1},
        {"late axis": 5},
        {"late": 2},
        {"from summary": 1},
        {"from config": 1},
        {"text axis": "five"},
        {"from text": 1},
        {"built-in": 1},
        {"step": 1},
    ],
}

GROUPS = [
    _group(
        [pair(number, name) for number, (name, _) in PAIRS],
        [{pair(number, key): 1} for number, (_, key) in PAIRS],
    ),
    _group(["exact/*", "exact/a"], [{"exact/a": 1}, {"exact/b": 1}]),
    _group(["two/*", "two/a*"], [{"two/a": 1}, {"two/ab": 1}, {"two/b": 1}]),
    _group(["n.*", "m/*", "l"], [{"n": {"x": 1}}, {"m": {"x": 1}}, {"l": {"x": 1}}]),
    _group(["media", "glob*"], [{"media": "MEDIA"}, {"glob": "MEDIA"}]),
    AXES,
]
"""Independent definitions and rows, so that one run serves them all."""

CALLS = st.lists(
    st.fixed_dictionaries(
        {"commit": st.sampled_from([None, None, True, False])}, optional={"step": st.integers(0, 9)}
    ),
    min_size=2,
    max_size=12,
)
"""Log calls, each by its `step` and `commit`."""

FIRST_ROWS = range(0, 200 * 100, 100)
"""The first step of each sequence of log calls, so that one run serves them all."""


SEED = 0
"""Without it Hypothesis derives the draw from the source text of the function."""


def sequences() -> list[list[dict[str, Any]]]:
    """Random sequences of log calls, the same in every test process."""
    drawn: list[list[dict[str, Any]]] = []

    @seed(SEED)
    @settings(
        max_examples=len(FIRST_ROWS),
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(CALLS)
    def draw(calls: list[dict[str, Any]]) -> None:
        drawn.append(calls)

    draw()
    return drawn


@cache
def log_calls() -> list[dict[str, Any]]:
    """All sequences one after another; a call with a much higher step begins each further one.

    The last row stays open.
    """
    joined: list[dict[str, Any]] = []
    for first, calls in zip(FIRST_ROWS, sequences(), strict=False):
        if first:
            joined.append({"step": first - 1, "commit": True})
        joined += [call | {"step": call["step"] + first} if "step" in call else call for call in calls]
    return [*joined, {"commit": False}]


ARRAY_SIZES = (1, 2, 32, 33, 200) if find_spec("numpy") else ()
"""Arrays of so many elements are logged, if numpy is installed: wandb does not need it."""

ALL = [
    {
        "id": "groups",
        "definitions": [definition for group in GROUPS for definition in group["definitions"]],
        "rows": [row for group in GROUPS for row in group["rows"]],
        "summary": {"in summary": 7},
        "config": {"in config": 7},
    },
    {"id": "arrays", **_group([], [{f"array {size}": f"ARRAY {size}"} for size in ARRAY_SIZES])},
    {"id": "underscores", **_group([*UNDERSCORE_NAMES], [{key: 1} for key in UNDERSCORE_KEYS])},
    {"id": "everything", **_group(["*"], [{key: 1} for key in UNDERSCORE_KEYS])},
]
