"""Which versions of wandb a project allows."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from packaging.version import Version

_PART = re.compile(r"\s*(===|~=|[=!<>]=|[<>])\s*([^\s,]+)\s*")
_ORDERS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FROM = ("==", "===", ">=", ">", "~=")


class Pin(msgspec.Struct, frozen=True):
    """The one version that a lock file of a project installs."""

    version: str
    file: str


class Requirement(msgspec.Struct, frozen=True):
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


@cache
def parsed(version: str) -> Version:
    """A version that can be compared. Raises `packaging.version.InvalidVersion`."""
    from packaging.version import Version  # noqa: PLC0415 (few projects need it, and it takes long to import)

    return Version(version)


def allows(specifier: str | None, release: str) -> bool:
    """Whether a project that requires wandb `specifier` allows a release, which is no pre-release.

    Raises ValueError where the requirement is none.
    """
    return all(_takes(sign, stated, parsed(release)) for sign, stated in _parts(specifier))


def allows_older_than(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows a version before `version`.

    A project that states nothing allows every version. Raises ValueError where the requirement is none.
    """
    floors = [_floor(version) for sign, version in _parts(specifier) if sign in _FROM]
    return not floors or max(floors) < parsed(version)


def allows_since(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows `version` or a later one.

    A project that states nothing allows every version. Raises ValueError where the requirement is none.
    """
    return all(_reaches(sign, stated, parsed(version)) for sign, stated in _parts(specifier))


def _parts(specifier: str | None) -> list[tuple[str, str]]:
    """The operators and versions of a specifier, which `packaging.specifiers` would take longer to import
    than a run without changes may take. Raises ValueError where it is none."""
    parts = (specifier or "").split(",")
    found = [_PART.fullmatch(part) for part in parts if part.strip()]
    if None in found:
        raise ValueError(f"no specifier of versions: {specifier}")
    return [(part[1], part[2]) for part in found if part is not None]


def _takes(sign: str, stated: str, release: Version) -> bool:
    """Whether one part of a specifier takes a release."""
    bound = _floor(stated)
    if sign in _ORDERS:
        return _ORDERS[sign](release, bound)
    if sign == "~=":
        # `~=1.4.2` is `>=1.4.2, ==1.4.*`.
        return release >= bound and _begins(release, bound.release[:-1])
    is_same = _begins(release, bound.release) if stated.endswith(".*") else release == bound
    return is_same is not (sign == "!=")


def _begins(release: Version, numbers: tuple[int, ...]) -> bool:
    """Whether the numbers of a release begin with these, where it has fewer with zeros behind them."""
    padded = (*release.release, *(0 for _ in numbers))
    return padded[: len(numbers)] == numbers


def _reaches(sign: str, stated: str, wanted: Version) -> bool:
    """Whether one part of a specifier leaves a version that is not below the wanted one."""
    bound = _floor(stated)
    if sign == "~=":
        # `~=1.4.2` is `>=1.4.2, ==1.4.*`.
        return bound.release[:-1] >= wanted.release[: len(bound.release) - 1]
    if stated.endswith(".*"):
        return sign != "==" or bound.release >= wanted.release[: len(bound.release)]
    if sign == "<":
        return bound > wanted
    return sign not in {"==", "===", "<="} or bound >= wanted


def _floor(stated: str) -> Version:
    """The oldest version that one part of a specifier allows; `>` is taken with its bound."""
    return parsed(stated.removesuffix(".*"))
