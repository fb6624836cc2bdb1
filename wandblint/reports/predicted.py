"""The dashboard before the run, for people: a tree of runs, sections and keys with their x-axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from wandblint.dashboard.charts import Axis, PredictedChart
from wandblint.dashboard.prediction import PredictedOpening, PredictedRun
from wandblint.infra.words import join_names, pluralize
from wandblint.model.events import ValueKind
from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.style import CYAN, GREEN, RED, YELLOW, Style
from wandblint.semantics.sections import UNNAMED, section
from wandblint.span import Span

MAX_NAME = 44
"""Names beyond so many cells do not widen the column of the others."""
MIN_WORDS = 24
"""Words get so many cells however narrow the terminal is."""

_COLORS = {
    Axis.NEVER_LOGGED: RED,
    Axis.UNCOVERED: YELLOW,
    Axis.OPEN: CYAN,
    Axis.OWN: GREEN,
}
_SUMMED = {
    Axis.OWN: "with an axis of its own",
    Axis.DEFAULT: "over wandb's own step",
    Axis.NEVER_LOGGED: "whose axis is never logged",
    Axis.UNCOVERED: "without an axis, unlike its siblings",
    Axis.OPEN: "whose axis is open",
    Axis.IS_AXIS: "used as x-axis",
    Axis.NOT_NEEDED: "media or text",
}
"""For one key, so that they go with any number of them: `24 with an axis of its own`."""


class ShownRun(msgspec.Struct, frozen=True):
    """A run with what tells the file and the row of a span, and how reports write the name of a file."""

    run: PredictedRun
    position: Callable[[Span], tuple[str, int]]
    filename: Callable[[str], str]

    def place(self, span: Span) -> str:
        """`file:line`."""
        name, row = self.position(span)
        return f"{name}:{row}"


def predicted(runs: Sequence[ShownRun], style: Style) -> Iterator[str]:
    """The lines of the report: each run with its charts."""
    for shown in runs:
        yield from _heading(shown, style)
        yield from _charts(shown, style)
        yield ""


def predicted_summary(runs: Sequence[ShownRun], files_read: int, style: Style) -> Iterator[str]:
    """How many runs and keys there are, and what they are drawn over."""
    read = f"{pluralize(files_read, 'file')} read"
    if not runs:
        yield f"No run is opened and nothing is logged; {read}."
        return
    verdicts = Counter(chart.verdict for shown in runs for chart in shown.run.charts)
    seen = sum(shown.run.site is not None for shown in runs)
    yield f"{pluralize(seen, 'run')} with {pluralize(sum(verdicts.values()), 'key')}; {read}."
    width = len(str(max(verdicts.values(), default=0)))
    for axis, words in _SUMMED.items():
        if verdicts[axis]:
            yield style.paint(f"  {verdicts[axis]:>{width}} {words}", _COLORS.get(axis))


def _heading(shown: ShownRun, style: Style) -> Iterator[str]:
    run = shown.run
    if run.site is None:
        yield style.paint("logged to an unknown run", bold=True)
    else:
        yield style.paint(f"run opened at {printable(shown.place(run.site))}", bold=True)
    for path, ways in groupby(run.openings, key=lambda way: way.entry):
        yield from _line("by", _entry(shown, path, list(ways)), style)
    if run.may_be:
        yield from _line("may be", f"the run of {places(shown, run.may_be)}", style)
    if run.open_calls:
        yield from _line("may log more", f"unknown keys at {places(shown, run.open_calls)}", style)
    if run.unseen:
        yield from _line(
            "may log more", f"code that wandblint does not see, from {places(shown, run.unseen)} on", style
        )
    if run.unread:
        names = join_names([shown.filename(name) for name in run.unread])
        yield from _line("may log more", f"{names} cannot be read", style)


def _entry(shown: ShownRun, entry: object, ways: Sequence[PredictedOpening]) -> str:
    """Who opens a run, and through which calls."""
    first = ways[0].entry
    if first is None:
        return "code that wandblint could not follow"
    if first.name:
        # The path starts at the function itself.
        starts = sorted({way.path[0] for way in ways if way.path})
        return f"{first.name} ({places(shown, starts) or shown.filename(first.path)}), which nobody calls"
    name = shown.filename(first.path)
    calls = sorted({way.path[0] for way in ways if way.path})
    return f"{name}, through {places(shown, calls)}" if calls else name


def places(shown: ShownRun, spans: Sequence[Span]) -> str:
    """Some of several places, and how many more there are."""
    found = list(dict.fromkeys(shown.place(span) for span in spans))
    return join_names(found) if found else ""


def _line(head: str, words: str, style: Style) -> Iterator[str]:
    """`head: words` below the heading of a run, wrapped under its words."""
    before = 2 + cells(head) + 2
    room = None if style.width is None else max(style.width - before, MIN_WORDS)
    first, *rest = wrap(printable(words), room)
    yield f"  {style.dim(head + ':')} {first}"
    yield from (" " * before + line for line in rest)


def _charts(shown: ShownRun, style: Style) -> Iterator[str]:
    """The sections and the namespaces in them, in each the axes before what lies over them."""
    charts = sorted(shown.run.charts, key=_order)
    if not charts:
        yield "  no log call found"
    short = [size for chart in charts if (size := len(_indent(chart)) + cells(_name(chart))) <= MAX_NAME]
    width = max(short, default=0)
    for name, members in groupby(charts, key=lambda chart: section(str(chart.key))):
        yield f"  {style.paint(printable(name) or UNNAMED, bold=True)}"
        for inner, close in groupby(members, key=_namespace):
            if inner:
                yield f"    {printable(inner)}"
            for _, alike in groupby(close, key=lambda chart: chart.logged):
                yield from _block(shown, list(alike), width, style)


def _namespace(chart: PredictedChart) -> str:
    """What stands in a key between its section and its last word, the `/` behind it included."""
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
    """Keys that the same calls log, and where these and the definitions of their axes are."""
    for chart in charts:
        yield from _chart(chart, width, style)
    words = f"logged at {places(shown, charts[0].logged)}"
    defined = [chart.defined for chart in charts if chart.defined is not None]
    if defined:
        words += f", axis defined at {places(shown, sorted(defined))}"
    indent = _indent(charts[0])
    room = None if style.width is None else max(style.width - len(indent) - 4, MIN_WORDS)
    first, *rest = wrap(printable(words), room)
    yield f"{indent}  {style.dim(f'= {first}')}"
    yield from (f"{indent}    {style.dim(line)}" for line in rest)


def _chart(chart: PredictedChart, width: int, style: Style) -> Iterator[str]:
    """One key and what it is drawn over; what does not fit beside the name goes below it."""
    head, words = _indent(chart) + _name(chart), _axis(chart)
    column = width + 2
    if cells(head) > width:
        yield head
        head = ""
    room = None if style.width is None else max(style.width - column, MIN_WORDS)
    first, *rest = wrap(printable(words), room)
    color = _COLORS.get(chart.verdict)
    yield head + " " * (column - cells(head)) + style.paint(first, color)
    yield from (" " * column + style.paint(line, color) for line in rest)


def _axis(chart: PredictedChart) -> str:
    perhaps = "" if chart.is_sure else " (perhaps)"
    return f"{over(chart)}{perhaps}"


def over(chart: PredictedChart) -> str:
    """What a chart is drawn over, in words."""
    if chart.verdict is Axis.NOT_NEEDED:
        return "media" if chart.kind is ValueKind.MEDIA else "text"
    return {
        Axis.NEVER_LOGGED: f"over {chart.axis}, which is never logged (WB202)",
        Axis.UNCOVERED: "no axis, unlike its siblings (WB201)",
        Axis.OPEN: "axis open" if chart.axis is None else f"perhaps over {chart.axis}",
        Axis.OWN: f"over {chart.axis}",
        Axis.IS_AXIS: "an x-axis",
        Axis.DEFAULT: "over wandb's own step",
    }[chart.verdict]
