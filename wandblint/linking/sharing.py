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

if TYPE_CHECKING:
    from wandblint.flow import Start
    from wandblint.linking.heap import Frame


class Sharing(msgspec.Struct):
    """Which modules may be kept, and for whom code is run now."""

    home: str = ""
    """The module that is being loaded; empty for code of the call path itself."""
    effects: int = 0
    """How often something was done, or asked, that belongs to the call path."""
    _uses: dict[str, set[str]] = msgspec.field(default_factory=lambda: defaultdict(set))
    """The modules that the loading of a module looked into."""
    _starts: dict[str, dict[Start, None]] = msgspec.field(default_factory=lambda: defaultdict(dict))
    """The counting variables that the loading of a module starts."""
    _own: set[str] = msgspec.field(default_factory=set)
    """Modules that each call path has to load for itself."""
    _changed: set[str] = msgspec.field(default_factory=set)
    """Modules that others have changed on this call path."""

    def note_effect(self) -> None:
        """Something is done, or asked, that belongs to the call path."""
        self.effects += 1

    def note_use(self, path: str) -> None:
        """What is loaded now looks into a module."""
        if self.home:
            self._uses[self.home].add(path)

    def note_start(self, made: Start) -> None:
        """A counting variable gets a value."""
        if self.home:
            self._starts[self.home].setdefault(made)

    def starts(self, modules: Iterable[str]) -> Iterator[Start]:
        """Those of modules, in order."""
        return (made for path in modules for made in self._starts.get(path, ()))

    def note_change(self, home: str) -> None:
        """A module, or an object that its loading made, is changed."""
        if home and home != self.home:
            self._changed.add(home)

    @contextmanager
    def loading(self, home: str) -> Iterator[None]:
        """Code of a module is run for its loading, now or, where it was put off, later."""
        outer, before = self.home, self.effects
        self.home = home
        complete = False
        try:
            yield
            complete = True
        finally:
            self.home = outer
            if not complete or self.effects != before:
                self._own.add(home)

    def kept(self, loaded: dict[str, Frame], *scripts: str) -> dict[str, Frame]:
        """The modules that the next call path finds loaded, of those that this one had: not the `scripts` of
        the two, which are no modules there."""
        lost = {*scripts, *self._own, *self._changed}
        self._changed.clear()
        left = {path for path in loaded if path not in lost}
        while spoiled := {path for path in left if not lost.isdisjoint(self._uses.get(path, ()))}:
            lost |= spoiled
            left -= spoiled
        for path in lost:
            # Who loads it again does so from the beginning.
            self._uses.pop(path, None)
            self._starts.pop(path, None)
        return {path: frame for path, frame in loaded.items() if path in left}
