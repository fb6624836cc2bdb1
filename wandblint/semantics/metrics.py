"""What `define_metric` means for the keys that are logged."""

from __future__ import annotations

from collections.abc import Iterable

BUILT_IN_AXES = frozenset({"_step", "_timestamp", "_runtime"})
"""Axes that every row has without being logged (docs/wandb-semantics.md, Axes 4)."""

HIDDEN_FROM_GLOBS = "_"
"""A key that begins so is reached by no glob, not even by `_*` (docs/wandb-semantics.md, Globs 3)."""

NESTING = "."
"""What joins the keys of nested dictionaries (docs/wandb-semantics.md, Globs 4)."""

VALUE_OF_AN_AXIS_NEVER_LOGGED = 0
"""What the rows hold for it while its definition synchronises (docs/wandb-semantics.md, Axes 2)."""


def is_glob(name: str) -> bool:
    """Whether a metric's name is a glob: it ends in `*` (docs/wandb-semantics.md, Globs 1)."""
    return name.endswith("*")


def glob_prefix(name: str) -> str:
    """What a key begins with if the glob `name` matches it (docs/wandb-semantics.md, Globs 2)."""
    return name[:-1]


def matches(definition_name: str, key: str) -> bool:
    """Whether a definition of that name applies to a logged key (docs/wandb-semantics.md, Globs 1 to 3).

    A glob is a plain prefix, so it crosses `/`; it never reaches a key that begins with an underscore.
    """
    if not is_glob(definition_name):
        return definition_name == key
    return not key.startswith(HIDDEN_FROM_GLOBS) and key.startswith(glob_prefix(definition_name))


def applying(definition_names: Iterable[str], key: str) -> list[str]:
    """The definitions that can apply to a key: the exact one alone, else every glob that matches.

    Of several globs wandb takes one at random (docs/wandb-semantics.md, Globs 5 and 6).
    """
    found = [name for name in definition_names if matches(name, key)]
    return [key] if key in found else found


def syncs_step(step_metric: str | None, step_sync: bool | None) -> bool:
    """Whether a row that lacks the axis gets its last value: on unless switched off (Axes 1)."""
    return step_metric is not None if step_sync is None else step_sync
