"""The behaviour of `wandb.init` while a run is active, and the values of its arguments."""

from __future__ import annotations

import enum

REINIT_STRINGS_SINCE = "0.19.9"
"""The first release that accepts strings for `reinit` (docs/wandb-semantics.md, Runs 4)."""

RESUME_VALUES = frozenset({"allow", "must", "never", "auto"})
"""The strings that `resume` accepts; any other raises (docs/wandb-semantics.md, Runs 5)."""

MODES = frozenset({"online", "offline", "shared", "disabled", "dryrun", "run"})
"""The values of `mode`; any other raises (docs/wandb-semantics.md, Runs 6)."""


class SecondInit(enum.Enum):
    """The effect of an `init` while a run is active."""

    RETURNS_PREVIOUS = "returns the previous run"
    """The new arguments are ignored."""
    FINISHES_PREVIOUS = "finishes all active runs and opens a new one"
    CREATES_NEW = "opens a new run beside the others"
    """`wandb.run` and `wandb.log` still refer to the old run."""


_REINIT: dict[str | bool | None, SecondInit] = {
    None: SecondInit.RETURNS_PREVIOUS,
    "default": SecondInit.RETURNS_PREVIOUS,
    "return_previous": SecondInit.RETURNS_PREVIOUS,
    False: SecondInit.RETURNS_PREVIOUS,
    "finish_previous": SecondInit.FINISHES_PREVIOUS,
    True: SecondInit.FINISHES_PREVIOUS,
    "create_new": SecondInit.CREATES_NEW,
}


def second_init(reinit: str | bool | None, *, in_notebook: bool = False) -> SecondInit:
    """The effect of a second `init` with this `reinit` (docs/wandb-semantics.md, Runs 1 to 3).

    Raises `ValueError` for a string that wandb rejects.
    """
    if in_notebook and reinit in {None, "default"}:
        return SecondInit.FINISHES_PREVIOUS
    if reinit not in _REINIT:
        raise ValueError(f"reinit={reinit!r} is not one of {', '.join(map(repr, _REINIT))}")
    return _REINIT[reinit]


def reinit_string(reinit: bool) -> str:
    """The string that replaces a deprecated boolean (docs/wandb-semantics.md, Runs 2)."""
    return "finish_previous" if reinit else "return_previous"


def resume_value(resume: str | bool | None) -> str | None:
    """The meaning of `resume`: True is `auto`, False is None (docs/wandb-semantics.md, Runs 5).

    Raises `ValueError` for a string that wandb rejects.
    """
    if resume is None or resume is False:
        return None
    value = "auto" if resume is True else resume
    if value not in RESUME_VALUES:
        raise ValueError(f"resume={resume!r} is not one of {', '.join(sorted(RESUME_VALUES))}")
    return value


def records_nothing(mode: str) -> bool:
    """Whether a run of this mode checks and records nothing (docs/wandb-semantics.md, Runs 6)."""
    return mode == "disabled"
