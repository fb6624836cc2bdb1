"""Modules that are the same on every call path: the next path finds them as the last one left them.

Scripts of one project import the same modules, and to run those is most of the work on a large project. A
module is kept where nothing can tell the difference: its loading told wandb nothing and asked nothing that
depends on the call path, nobody changed it or an object of it since, and all that holds for the modules that
it looked into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from wandblint.flow import Start
from wandblint.linking.deeds import Deeds, Place

if TYPE_CHECKING:
    from wandblint.linking.heap import Frame


class Home(msgspec.Struct):
    """What is known of a module that was loaded, or (of none) of a call path's own code."""

    uses: dict[str, None] = msgspec.field(default_factory=dict)
    """The modules that it looked into."""
    starts: dict[Start, None] = msgspec.field(default_factory=dict)
    """The counting variables that its loading starts."""


class Sharing(msgspec.Struct):
    """Which modules may be kept, and for whom code is run now."""

    own: Deeds = msgspec.field(default_factory=Deeds)
    """What the call path itself does."""
    now: Deeds = msgspec.field(default_factory=Deeds)
    """The same, or what the part of a module does that is run now."""
    effects: int = 0
    """How often something was done, or asked, that belongs to the call path."""
    _homes: dict[str, Home] = msgspec.field(default_factory=lambda: defaultdict(Home))
    _own: set[str] = msgspec.field(default_factory=set)
    """Modules that each call path has to load for itself."""
    _changed: set[str] = msgspec.field(default_factory=set)
    """Modules that others have changed on this call path."""

    def note_effect(self) -> None:
        """Something is done, or asked, that belongs to the call path."""
        self.effects += 1

    def note_use(self, path: str) -> bool:
        """A module is looked into; tells whether for the first time."""
        uses = self._homes[self.now.home].uses
        if path in uses:
            return False
        uses[path] = None
        return True

    def note_part(self, part: Deeds) -> None:
        """A part of a module is looked into."""
        self.now.parts.setdefault(part)

    def note_start(self, made: Start) -> None:
        """A counting variable starts."""
        if self.now.home:
            self._homes[self.now.home].starts.setdefault(made)

    def starts(self, path: str) -> Iterable[Start]:
        """The counting variables that the loading of a module started."""
        return self._homes[path].starts

    def has_met(self, place: Place) -> bool:
        """Whether this call path, or the loading of the module, met a function's definition."""
        return any(place in deeds.defined for deeds in self.own.all() if deeds.home in {"", place[0]})

    def is_own(self, path: str) -> bool:
        """Whether each call path has to load the module for itself, as far as is known."""
        return path in self._own

    def used(self, home: str) -> frozenset[str]:
        """A module with the modules that its code looked into, and theirs."""
        met, waiting = {home}, [home]
        while waiting:
            new = [path for path in self._homes[waiting.pop()].uses if path not in met]
            met.update(new)
            waiting += new
        return frozenset(met)

    def note_change(self, home: str) -> None:
        """A module, or an object that its loading made, is changed."""
        if home and home != self.now.home:
            self._changed.add(home)

    @contextmanager
    def loading(self, deeds: Deeds) -> Iterator[None]:
        """Code of a part of a module is run, now or, where it was put off, later: what it does is added."""
        outer, before = self.now, self.effects
        self.now = deeds
        complete = False
        try:
            yield
            complete = True
        finally:
            self.now = outer
            if not complete or self.effects != before:
                self._own.add(deeds.home)

    def forget(self, homes: Iterable[str]) -> None:
        """Modules were loaded in vain: who needs them loads them from the beginning."""
        for home in homes:
            self._homes.pop(home, None)

    def kept(self, loaded: dict[str, Frame], *scripts: str) -> dict[str, Frame]:
        """The modules that the next call path finds loaded, of those that this one had: not the `scripts` of
        the two, which are no modules there."""
        lost = {"", *scripts, *self._own, *self._changed}
        self._changed.clear()
        left = {path for path in loaded if path not in lost}
        while spoiled := {path for path in left if not lost.isdisjoint(self._homes[path].uses)}:
            lost |= spoiled
            left -= spoiled
        self.forget(lost)
        self.own = self.now = Deeds()
        return {path: frame for path, frame in loaded.items() if path in left}
