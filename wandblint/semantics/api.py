"""The names of wandb's interface: what is public under which name, and what makes media."""

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
"""What makes a value that is logged as media, by its canonical name (docs/wandb-semantics.md, Values 2)."""

_MEDIA_MODULE = "wandb.plot."
_PREFIXES = {
    "wandb.data_types.": "wandb.",
    "wandb.sdk.data_types.": "wandb.",
    "wandb.plots.": "wandb.plot.",
}
_CANONICAL = {
    "wandb.join": "wandb.finish",
    "wandb.sdk.wandb_run.Run": "wandb.Run",
    "wandb.sdk.finish": "wandb.finish",
    "wandb.sdk.wandb_init.init": "wandb.init",
    "wandb.sdk.init": "wandb.init",
}


def canonical(name: str) -> str:
    """The public name of what a dotted name means: `wandb.sdk.wandb_run.Run` is `wandb.Run`.

    A name that has no other spelling is its own (docs/wandb-semantics.md, Names).
    """
    for prefix, public in _PREFIXES.items():
        if name.startswith(prefix):
            # The modules of data types hold one class each: `wandb.sdk.data_types.image.Image`.
            last = name.rpartition(".")[2]
            return public + last
    return _CANONICAL.get(name, name)


def makes_media(name: str) -> bool:
    """Whether a call of this dotted name makes media, never an axis (docs/wandb-semantics.md, Values 2)."""
    public = canonical(name)
    return public in MEDIA or public.startswith(_MEDIA_MODULE)
