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

from wandblint.linking.deeds import Deeds, Place, Topic

if TYPE_CHECKING:
    from wandblint.linking.heap import Frame
    from wandblint.linking.values import Value


class Sharing(msgspec.Struct):
    """Which modules may be kept, and for whom code is run now."""

    home: str = ""
    """The module that is being loaded; empty for code of the call path itself."""
    now: Deeds = msgspec.field(default_factory=Deeds)
    """What is done there."""
    effects: int = 0
    """How often something was done, or asked, that belongs to the call path."""
    _deeds: dict[str, Deeds] = msgspec.field(default_factory=lambda: defaultdict(Deeds))
    """What the loading of each module does, and (empty) the call path itself."""
    _own: set[str] = msgspec.field(default_factory=set)
    """Modules that each call path has to load for itself."""
    _changed: set[str] = msgspec.field(default_factory=set)
    """Modules that others have changed on this call path."""

    def note_effect(self) -> None:
        """Something is done, or asked, that belongs to the call path."""
        self.effects += 1

    def note_use(self, path: str) -> bool:
        """A module is looked into; tells whether for the first time."""
        if path in self.now.uses:
            return False
        self.now.uses[path] = None
        return True

    def has_met(self, place: Place) -> bool:
        """Whether this call path, or the loading of the module, met a function's definition."""
        return any(place in self.deeds(home).defined for home in ("", place[0]))

    def is_own(self, path: str) -> bool:
        """Whether each call path has to load the module for itself, as far as is known."""
        return path in self._own

    def used(self, home: str = "") -> list[str]:
        """A module, or (empty) this call path, with the modules that its code looked into, and theirs."""
        met, waiting = {home}, [home]
        while waiting:
            new = [path for path in self.deeds(waiting.pop()).uses if path not in met]
            met.update(new)
            waiting += new
        return sorted(met)

    def deeds(self, home: str) -> Deeds:
        """What the loading of a module did, or (empty) this call path."""
        return self._deeds[home]

    def whole(self) -> Deeds:
        """All that this call path did: itself, and the loading of the modules that it looked into, whichever
        path loaded them."""
        homes = self.used()
        whole = Deeds(asked=dict.fromkeys(("file", home) for home in homes if home))
        for home in homes:
            whole.add(self.deeds(home))
        return whole

    def told(self) -> Iterator[tuple[Topic, Value, str]]:
        """What this call path said, and the loading of the modules that it looked into, with whose it is."""
        for home in self.used():
            for topic, value in self.deeds(home).told.items():
                yield topic, value, home

    def note_change(self, home: str) -> None:
        """A module, or an object that its loading made, is changed."""
        if home and home != self.home:
            self._changed.add(home)

    @contextmanager
    def loading(self, home: str) -> Iterator[None]:
        """Code of a module is run for its loading, now or, where it was put off, later."""
        outer, before = (self.home, self.now), self.effects
        self.home, self.now = home, self.deeds(home)
        complete = False
        try:
            yield
            complete = True
        finally:
            self.home, self.now = outer
            if not complete or self.effects != before:
                self._own.add(home)

    def forget(self, homes: Iterable[str]) -> None:
        """Modules were loaded in vain: who needs them loads them from the beginning."""
        for home in homes:
            self._deeds.pop(home, None)

    def kept(self, loaded: dict[str, Frame], *scripts: str) -> dict[str, Frame]:
        """The modules that the next call path finds loaded, of those that this one had: not the `scripts` of
        the two, which are no modules there."""
        lost = {"", *scripts, *self._own, *self._changed}
        self._changed.clear()
        left = {path for path in loaded if path not in lost}
        while spoiled := {path for path in left if not lost.isdisjoint(self.deeds(path).uses)}:
            lost |= spoiled
            left -= spoiled
        self.forget(lost)
        self.home, self.now = "", self.deeds("")
        return {path: frame for path, frame in loaded.items() if path in left}
