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
        "wandb.visualize",
    }
)
"""Callables whose results wandb logs as media, by canonical name (docs/wandb-semantics.md, Values 2)."""

_CHARTS = {
    "bar": 4,
    "confusion_matrix": 5,
    "histogram": 3,
    "line": 5,
    "line_series": 5,
    "plot_table": 4,
    "pr_curve": 6,
    "roc_curve": 5,
    "scatter": 4,
}
"""The functions of `wandb.plot` that return a custom chart, with the position of `split_table`."""

SPLIT_CHART = "wandb.plot.split_table"
"""A name for custom charts with `split_table=True`, which wandb records in a section for tables."""

_MEDIA_MODULE = "wandb.plot."
_FIGURES = frozenset(
    {
        "matplotlib.figure.Figure",
        "matplotlib.pyplot.figure",
        "matplotlib.pyplot.gcf",
        "pandas.DataFrame",
        "plotly.graph_objects.Figure",
        "plotly.graph_objs.Figure",
    }
)
"""Calls of other libraries whose results wandb logs as media."""
_FIGURE_MODULE = "plotly.express"
_PREFIXES = {"wandb.data_types.": "wandb.", "wandb.sdk.data_types.": "wandb.", "wandb.plots.": "wandb.plot."}
_CANONICAL = {
    "wandb.join": "wandb.finish",
    "wandb.sdk.wandb_run.Run": "wandb.Run",
    "wandb.sdk.finish": "wandb.finish",
    "wandb.sdk.wandb_init.init": "wandb.init",
    "wandb.sdk.init": "wandb.init",
}


RECORDED = {
    "os._exit": ("status",),
    "wandb.Artifact": ("name", "type", "description", "metadata", "incremental", "use_as"),
    "wandb.Run.__exit__": (),
    "wandb.Run.alert": ("title", "text", "level", "wait_duration"),
    "wandb.Run.config.update": ("d", "allow_val_change"),
    "wandb.Run.define_metric": ("name", "step_metric"),
    "wandb.Run.finish": ("exit_code",),
    "wandb.Run.log": ("data", "step", "commit"),
    "wandb.Run.log_artifact": ("artifact_or_path", "name", "type", "aliases"),
    "wandb.Run.save": ("glob_str", "base_path", "policy"),
    "wandb.Run.summary.update": ("d",),
    "wandb.Run.watch": ("models", "criterion", "log", "log_freq"),
    "wandb.Table": (
        *("columns", "data", "rows", "dataframe", "dtype", "optional", "allow_mixed_types", "log_mode"),
    ),
    "wandb.Table.add_column": ("name", "data", "optional"),
    "wandb.Table.add_data": (),
    "wandb.Table.add_row": (),
    "wandb.agent": ("sweep_id", "function", "entity", "project", "count"),
    # In older releases the key is the second one: what has no name besides is not recorded.
    "wandb.login": ("key",),
    "wandb.sweep": ("sweep", "entity", "project"),
}
"""The calls that the model records, by canonical name, each with its parameters in order. A call that is not
here costs nothing."""

SECRET_ARGUMENTS = frozenset({("wandb.login", "key")})
"""The arguments that are a key of wandb's API, by the canonical name of the call."""

SECRET_VARIABLES = frozenset({"WANDB_API_KEY"})
"""The variables of the environment that are one."""

GLOBAL = {
    f"wandb.{name}": f"wandb.Run.{name}"
    for name in ("alert", "config.update", "define_metric", "finish", "log", "log_artifact", "save")
} | {"wandb.summary.update": "wandb.Run.summary.update", "wandb.watch": "wandb.Run.watch"}
"""Functions and objects of the module `wandb` that stand for those of the active run."""

RAISES_WITHOUT_RUN = frozenset(
    {
        "wandb.Run.alert",
        "wandb.Run.config.update",
        "wandb.Run.define_metric",
        "wandb.Run.log",
        "wandb.Run.log_artifact",
        "wandb.Run.save",
        "wandb.Run.summary.update",
        "wandb.Run.watch",
    }
)
"""Calls that raise before `wandb.init` and after `finish` (docs/wandb-semantics.md, Runs 7)."""

NONE_METHOD = "None."
"""Begins the name of a call that raises `AttributeError` where its run is None: `None.log`."""

READ_FROM = {
    **dict.fromkeys(("wandb.config", "wandb.Run.config"), "config"),
    **dict.fromkeys(("wandb.summary", "wandb.Run.summary"), "summary"),
    "os.environ": "environment",
}
"""Mappings whose keys the model records when code reads them, by canonical name."""

READ_BY_CALL = frozenset({"os.getenv", *(f"{owner}.get" for owner in READ_FROM)})
"""Functions that read a key, their first argument, or return a default."""

MAPPING_ATTRIBUTES = frozenset(
    {"_as_dict", "as_dict", "get", "items", "keys", "merge_locked", "persist", "setdefaults", "update"}
    | {"update_locked", "values"}
)
"""The methods of a config and a summary: reading any other attribute reads a key."""

READ_ONLY_ATTRIBUTES = frozenset(
    {"config", "config_static", "dir", "disabled", "entity", "group", "id", "job_type", "offline", "path"}
    | {"project", "project_url", "resumed", "settings", "start_time", "starting_step", "step", "sweep_id"}
    | {"sweep_url", "sync_dir", "url"}
)
"""The properties of a run that have no setter: an assignment raises (docs/wandb-semantics.md, Runs 10)."""

ASSIGNABLE_ATTRIBUTES = frozenset({"name", "notes", "tags"})
"""The properties of a run that have one."""

RUN_DATA = (READ_ONLY_ATTRIBUTES | ASSIGNABLE_ATTRIBUTES) - {"config"}
"""The properties of a run that are texts, numbers and the like: nobody can log with them."""

LOST_ASSIGNMENTS = frozenset({"wandb.config", "wandb.summary", "run.summary"})
"""Assignments that neither raise nor record anything (docs/wandb-semantics.md, Runs 10)."""

BOUND_BY_INIT = frozenset(
    {"wandb.config", "wandb.define_metric", "wandb.log", "wandb.summary", "wandb.watch"}
)
"""Names that `wandb.init` binds to its run. What code binds to such a name before raises when it
is used, and keeps raising after `wandb.init` (docs/wandb-semantics.md, Names 2)."""

HELD_BY_RUN = frozenset({"wandb.config", "wandb.summary"})
"""Names that `wandb.init` binds to an object of its run: what code got from them can be asked when the run
is finished, although the summary is empty then (docs/wandb-semantics.md, Names 2)."""


def canonical(name: str) -> str:
    """The canonical name for a dotted name: `wandb.Run` for `wandb.sdk.wandb_run.Run`.

    A name without another spelling is canonical itself (docs/wandb-semantics.md, Names 1).
    """
    for prefix, public in _PREFIXES.items():
        if name.startswith(prefix):
            # Each module of data types holds one class: `wandb.sdk.data_types.image.Image`.
            return public + name.rpartition(".")[2]
    return _CANONICAL.get(name, name)


def makes_media(name: str) -> bool:
    """Whether a call of this name makes media, which is never an axis (docs/wandb-semantics.md, Values 2)."""
    path = canonical(name)
    if path in MEDIA or path in _FIGURES or path == "wandb.plot_table":
        return True
    return path.startswith(_MEDIA_MODULE) or path.rpartition(".")[0] == _FIGURE_MODULE


def is_figure(path: str) -> bool:
    """Whether wandb logs this object itself as a figure: `wandb.log({"figure": plt})`."""
    return path == "matplotlib.pyplot"


def item_of(name: str, index: int) -> str:
    """The call that makes the same as an item of the tuple that this call returns; empty if unknown."""
    return "matplotlib.pyplot.figure" if (name, index) == ("matplotlib.pyplot.subplots", 0) else ""


def split_table_position(name: str) -> int | None:
    """The position of `split_table` in the function that makes custom charts; None for another function."""
    owner, _, function = canonical(name).rpartition(".")
    # Each function of `wandb.plot` is also in a module: `wandb.plot.pr_curve.pr_curve`.
    is_chart = owner.startswith("wandb.plot") and owner.count(".") < 3  # noqa: PLR2004 (module, function)
    return _CHARTS.get(function) if is_chart or (owner, function) == ("wandb", "plot_table") else None


def chart_key(name: str) -> tuple[str, str] | None:
    """What wandb puts before and after the key of the custom chart that this function made.

    The row holds the table of the chart, the config the chart itself, and no key is as it is written
    (docs/wandb-semantics.md, Values 3). None if the function makes none.
    """
    if name == SPLIT_CHART:
        return "Custom Chart Tables/", "_table"
    return None if split_table_position(name) is None else ("", "_table")
