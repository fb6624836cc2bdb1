"""The versions of wandb that a project allows."""

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
_LOWER_BOUNDS = ("==", "===", ">=", ">", "~=")


class Pin(msgspec.Struct, frozen=True):
    """The one version that a lock file of a project installs."""

    version: str
    file: str


class Requirement(msgspec.Struct, frozen=True):
    """The versions that a project requires.

    `specifier` is the range that it states for its users (None: any). `pin` is the version that its lock file
    installs for its authors and deployments. `file` states the range; None if the settings do.
    """

    specifier: str | None = None
    pin: Pin | None = None
    file: str | None = None

    def __str__(self) -> str:
        """The versions and where they are stated."""
        installed = f"{self.pin.file} installs {self.pin.version}" if self.pin else ""
        if self.specifier is None:
            return installed or "any version, because no file requires one"
        origin = f"required by {self.file}" if self.file else "by the setting `wandb-version`"
        return f"{self.specifier}, {origin}{installed and f'; {installed}'}"

    @property
    def in_use(self) -> str | None:
        """The specifier, or an equivalent one where only a lock file states a version."""
        return f"=={self.pin.version}" if self.specifier is None and self.pin is not None else self.specifier


@cache
def parse_version(version: str) -> Version:
    """Parses a version. Raises `packaging.version.InvalidVersion`."""
    from packaging.version import Version  # noqa: PLC0415 (few projects need it, and it takes long to import)

    return Version(version)


def allows(specifier: str | None, release: str) -> bool:
    """Whether a project that requires wandb `specifier` allows a release (no pre-release).

    Raises ValueError for an invalid specifier.
    """
    return all(_includes(sign, stated, parse_version(release)) for sign, stated in _parts(specifier))


def allows_older_than(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows a version before `version`.

    A project that states nothing allows every version. Raises ValueError for an invalid specifier.
    """
    floors = [_floor(version) for sign, version in _parts(specifier) if sign in _LOWER_BOUNDS]
    return not floors or max(floors) < parse_version(version)


def allows_since(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows `version` or a later one.

    A project that states nothing allows every version. Raises ValueError for an invalid specifier.
    """
    return all(_allows_at_least(sign, stated, parse_version(version)) for sign, stated in _parts(specifier))


def _parts(specifier: str | None) -> list[tuple[str, str]]:
    """The operators and versions of a specifier. Raises ValueError for an invalid one.

    Importing `packaging.specifiers` would take longer than a whole run without changes may take.
    """
    parts = (specifier or "").split(",")
    matches = [_PART.fullmatch(part) for part in parts if part.strip()]
    if None in matches:
        raise ValueError(f"no specifier of versions: {specifier}")
    return [(part[1], part[2]) for part in matches if part is not None]


def _includes(sign: str, stated: str, release: Version) -> bool:
    """Whether one clause of a specifier allows a release."""
    bound = _floor(stated)
    if sign in _ORDERS:
        return _ORDERS[sign](release, bound)
    if sign == "~=":
        # `~=1.4.2` is `>=1.4.2, ==1.4.*`.
        return release >= bound and _starts_with(release, bound.release[:-1])
    is_same = _starts_with(release, bound.release) if stated.endswith(".*") else release == bound
    return is_same is not (sign == "!=")


def _starts_with(release: Version, numbers: tuple[int, ...]) -> bool:
    """Whether the numbers of a release, padded with zeros, start with these."""
    padded = (*release.release, *(0 for _ in numbers))
    return padded[: len(numbers)] == numbers


def _allows_at_least(sign: str, stated: str, wanted: Version) -> bool:
    """Whether one clause of a specifier allows some version that is not below the wanted one."""
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
    """The oldest version that one clause of a specifier allows; `>` includes its bound."""
    return parse_version(stated.removesuffix(".*"))
