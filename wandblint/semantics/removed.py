"""Removed API of wandb: the name or argument, the release that removed it, and the replacement.

The versions come from the released packages (`scripts/compare_wandb_releases.py` writes `removed_api.json`).
Tests compare them and the replacements with the installed wandb.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import Any

import msgspec

from wandblint.semantics.versions import allows, allows_older_than


class ApiReplacement(msgspec.Struct, frozen=True):
    """The advice on what to write instead, and the name in wandb that it relies on, if any."""

    advice: str
    name: str = ""
    drops: bool = False
    """Whether a fix can drop the argument: it has no effect in releases that accept it."""
    member: str = ""
    """The member that replaces a call of the method: `run.finish()`, or a property like `run.url`."""
    is_property: bool = False


def _property(name: str) -> ApiReplacement:
    return ApiReplacement(
        f"read the property `run.{name}`", f"wandb.Run.{name}", member=name, is_property=True
    )


_MOVED = ("catboost", "fastai", "lightgbm", "sacred", "xgboost")
"""Modules that moved to `wandb.integration`."""

_DROP = ApiReplacement("drop the argument: it has long had no effect", drops=True)

_QUIET = ApiReplacement(
    "drop the argument, or open the run with `wandb.Settings(quiet=True)`",
    "wandb.Settings(quiet)",
    drops=True,
)

_SUMMARY = 'drop the argument, or say which value to keep with `summary="min"` or `"max"`'

REPLACEMENTS: dict[str, ApiReplacement] = {
    "wandb.Run.get_url": _property("url"),
    "wandb.Run.get_project_url": _property("project_url"),
    "wandb.Run.get_sweep_url": _property("sweep_url"),
    "wandb.Run.project_name": _property("project"),
    "wandb.Run.join": ApiReplacement("call `run.finish()`", "wandb.Run.finish", member="finish"),
    "wandb.Run.mode": ApiReplacement(
        "check `run.offline` or `run.disabled`, or read `run.settings.mode`", "wandb.Run.settings"
    ),
    "wandb.Run.save()": ApiReplacement(
        "drop the call: it has long had no effect, because wandb saves the attributes of a run by itself"
    ),
    "wandb.Run.log(sync)": _DROP,
    "wandb.log(sync)": _DROP,
    "wandb.Run.finish(quiet)": _QUIET,
    "wandb.finish(quiet)": _QUIET,
    "wandb.Run.define_metric(goal)": ApiReplacement(_SUMMARY, "wandb.Run.define_metric(summary)"),
    "wandb.define_metric(goal)": ApiReplacement(_SUMMARY, "wandb.define_metric(summary)"),
    "wandb.init(magic)": _DROP,
    "wandb.Settings(start_method)": _DROP,
    "wandb.util.generate_id": ApiReplacement(
        "let `wandb.init` generate the id and read `run.id`, or generate one with `uuid.uuid4().hex[:8]`",
        "wandb.Run.id",
    ),
    "wandb.plots": ApiReplacement("use `wandb.plot`", "wandb.plot"),
    "import wandb.plots": ApiReplacement("use `wandb.plot`", "wandb.plot"),
    "wandb.set_trace": ApiReplacement("call `breakpoint()`"),
    "wandb.tensorflow.log": ApiReplacement(
        "open the run with `sync_tensorboard=True`, or log the values with `run.log`",
        "wandb.init(sync_tensorboard)",
    ),
    "import wandb.apis.internal": ApiReplacement("use `wandb.Api()`", "wandb.Api"),
    "wandb.apis.InternalApi": ApiReplacement("use `wandb.Api()`", "wandb.Api"),
    "wandb.apis.PublicApi": ApiReplacement("use `wandb.Api()`", "wandb.Api"),
    "import wandb.keras": ApiReplacement(
        "import `WandbMetricsLogger` or `WandbModelCheckpoint` from `wandb.integration.keras`",
        "import wandb.integration.keras",
    ),
    **{
        f"import wandb.{name}": ApiReplacement(
            f"import from `wandb.integration.{name}`", f"import wandb.integration.{name}"
        )
        for name in _MOVED
    },
    "import wandb.sdk.internal.datastore": ApiReplacement("read the file with `wandb leet inspect --json`"),
}
"""Replacements by removed name. A finding about any other name gives no advice."""


class Removal(msgspec.Struct, frozen=True):
    """A removed name or argument, with the last release that has it and the first that does not."""

    name: str
    last: str
    removed_in: str

    @property
    def replacement(self) -> ApiReplacement | None:
        """The replacement, if there is one."""
        return REPLACEMENTS.get(self.name)


def removal(name: str) -> Removal | None:
    """The removal of a name: `wandb.Run.get_url`, `wandb.init(magic)`, `import wandb.plots`.

    `wandb.Run.save()` is the call without arguments.

    None where wandb still has it, or never had it (docs/wandb-semantics.md, Releases 1).
    """
    releases = _table()["removed"].get(name)
    return None if releases is None else Removal(name, *releases)


def last_word(name: str) -> str:
    """The identifier that code uses: `get_url` of `wandb.Run.get_url`, `magic` of `wandb.init(magic)`."""
    return name.removesuffix("()").rstrip(")").replace("(", ".").rpartition(".")[2]


@cache
def last_words() -> frozenset[str]:
    """The last words of all removed names; each use contains one of them."""
    return frozenset(map(last_word, _table()["removed"]))


def since(name: str) -> str | None:
    """The first release that has the name of a replacement; None where every known release has it."""
    release: str | None = _table()["added"].get(name)
    return release


def allowed_releases(specifier: str | None) -> list[str]:
    """The releases that a project allows, oldest first.

    A project that requires a newer release than the known ones counts as allowing the newest of these. Raises
    ValueError for an invalid specifier.
    """
    releases: list[str] = _table()["releases"]
    allowed = [release for release in releases if allows(specifier, release)]
    is_newer = not allowed and not allows_older_than(specifier, releases[-1])
    return releases[-1:] if is_newer else allowed


def is_bound_anew(name: str) -> bool:
    """Whether a removed module's package binds a function or class of its name, so that `from` finds that."""
    return name in _table()["bound_anew"]


@cache
def _table() -> dict[str, Any]:
    data = pkgutil.get_data(__package__, "removed_api.json")
    assert data is not None, "the file is part of this package"
    table: dict[str, Any] = msgspec.json.decode(data)
    return table
