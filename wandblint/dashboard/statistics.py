"""Analysis coverage: the share of a project's log calls whose keys are known.

A *direct log call* is a place that passes a row to wandb itself: `run.log(...)`, `wandb.log(...)` and
equivalents. It counts once, however many entry points reach it. Direct log calls are
- the calls that enter wandb's own `log` from some entry point, and
- the calls of `log` on a receiver that reads like a run or wandb (`wandb`, `self.run`, `train_run`), in a
  file that mentions wandb, that no entry point reaches. They count as unknown, so that unreached code does
  not improve the share.

Calls that enter something else (a method of the project, a mock, a disabled run) and calls in tests, which
log to mocks, do not count.

All keys of a call are known if they are for every entry point that reaches it, some are known if one is for
some entry point. A key is known if part of its text is: `f"{stage}/loss"` is, `name` is not.
"""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from wandblint.analysis.project.files import ProjectFiles, is_test
from wandblint.model.events import LogCall
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span


class Known(enum.Enum):
    """How much of the keys of a log call is known."""

    ALL = "all keys known"
    SOME = "some keys known"
    NONE = "no key known"
    UNREACHED = "not reached"
    """No analyzed entry point reaches it: dead code, or code after the budget is spent."""


class Reach(msgspec.Struct, frozen=True):
    """The direct log calls of a project, and how much of their keys is known."""

    log_calls: dict[Span, Known]
    entries_cut_off: int = 0
    """Entry points that were not run to their end, because they took too many statements."""
    calls_cut_off: int = 0
    """The same for calls of project functions."""
    calls: int = 0
    """All calls of project functions."""

    def count(self, *levels: Known) -> int:
        """The number of log calls with one of these levels of knowledge."""
        return sum(Counter(self.log_calls.values())[level] for level in levels)


def reach(model: TrackingModel, files: ProjectFiles) -> Reach:
    """The coverage of an analyzed project."""
    by_span: dict[Span, list[LogCall]] = defaultdict(list)
    for call in model.log_calls:
        if call.is_direct and not is_test(call.span.path):
            by_span[call.span].append(call)
    levels = {span: _known(calls) for span, calls in by_span.items()}
    for span in _spelled_log_calls(files):
        if span not in levels and span not in model.non_wandb_calls:
            levels[span] = Known.UNREACHED
    cut_off = len(model.over_budget), model.calls_cut_off, model.calls_met
    return Reach(dict(sorted(levels.items())), *cut_off)


def _known(calls: Iterable[LogCall]) -> Known:
    if not any(call.is_open for call in calls):
        return Known.ALL
    return Known.SOME if any(call.keys for call in calls) else Known.NONE


def _spelled_log_calls(files: ProjectFiles) -> Iterator[Span]:
    """The calls that read like direct log calls."""
    for name in files.names:
        if not files.mentions_wandb(name) or is_test(name):
            continue
        index = files.index(name)
        for start_and_end in index.log_calls if index is not None else ():
            yield Span(name, *start_and_end)
