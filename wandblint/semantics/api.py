"""The names of wandb's API: canonical names, and the types that make media."""

from __future__ import annotations

MEDIA = frozenset(
    {
        "wandb.Audio",
        "wandb.Bokeh",
        "wandb.EvalTable",
        "wandb.Graph",
        "wandb.Histogram",
        "wandb.Html",
        "wandb.Image",
        "wandb.JoinedTable",
        "wandb.Molecule",
        "wandb.Object3D",
        "wandb.Plotly",
        "wandb.Table",
        "wandb.Video",
        "wandb.box3d",
        "wandb.plot_table",
    }
)
"""Callables whose results wandb logs as media, by canonical name (docs/wandb-semantics.md, Values 2)."""

_MEDIA_MODULE = "wandb.plot."
_PREFIXES = {"wandb.data_types.": "wandb.", "wandb.sdk.data_types.": "wandb.", "wandb.plots.": "wandb.plot."}
_CANONICAL = {
    "wandb.join": "wandb.finish",
    "wandb.sdk.wandb_run.Run": "wandb.Run",
    "wandb.sdk.finish": "wandb.finish",
    "wandb.sdk.wandb_init.init": "wandb.init",
    "wandb.sdk.init": "wandb.init",
}


def canonical(name: str) -> str:
    """The canonical name for a dotted name: `wandb.Run` for `wandb.sdk.wandb_run.Run`.

    A name without another spelling is canonical itself (docs/wandb-semantics.md, Names).
    """
    for prefix, public in _PREFIXES.items():
        if name.startswith(prefix):
            # Each module of data types holds one class: `wandb.sdk.data_types.image.Image`.
            return public + name.rpartition(".")[2]
    return _CANONICAL.get(name, name)


def makes_media(name: str) -> bool:
    """Whether a call of this name makes media, which is never an axis (docs/wandb-semantics.md, Values 2)."""
    path = canonical(name)
    return path in MEDIA or path.startswith(_MEDIA_MODULE)
