"""The table of API that wandb's releases have removed, against the installed wandb, the newest one."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
from typing import Any

import pydantic
import pytest
import wandb
from packaging.version import Version
from wandb.sdk.wandb_run import Run

from wandblint.semantics import removed
from wandblint.semantics.removed import REPLACEMENTS, allowed_releases, last_words, removal, since

TABLE = removed._table()
NAMES = sorted(TABLE["removed"])
INSTALLED = importlib.metadata.version("wandb")


def resolve(name: str) -> object:
    """The object with a dotted name in the installed wandb. Raises AttributeError where there is none."""
    if name.startswith("wandb.Run"):
        return getattr(Run, name[len("wandb.Run.") :]) if "." in name[len("wandb.") :] else Run
    value: object = wandb
    path = "wandb"
    for attribute in name.split(".")[1:]:
        path += f".{attribute}"
        try:
            value = getattr(value, attribute)
        except AttributeError:
            if not hasattr(value, "__path__") or importlib.util.find_spec(path) is None:
                raise
            value = importlib.import_module(path)
    return value


def exists(name: str) -> bool:
    """Whether the installed wandb has the API that a name of the table means."""
    if name.startswith("import "):
        try:
            return importlib.util.find_spec(name.removeprefix("import ")) is not None
        except ModuleNotFoundError:
            return False
    owner, bracket, argument = name.rstrip(")").partition("(")
    try:
        value = resolve(owner)
    except AttributeError:
        return False
    if not bracket:
        return True
    if not argument:
        assert callable(value)
        return all(p.default is not p.empty for p in [*inspect.signature(value).parameters.values()][1:])
    if owner == "wandb.Settings":
        return argument in wandb.Settings.model_fields
    assert callable(value)
    parameters = inspect.signature(value).parameters
    return argument in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def test_the_installed_wandb_is_the_newest_of_the_table() -> None:
    assert TABLE["releases"][-1] == INSTALLED


@pytest.mark.parametrize("name", NAMES)
def test_removed_names_do_not_exist(name: str) -> None:
    try:
        assert not exists(name)
    except ModuleNotFoundError as error:
        pytest.skip(f"looking it up loads {error.name}, which is not installed")


@pytest.mark.parametrize("name", sorted({r.name for r in REPLACEMENTS.values() if r.name}))
def test_every_replacement_exists(name: str) -> None:
    assert exists(name)
    assert removal(name) is None


def test_every_replacement_is_for_a_removed_name() -> None:
    assert [name for name in REPLACEMENTS if removal(name) is None] == []


def test_the_versions_are_adjacent() -> None:
    releases = TABLE["releases"]
    assert releases == sorted(releases, key=Version)
    for name in NAMES:
        entry = removal(name)
        assert entry is not None
        assert releases.index(entry.removed_in) == releases.index(entry.last) + 1


@pytest.mark.parametrize(
    ("name", "last", "removed_in"),
    [
        ("wandb.init(magic)", "0.18.7", "0.19.0"),
        ("wandb.Run.log(sync)", "0.19.11", "0.20.0"),
        ("wandb.Run.save()", "0.19.11", "0.20.0"),
        ("wandb.Run.join", "0.19.11", "0.20.0"),
        ("wandb.util.generate_id", "0.28.1", "0.28.2"),
        ("wandb.Run.get_url", "0.28.2", "0.29.0"),
        ("wandb.Settings(start_method)", "0.28.2", "0.29.0"),
        ("wandb.set_trace", "0.30.0", "0.31.0"),
        ("import wandb.plots", "0.16.6", "0.17.0"),
    ],
)
def test_removals_that_affect_real_projects(name: str, last: str, removed_in: str) -> None:
    entry = removal(name)
    assert entry is not None
    assert (entry.last, entry.removed_in) == (last, removed_in)


@pytest.mark.parametrize(
    "name",
    ["wandb.log(step)", "wandb.Run.url", "wandb.Settings(x_disable_stats)", "wandb.join", "import wandb"],
)
def test_existing_names_are_not_in_the_table(name: str) -> None:
    assert removal(name) is None
    assert exists(name)


@pytest.mark.parametrize("setting", ["start_method", "_disable_service"])
def test_settings_reject_removed_names(setting: str) -> None:
    arguments: dict[str, Any] = {setting: "thread"}
    with pytest.raises(pydantic.ValidationError):
        wandb.Settings(**arguments)


def test_removed_api_raises() -> None:
    with pytest.raises(AttributeError):
        wandb.util.generate_id()  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        from wandb.util import generate_id  # type: ignore[attr-defined] # noqa: F401, PLC0415
    with pytest.raises(TypeError):
        wandb.finish(quiet=True)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        inspect.signature(wandb.Run.save).bind("run")
    assert issubclass(pydantic.ValidationError, ValueError)


def test_settings_take_an_underscore_for_an_x() -> None:
    assert wandb.Settings(_disable_stats=True).x_disable_stats  # type: ignore[call-arg]


def test_last_words_of_removed_names() -> None:
    assert {"get_url", "sync", "start_method", "plots", "generate_id"} <= last_words()
    assert "define_metric" not in last_words()


def test_properties_were_added_before_their_methods_were_removed() -> None:
    assert since("wandb.Run.project_url") == "0.19.10"
    assert since("wandb.Run.url") is None


@pytest.mark.parametrize(
    ("specifier", "oldest", "newest"),
    [
        (">=0.16,<0.20", "0.16.0", "0.19.11"),
        ("==0.22.*", "0.22.0", "0.22.3"),
        (">=99", INSTALLED, INSTALLED),
        ("==0.10.33", "0.10.33", "0.10.33"),
        (None, "0.1.0", INSTALLED),
    ],
)
def test_which_releases_a_requirement_allows(specifier: str | None, oldest: str, newest: str) -> None:
    allowed = allowed_releases(specifier)
    assert (allowed[0], allowed[-1]) == (oldest, newest)


@pytest.mark.parametrize("specifier", ["==0.19.99", "<0.1", ">=0.16,<0.16"])
def test_a_requirement_that_no_release_meets(specifier: str) -> None:
    assert allowed_releases(specifier) == []
