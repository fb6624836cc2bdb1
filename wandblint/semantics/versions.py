"""Which versions of wandb a project allows."""

from __future__ import annotations

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

_FROM = ("==", "===", ">=", ">", "~=")


def allows_older_than(specifier: str | None, version: str) -> bool:
    """Whether a project that requires wandb `specifier` allows a version before `version`.

    A project that states nothing allows every version. Raises
    `packaging.specifiers.InvalidSpecifier` where the requirement is none.
    """
    floors = [_floor(part) for part in SpecifierSet(specifier or "") if part.operator in _FROM]
    return not floors or max(floors) < Version(version)


def _floor(part: Specifier) -> Version:
    """The oldest version that one part of a specifier allows; `>` is taken with its bound."""
    return Version(part.version.removesuffix(".*"))
