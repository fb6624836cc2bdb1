"""Random definitions and rows: small worlds that do not touch one another, so that one run serves them all.

In a world every name, key and axis begins alike; only its underscore keys begin with an underscore before
that, as no glob reaches those that do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from wandblint.semantics import metrics

NUMBER = 100
AXES = ("step", "epoch", "t/step", "lost")
"""Of these the last is never logged."""
MEDIA = "MEDIA"

NAMES = st.sampled_from(
    ["*", "t*", "t/*", "t/*", "t/lo*", "t.*", "t/loss", "t", "t.a", "t.a.b", "u", "_x", "_*", "step"]
)
KEYS = st.sampled_from(["t", "t/loss", "t/lr", "t.a", "tr/loss", "tr/loss", "u", "_x", "_y"])
VALUES = st.one_of(
    st.integers(1, 9),
    st.just({"a": 1}),
    st.just({"a": {"b": 2}, "c": 3}),
    st.just(MEDIA),
    st.just("text"),
)
OPTIONS = st.fixed_dictionaries(
    {"step_metric": st.sampled_from(AXES)},
    optional={"step_sync": st.booleans(), "hidden": st.booleans(), "summary": st.just("max")},
)
ROWS = st.lists(
    st.builds(
        lambda values, axes: {**values, **axes},
        st.dictionaries(KEYS, VALUES, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(AXES[:-1]), st.integers(1, 99), max_size=2),
    ),
    min_size=1,
    max_size=5,
)


@dataclass(frozen=True)
class World:
    """Definitions by their names, and rows."""

    number: int
    definitions: dict[str, dict[str, Any]]
    rows: list[dict[str, Any]]

    @property
    def script(self) -> str:
        """The world as a program."""
        lines = ["import wandb", "run = wandb.init()"]
        lines += [
            f"run.define_metric({name!r}, {', '.join(f'{key}={value!r}' for key, value in options.items())})"
            for name, options in self.definitions.items()
        ]
        lines += [f"run.log({row!r})".replace(repr(MEDIA), "wandb.Html('a')") for row in self.rows]
        return "\n".join(lines) + "\n"

    def candidates(self, key: str) -> list[str]:
        """The definitions that may apply to a flat key."""
        return metrics.applying(self.definitions, key)

    def adds(self, name: str) -> bool:
        """Whether a definition has wandb add its axis to rows that lack it."""
        options = self.definitions[name]
        return metrics.syncs_step(options["step_metric"], options.get("step_sync"))

    def axis(self, name: str) -> str:
        return str(self.definitions[name]["step_metric"])


def _within(number: int, name: str) -> str:
    return f"_w{number}/{name}" if name.startswith("_") else f"w{number}/{name}"


@cache
def worlds() -> list[World]:
    """The worlds, the same in every process of the tests."""
    found: list[World] = []

    @settings(
        max_examples=NUMBER,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.dictionaries(NAMES, OPTIONS, min_size=1, max_size=4), ROWS)
    def draw(definitions: dict[str, dict[str, Any]], rows: list[dict[str, Any]]) -> None:
        number = len(found)
        found.append(
            World(
                number,
                {
                    _within(number, name): {**options, "step_metric": _within(number, options["step_metric"])}
                    for name, options in definitions.items()
                },
                [{_within(number, key): value for key, value in row.items()} for row in rows],
            )
        )

    draw()
    return found


def study() -> dict[str, Any]:
    """The run of all worlds."""
    made = worlds()
    return {
        "id": "worlds",
        "definitions": [[name, options] for world in made for name, options in world.definitions.items()],
        "rows": [row for world in made for row in world.rows],
    }


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row as wandb keeps it, but for the parts of media: these are under the key of the media."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= {f"{key}{metrics.NESTING}{inner}": one for inner, one in flat(value).items()}
        else:
            found[key] = value
    return found
