"""`semantics.api` against the installed wandb."""

from __future__ import annotations

import importlib
import inspect

import pytest
import wandb
from wandb import data_types
from wandb.sdk.data_types.base_types.media import Media

from wandblint.semantics import api

BASES = {"BatchableMedia", "Media", "PartitionedTable", "WBTraceTree"}
PARTS = {"BoundingBoxes2D", "Classes", "ImageMask"}


@pytest.mark.parametrize("module", [wandb, data_types])
def test_every_kind_of_media_is_known(module: object) -> None:
    held = {name for name, value in inspect.getmembers(module, inspect.isclass) if issubclass(value, Media)}
    known = {name.removeprefix("wandb.") for name in api.MEDIA}
    assert held - BASES - PARTS <= known
    assert "Table" in held


@pytest.mark.parametrize("name", sorted(api.MEDIA))
def test_every_name_of_media_exists(name: str) -> None:
    short = name.removeprefix("wandb.")
    assert hasattr(wandb, short) or hasattr(data_types, short)
    assert api.makes_media(name)


@pytest.mark.parametrize(
    ("spelling", "public"),
    [
        ("wandb.data_types.Table", "wandb.Table"),
        ("wandb.sdk.data_types.image.Image", "wandb.Image"),
        ("wandb.sdk.wandb_run.Run", "wandb.Run"),
        ("wandb.sdk.wandb_init.init", "wandb.init"),
        ("wandb.sdk.init", "wandb.init"),
        ("wandb.join", "wandb.finish"),
        ("wandb.log", "wandb.log"),
    ],
)
def test_two_names_of_one_thing(spelling: str, public: str) -> None:
    assert api.canonical(spelling) == public
    assert _import(spelling) == _import(public)


@pytest.mark.parametrize(
    "name", [name for name in dir(wandb.plot) if inspect.isfunction(getattr(wandb.plot, name))]
)
def test_plots_are_media(name: str) -> None:
    assert api.makes_media(f"wandb.plot.{name}")


def test_other_calls_make_no_media() -> None:
    assert not api.makes_media("wandb.init")
    assert not api.makes_media("PIL.Image")


def _import(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)
