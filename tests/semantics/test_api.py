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
MEDIA_PARTS = {"BoundingBoxes2D", "Classes", "ImageMask"}


@pytest.mark.parametrize("module", [wandb, data_types])
def test_every_kind_of_media_is_known(module: object) -> None:
    names = {name for name, value in inspect.getmembers(module, inspect.isclass) if issubclass(value, Media)}
    known = {name.removeprefix("wandb.") for name in api.MEDIA}
    assert names - BASES - MEDIA_PARTS <= known
    assert "Table" in names


@pytest.mark.parametrize("name", sorted(api.MEDIA))
def test_every_name_of_media_exists(name: str) -> None:
    public_name = name.removeprefix("wandb.")
    assert hasattr(wandb, public_name) or hasattr(data_types, public_name)
    assert api.makes_media(name)


@pytest.mark.parametrize(
    ("alias", "public"),
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
def test_aliases(alias: str, public: str) -> None:
    assert api.canonical(alias) == public
    assert _import(alias) == _import(public)


@pytest.mark.parametrize(
    "name", [name for name in dir(wandb.plot) if inspect.isfunction(getattr(wandb.plot, name))]
)
def test_plots_are_media(name: str) -> None:
    assert api.makes_media(f"wandb.plot.{name}")


@pytest.mark.parametrize("name", [name for name in wandb.plot.__all__ if name != "visualize"])
def test_plots_are_custom_charts(name: str) -> None:
    parameters = list(inspect.signature(getattr(wandb.plot, name)).parameters)
    assert api.split_table_position(f"wandb.plot.{name}") == parameters.index("split_table")
    assert api.chart_key(f"wandb.plot.{name}.{name}") == ("", "_table")
    assert api.makes_media(api.SPLIT_CHART)


@pytest.mark.parametrize(
    "name", ["wandb.visualize", "wandb.plot.visualize", "wandb.Table", "wandb.plot.line.table"]
)
def test_other_media_keep_their_key(name: str) -> None:
    assert api.chart_key(name) is None
    assert api.makes_media(name)


@pytest.mark.parametrize(
    "name",
    ["matplotlib.pyplot.figure", "pandas.DataFrame", "plotly.express.line", "plotly.graph_objects.Figure"],
)
def test_figures_of_other_libraries_are_media(name: str) -> None:
    assert api.makes_media(name)


def test_the_module_of_matplotlib_is_a_figure() -> None:
    assert api.is_figure("matplotlib.pyplot")
    assert not api.is_figure("matplotlib")


def test_other_calls_make_no_media() -> None:
    assert not api.makes_media("plotly.express.data.iris")
    assert not api.makes_media("wandb.init")
    assert not api.makes_media("PIL.Image")


def _import(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)
