"""Which rule packs may be imported.

A pack is code that runs, and the settings of a project come with the project. So they only name packs: a
named pack is imported if it is installed outside the project and announces itself by an entry point, or if
the user allows it from outside the project, by `--plugin` or `WANDBLINT_PLUGINS`. Where a pack lies is known
before anything of it is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.rule import BUILT_IN_PACK

if TYPE_CHECKING:
    from importlib.metadata import Distribution

GROUP = "wandblint.packs"
"""The group of the entry points that announce packs; the value of each is the import name of a pack."""
VARIABLE = "WANDBLINT_PLUGINS"
"""The environment variable with the names of allowed packs, separated by commas."""


class PackGate(msgspec.Struct, frozen=True):
    """Decides which of the packs that a project names may be imported.

    `root` is the folder of the project; `allowed` are the packs that the command line allows.
    """

    root: Path
    allowed: tuple[str, ...] = ()

    def refusal(self, pack: str) -> str | None:
        """Why a pack must not be imported; None if it may be. Imports nothing of the pack."""
        if pack == BUILT_IN_PACK or pack in self.allowed or pack in _allowed_by_environment():
            return None
        if not all(part.isidentifier() for part in pack.split(".")):
            return "this is not an import name"
        # Finding a submodule would import its parents: only the outermost package is looked up.
        locations = _locations(pack.partition(".")[0])
        consent = f"if you trust it, allow it with `--plugin {pack}` or `{VARIABLE}={pack}`"
        if locations is None:
            return "no package of this name is installed"
        if any(self._is_inside(location) for location in locations):
            return f"it lies in the linted project; {consent}"
        if not self._is_announced(pack):
            return f"no installed distribution has an entry point `{GROUP}` for it; {consent}"
        return None

    def _is_announced(self, pack: str) -> bool:
        """Whether a distribution outside the project has an entry point for the pack."""
        from importlib.metadata import distributions  # noqa: PLC0415 (few projects name a pack)

        return any(
            pack in _announced(distribution)
            for distribution in distributions()
            if not self._is_inside(str(distribution.locate_file("")))
        )

    def _is_inside(self, location: str) -> bool:
        """Whether a path lies in the project, its repository or the working folder.

        The libraries of the running Python do not count, though a project often contains its environment:
        wandblint itself comes from there.
        """
        path = Path(os.path.realpath(location))
        if any(path.is_relative_to(library) for library in _libraries()):
            return False
        return any(path.is_relative_to(folder) for folder in self._folders())

    def _folders(self) -> Iterator[Path]:
        root = Path(os.path.realpath(self.root))
        yield root
        yield Path(os.path.realpath(os.curdir))
        yield from (folder for folder in root.parents if os.path.lexists(folder / ".git"))


def _libraries() -> Iterator[Path]:
    """The folders into which the running Python installs packages."""
    import site  # noqa: PLC0415 (as above)
    import sysconfig  # noqa: PLC0415

    for folder in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), site.getusersitepackages()):
        yield Path(os.path.realpath(folder))


def _allowed_by_environment() -> frozenset[str]:
    names = (name.strip() for name in os.environ.get(VARIABLE, "").split(","))
    return frozenset(name for name in names if name)


def _locations(package: str) -> list[str] | None:
    """The paths of an importable package or module; None if there is none. Does not import it."""
    from importlib.util import find_spec  # noqa: PLC0415 (as above)

    try:
        spec = find_spec(package)
    except Exception:  # foreign finders may raise any exception
        return None
    if spec is None:
        return None
    origin = [spec.origin] if spec.has_location and spec.origin else []
    return [*origin, *(spec.submodule_search_locations or ())]


def _announced(distribution: Distribution) -> set[str]:
    """The packs that a distribution announces; none if its metadata cannot be read."""
    try:
        return {entry.value.strip() for entry in distribution.entry_points if entry.group == GROUP}
    except Exception:  # the metadata is foreign, and damaged files raise various exceptions
        return set()
