"""How much was seen: the share of a project's log calls whose keys are known.

A *direct log call* is a place in the source where a row is handed to wandb itself: `run.log(...)`,
`wandb.log(...)` and equal spellings. It counts once, however many call paths lead there. Direct log calls are
- the calls that linking saw to be wandb's own `log` on some call path, and
- the calls of a method `log` on what reads as a run or as wandb (`wandb`, `self.run`, `train_run`), in a file
  that mentions wandb, that no call path reached. They count as unknown, so that what is not seen does not
  make the share better.

Calls that were seen to be something else (a method of the project, a mock, a disabled run) are no log calls.
Tests are left out: they log to mocks.

All keys of a place are known where they are on every call path that leads there; some are known where at
least one is on some call path. A key is known where some of its text is: `f"{stage}/loss"` is, `name` is not.
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
    """What is known of the keys at one place."""

    ALL = "all keys known"
    SOME = "some keys known"
    NONE = "no key known"
    UNREACHED = "not reached"
    """No call path leads there that is followed: dead code, or code behind what is followed."""


class Reach(msgspec.Struct, frozen=True):
    """The direct log calls of a project, by place, and what is known of their keys."""

    places: dict[Span, Known]
    given_up: int = 0
    """Call paths that were too long to follow to their end."""

    def count(self, *known: Known) -> int:
        """How many places are known so well."""
        return sum(Counter(self.places.values())[kind] for kind in known)


def reach(model: TrackingModel, files: ProjectFiles) -> Reach:
    """What is known of the direct log calls of a linked project."""
    paths: dict[Span, list[LogCall]] = defaultdict(list)
    for call in model.log_calls:
        if call.is_direct and not is_test(call.span.path):
            paths[call.span].append(call)
    places = {span: _known(calls) for span, calls in paths.items()}
    for span in _written(files):
        if span not in places and span not in model.non_wandb_calls:
            places[span] = Known.UNREACHED
    return Reach(dict(sorted(places.items())), model.entries_given_up)


def _known(calls: Iterable[LogCall]) -> Known:
    if not any(call.is_open for call in calls):
        return Known.ALL
    return Known.SOME if any(call.keys for call in calls) else Known.NONE


def _written(files: ProjectFiles) -> Iterator[Span]:
    """The calls that read as direct log calls."""
    for name in files.names:
        if not files.mentions_wandb(name) or is_test(name):
            continue
        outline = files.index(name)
        for place in outline.log_calls if outline is not None else ():
            yield Span(name, *place)
