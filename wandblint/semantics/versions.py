"""Which versions of wandb a project allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import Specifier
    from packaging.version import Version

_FROM = ("==", "===", ">=", ">", "~=")


@dataclass(frozen=True)
class Pin:
    """The one version that a lock file of a project installs."""

    version: str
    file: str


@dataclass(frozen=True)
class Requirement:
    """Which versions a project asks for.

    `specifier` is the range that it states (None: any): what its users get. `pin` is what its lock file
    installs: what its authors and its deployments get.
    """

    specifier: str | None = None
    pin: Pin | None = None

    @property
    def in_use(self) -> str | None:
        """The range, or what stands in for it where only a lock file says anything."""
        return f"=={self.pin.version}" if self.specifier is None and self.pin is not None else self.specifier


def parsed(version: str) -> Version:
    """A version that can be compared. Raises `packaging.version.InvalidVersion`."""
    from packaging.version import Version  # noqa: PLC0415 (few projects need it, and it takes long to import)

    return Version(version)


def allows_older_than(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows a version before `version`.

    A project that states nothing allows every version. Raises
    `packaging.specifiers.InvalidSpecifier` where the requirement is none.
    """
    if not specifier:
        return True
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 (as above)

    floors = [_floor(part) for part in SpecifierSet(specifier) if part.operator in _FROM]
    return not floors or max(floors) < parsed(version)


def allows_since(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows `version` or a later one.

    A project that states nothing allows every version. Raises
    `packaging.specifiers.InvalidSpecifier` where the requirement is none.
    """
    if not specifier:
        return True
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 (as above)

    parts = SpecifierSet(specifier)
    wanted = parsed(version)
    return all(_reaches(part, wanted) for part in parts)


def _reaches(part: Specifier, wanted: Version) -> bool:
    """Whether one part of a specifier leaves a version that is not below the wanted one."""
    bound = _floor(part)
    if part.operator == "~=":
        # `~=1.4.2` is `>=1.4.2, ==1.4.*`.
        return bound.release[:-1] >= wanted.release[: len(bound.release) - 1]
    if part.version.endswith(".*"):
        return part.operator != "==" or bound.release >= wanted.release[: len(bound.release)]
    if part.operator == "<":
        return bound > wanted
    return part.operator not in {"==", "===", "<="} or bound >= wanted


def _floor(part: Specifier) -> Version:
    """The oldest version that one part of a specifier allows; `>` is taken with its bound."""
    return parsed(part.version.removesuffix(".*"))
