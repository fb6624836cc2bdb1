"""Random definitions and rows: independent scenarios, so that one run serves them all.

Every name, key and axis of a scenario begins with its prefix. An underscore precedes the prefix of underscore
keys, because no glob applies to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from wandblint.semantics import metrics

SCENARIOS = 100
SEED = 1
"""Without it Hypothesis derives the draw from the source text of the function."""
AXES = ("step", "epoch", "t/step", "lost")
"""The last one is never logged."""
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
class Scenario:
    """Definitions by name, and rows."""

    number: int
    definitions: dict[str, dict[str, Any]]
    rows: list[dict[str, Any]]

    @property
    def script(self) -> str:
        """The scenario as a program."""
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


def _with_prefix(number: int, name: str) -> str:
    return f"_w{number}/{name}" if name.startswith("_") else f"w{number}/{name}"


@cache
def scenarios() -> list[Scenario]:
    """The scenarios, the same in every test process."""
    drawn: list[Scenario] = []

    @seed(SEED)
    @settings(
        max_examples=SCENARIOS,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.dictionaries(NAMES, OPTIONS, min_size=1, max_size=4), ROWS)
    def draw(definitions: dict[str, dict[str, Any]], rows: list[dict[str, Any]]) -> None:
        number = len(drawn)
        drawn.append(
            Scenario(
                number,
                {
                    _with_prefix(number, name): {
                        **options,
                        "step_metric": _with_prefix(number, options["step_metric"]),
                    }
                    for name, options in definitions.items()
                },
                [{_with_prefix(number, key): value for key, value in row.items()} for row in rows],
            )
        )

    draw()
    return drawn


def study() -> dict[str, Any]:
    """The run of all scenarios."""
    all_scenarios = scenarios()
    return {
        "id": "scenarios",
        "definitions": [
            [name, options] for scenario in all_scenarios for name, options in scenario.definitions.items()
        ],
        "rows": [row for scenario in all_scenarios for row in scenario.rows],
    }


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row as wandb records it, except for the parts of media: these are under the key of the media."""
    flat_row: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat_row |= {f"{key}{metrics.NESTING}{inner}": item for inner, item in flat(value).items()}
        else:
            flat_row[key] = value
    return flat_row
