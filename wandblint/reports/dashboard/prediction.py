"""The predicted dashboard, for people: a tree of runs, sections and keys with their x-axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from wandblint.dashboard.charts import Axis, PredictedChart
from wandblint.dashboard.details import RunDetails
from wandblint.dashboard.prediction import PredictedOpening, PredictedRun
from wandblint.infra.words import join_names, pluralize
from wandblint.model.events import ValueKind
from wandblint.model.questions.processes import OpeningProcesses, Processes
from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.location import Place
from wandblint.reports.style import CYAN, GREEN, RED, YELLOW, Style
from wandblint.semantics.sections import UNNAMED, section
from wandblint.span import Span

MAX_NAME = 44
"""Longer names, in cells, do not widen the column of names."""
MIN_WORDS = 24
"""The least width of text in cells, however narrow the terminal is."""

_COLORS = {Axis.NEVER_LOGGED: RED, Axis.UNCOVERED: YELLOW, Axis.OPEN: CYAN, Axis.OWN: GREEN}
_SUMMARIES = {
    Axis.OWN: "with an axis of its own",
    Axis.DEFAULT: "over wandb's own step",
    Axis.NEVER_LOGGED: "whose axis is never logged",
    Axis.UNCOVERED: "without an axis, unlike its siblings",
    Axis.OPEN: "whose axis is open",
    Axis.IS_AXIS: "used as x-axis",
    Axis.NOT_NEEDED: "media or text",
}
"""Written for one key, which fits any number: `24 with an axis of its own`."""


class ShownRun(msgspec.Struct, frozen=True):
    """A predicted run; `place` says where a span begins, `filename` is a file's shown name."""

    run: PredictedRun
    place: Callable[[Span], Place]
    filename: Callable[[str], str]


def prediction_report(runs: Sequence[ShownRun], style: Style) -> Iterator[str]:
    """Yields each run with its charts."""
    for shown in runs:
        yield from _heading(shown, style)
        yield from _charts(shown, style)
        yield ""


def prediction_summary(runs: Sequence[ShownRun], files_read: int, style: Style) -> Iterator[str]:
    """Yields the numbers of runs and keys, and the number of keys by axis."""
    read = f"{pluralize(files_read, 'file')} read"
    if not runs:
        yield f"No run is opened and nothing is logged; {read}."
        return
    verdicts = Counter(chart.verdict for shown in runs for chart in shown.run.charts)
    opened = sum(shown.run.site is not None for shown in runs)
    yield f"{pluralize(opened, 'run')} with {pluralize(sum(verdicts.values()), 'key')}; {read}."
    width = len(str(max(verdicts.values(), default=0)))
    for axis, text in _SUMMARIES.items():
        if verdicts[axis]:
            yield style.paint(f"  {verdicts[axis]:>{width}} {text}", _COLORS.get(axis))


def _heading(shown: ShownRun, style: Style) -> Iterator[str]:
    run = shown.run
    if run.site is None:
        yield style.paint("logged to an unknown run", bold=True)
    else:
        yield style.paint(f"run opened at {printable(str(shown.place(run.site)))}", bold=True)
    if run.front_end:
        yield from _line("front end", f"`{run.front_end}` opens it", style)
    for _, openings in groupby(run.openings, key=lambda opening: opening.entry):
        yield from _line("by", _entry(shown, list(openings)), style)
    if run.may_be:
        yield from _line("may be", f"the run of {list_locations(shown, run.may_be)}", style)
    if run.open_calls:
        yield from _line("may log more", f"unknown keys at {list_locations(shown, run.open_calls)}", style)
    if run.unseen:
        yield from _line(
            "may log more",
            f"code that wandblint does not see, from {list_locations(shown, run.unseen)} on",
            style,
        )
    if run.unread:
        names = join_names([shown.filename(name) for name in run.unread])
        yield from _line("may log more", f"{names} cannot be read", style)
    if run.refused:
        places = list_locations(shown, run.refused)
        yield from _line(
            "not drawn", f"what is logged at {places}, where the run is finished: wandb raises", style
        )
    if run.too_early:
        places = list_locations(shown, run.too_early)
        yield from _line(
            "not drawn", f"what is logged at {places}, where no run is open: wandb raises", style
        )
    if run.details.processes is not None:
        yield from _line("processes", _processes(shown, run.details.processes), style)
    yield from _details(run.details, style)


def _processes(shown: ShownRun, found: OpeningProcesses) -> str:
    """Which processes of a job open a run, in words."""
    place = "" if found.span is None else str(shown.place(found.span))
    if found.which is Processes.EACH:
        return f"each one of the job that {place} starts or joins opens a run here"
    which = "one per node" if found.which is Processes.PER_NODE else "those"
    if not found.check:
        return f"{which} where a decorator checks the rank"
    return f"{which} where `{found.check}` {'holds' if found.holds else 'does not hold'} ({place})"


_MAX_UNSURE = 6
"""How many of the keys are listed that code may write."""


def _details(found: RunDetails, style: Style) -> Iterator[str]:
    for setting in found.settings:
        name = setting.setting.replace("_", " ")
        yield from _line(name, " or ".join(setting.values) or "set to what the code does not say", style)
    for name, keys in (("config", found.config), ("summary", found.summary)):
        sure = [key.key for key in keys if key.is_sure]
        unsure = [key.key for key in keys if not key.is_sure]
        if sure:
            yield from _line(name, ", ".join(sure), style)
        if unsure:
            left = len(unsure) - _MAX_UNSURE
            more = f" and {left} more" if left > 0 else ""
            yield from _line(f"{name}, perhaps", f"{', '.join(unsure[:_MAX_UNSURE])}{more}", style)
    if found.artifacts:
        texts = (
            f"{artifact.name or '...'} ({artifact.type})" if artifact.type else artifact.name or "..."
            for artifact in found.artifacts
        )
        yield from _line("artifacts", ", ".join(texts), style)


def _entry(shown: ShownRun, openings: Sequence[PredictedOpening]) -> str:
    """The entry point that opens a run, and the calls through which it does."""
    entry = openings[0].entry
    if entry is None:
        return "code that wandblint could not follow"
    calls = sorted({opening.path[0] for opening in openings if opening.path})
    if entry.name:
        # The call stack starts at the function itself.
        function = list_locations(shown, calls) or shown.filename(entry.path)
        return f"{entry.name} ({function}), which nobody calls"
    name = shown.filename(entry.path)
    return f"{name}, through {list_locations(shown, calls)}" if calls else name


def list_locations(shown: ShownRun, spans: Sequence[Span]) -> str:
    """Names the first locations and the number of further ones; empty without spans."""
    locations = list(dict.fromkeys(str(shown.place(span)) for span in spans))
    return join_names(locations) if locations else ""


def _line(head: str, text: str, style: Style) -> Iterator[str]:
    """Yields `head: text` below the heading of a run, wrapped under the text."""
    indent = 2 + cells(head) + 2
    first, *rest = wrap(printable(text), style.room(indent, MIN_WORDS))
    yield f"  {style.dim(head + ':')} {first}"
    yield from (" " * indent + line for line in rest)


def _charts(shown: ShownRun, style: Style) -> Iterator[str]:
    """Yields the charts by section and namespace, in each the x-axes before the other keys."""
    charts = sorted(shown.run.charts, key=_order)
    if not charts:
        yield "  no log call found"
    widths = [len(_indent(chart)) + cells(_name(chart)) for chart in charts]
    width = max((width for width in widths if width <= MAX_NAME), default=0)
    for name, in_section in groupby(charts, key=lambda chart: section(str(chart.key))):
        yield f"  {style.paint(printable(name) or UNNAMED, bold=True)}"
        for namespace, in_namespace in groupby(in_section, key=_namespace):
            if namespace:
                yield f"    {printable(namespace)}"
            for _, logged_together in groupby(in_namespace, key=lambda chart: chart.logged):
                yield from _block(shown, list(logged_together), width, style)


def _namespace(chart: PredictedChart) -> str:
    """The part of a key between its section and its last word, with its final `/`."""
    head, slash, _ = str(chart.key).removeprefix(section(str(chart.key))).rpartition("/")
    return head + slash


def _order(chart: PredictedChart) -> tuple[str, str, bool, str]:
    key = str(chart.key)
    return (section(key), _namespace(chart), chart.verdict is not Axis.IS_AXIS, key)


def _name(chart: PredictedChart) -> str:
    return printable(str(chart.key).removeprefix(section(str(chart.key)) + _namespace(chart)))


def _indent(chart: PredictedChart) -> str:
    return "      " if _namespace(chart) else "    "


def _block(shown: ShownRun, charts: Sequence[PredictedChart], width: int, style: Style) -> Iterator[str]:
    """Yields keys that the same calls log, and the locations of the calls and of the axes' definitions."""
    for chart in charts:
        yield from _chart(chart, width, style)
    text = f"logged at {list_locations(shown, charts[0].logged)}"
    defined = [chart.defined for chart in charts if chart.defined is not None]
    if defined:
        text += f", axis defined at {list_locations(shown, sorted(defined))}"
    indent = _indent(charts[0])
    first, *rest = wrap(printable(text), style.room(len(indent) + 4, MIN_WORDS))
    yield f"{indent}  {style.dim(f'= {first}')}"
    yield from (f"{indent}    {style.dim(line)}" for line in rest)


def _chart(chart: PredictedChart, width: int, style: Style) -> Iterator[str]:
    """Yields a key and its x-axis, which goes below the key if it does not fit next to it."""
    head = _indent(chart) + _name(chart)
    axis = f"{describe_axis(chart)}{'' if chart.is_sure else ' (perhaps)'}"
    column = width + 2
    if cells(head) > width:
        yield head
        head = ""
    first, *rest = wrap(printable(axis), style.room(column, MIN_WORDS))
    color = _COLORS.get(chart.verdict)
    yield head + " " * (column - cells(head)) + style.paint(first, color)
    yield from (" " * column + style.paint(line, color) for line in rest)


def describe_axis(chart: PredictedChart) -> str:
    """The x-axis of a chart, in words."""
    if chart.verdict is Axis.NOT_NEEDED:
        if chart.kind is ValueKind.MEDIA:
            return "table" if chart.made_by == "wandb.Table" else "media"
        return "text" if chart.kind is ValueKind.TEXT else "array"
    return {
        Axis.NEVER_LOGGED: f"over {chart.axis}, which is never logged (WB202)",
        Axis.UNCOVERED: "no axis, unlike its siblings (WB201)",
        Axis.OPEN: "axis open" if chart.axis is None else f"perhaps over {chart.axis}",
        Axis.OWN: f"over {chart.axis}",
        Axis.IS_AXIS: "an x-axis",
        Axis.DEFAULT: "over wandb's own step",
    }[chart.verdict]
