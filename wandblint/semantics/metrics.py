"""The effect of `define_metric` on logged keys."""

from __future__ import annotations

from collections.abc import Iterable

BUILT_IN_AXES = frozenset({"_step", "_timestamp", "_runtime"})
"""Axes that every row has without logging them (docs/wandb-semantics.md, Axes 4)."""

HIDDEN_FROM_GLOBS = "_"
"""The prefix of keys that no glob matches, not even `_*` (docs/wandb-semantics.md, Globs 3)."""

NESTING = "."
"""The separator of the keys of nested dictionaries (docs/wandb-semantics.md, Globs 4)."""

UNLOGGED_AXIS_VALUE = 0
"""The value of a synchronised axis that no code logs (docs/wandb-semantics.md, Axes 2)."""


def is_glob(name: str) -> bool:
    """Whether a metric's name is a glob: it ends in `*` (docs/wandb-semantics.md, Globs 1)."""
    return name.endswith("*")


def glob_prefix(name: str) -> str:
    """The prefix of all keys that the glob `name` matches (docs/wandb-semantics.md, Globs 2)."""
    return name[:-1]


def matches(definition_name: str, key: str) -> bool:
    """Whether a definition of that name applies to a logged key (docs/wandb-semantics.md, Globs 1 to 3).

    A glob is a plain prefix, so it crosses `/`; it never matches a key that starts with an underscore.
    """
    if not is_glob(definition_name):
        return definition_name == key
    return not key.startswith(HIDDEN_FROM_GLOBS) and key.startswith(glob_prefix(definition_name))


def applying(definition_names: Iterable[str], key: str) -> list[str]:
    """The definitions that can apply to a key: only the exact one, else every matching glob.

    wandb picks one of several globs at random (docs/wandb-semantics.md, Globs 5 and 6).
    """
    matching = [name for name in definition_names if matches(name, key)]
    return [key] if key in matching else matching


def syncs_step(step_metric: str | None, step_sync: bool | None) -> bool:
    """Whether a row without the axis gets its last value (docs/wandb-semantics.md, Axes 1)."""
    return step_metric is not None if step_sync is None else step_sync
