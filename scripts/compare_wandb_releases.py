"""Writes wandblint/semantics/removed_api.json: names that wandb removed, and the releases that did it.

`python scripts/compare_wandb_releases.py` downloads wheels with pip into a folder (`--wheels`, kept for the
next time): the last release of each minor version, then, by bisection, those in which names disappear. It
reads their sources and installs, imports and runs nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from packaging.version import Version

from wandb_interface import ANYTHING, Release, reads_names
from wandblint.semantics.removed import REPLACEMENTS

DATA = Path(__file__).resolve().parent.parent / "wandblint" / "semantics" / "removed_api.json"
OLDEST = Version("0.12.21")
"""The first release to compare, from 2022; hardly any project requires an older one."""
PLATFORM = "win_amd64"
"""A platform for which every release has a wheel; the choice does not matter otherwise."""


class Releases:
    """The releases of wandb, each read on demand."""

    def __init__(self, wheels: Path) -> None:
        self._wheels = wheels
        self._read: dict[Version, set[str]] = {}
        wheels.mkdir(parents=True, exist_ok=True)
        listed = re.search(r"Available versions: (.*)", _pip("index", "versions", "wandb"))
        versions = sorted(map(Version, listed[1].split(", "))) if listed else []
        self.all = [version for version in versions if not version.is_prerelease]
        self.versions = [version for version in self.all if version >= OLDEST]

    def interface(self, version: Version) -> set[str]:
        """The public interface of a release."""
        if version not in self._read:
            print("reading", version, file=sys.stderr)
            self._read[version] = self.sources(version).interface()
        return self._read[version]

    def sources(self, version: Version) -> Release:
        """The sources of a release."""
        return Release(self._wheel(version))

    def _wheel(self, version: Version) -> Path:
        pattern = f"wandb-{version}-*.whl"
        if not list(self._wheels.glob(pattern)):
            wanted = ("--no-deps", "--only-binary", ":all:", "--platform", PLATFORM)
            _pip("download", "--quiet", *wanted, "--dest", str(self._wheels), f"wandb=={version}")
        return next(self._wheels.glob(pattern))

    def last_of_minors(self) -> list[Version]:
        """The last release of each minor version, in order."""
        return sorted({v.release[:2]: v for v in self.versions}.values())

    def boundary(self, before: Version, after: Version, is_late: Callable[[Version], bool]) -> Version:
        """The first release for which a predicate holds that is false for `before` and true for `after`."""
        between = [v for v in self.versions if before < v <= after]
        low, high = 0, len(between) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if is_late(between[middle]) else (middle + 1, high)
        return between[low]


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def removed(releases: Releases) -> dict[str, list[str]]:
    """The last release with a name and the first one without it, for each name missing in the newest one."""
    samples = releases.last_of_minors()
    newest = releases.interface(samples[-1])
    last: dict[str, int] = {}
    for number, version in enumerate(samples[:-1]):
        last.update(dict.fromkeys(releases.interface(version), number))
    out: dict[str, list[str]] = {}
    for name in sorted(last):
        if name in newest or ANYTHING in name or not _is_certain(name, newest):
            continue
        before, after = samples[last[name]], samples[last[name] + 1]
        without = releases.boundary(before, after, lambda v, n=name: n not in releases.interface(v))  # type: ignore[misc]
        out[name] = [str(releases.versions[releases.versions.index(without) - 1]), str(without)]
    return out


def _is_certain(name: str, newest: set[str]) -> bool:
    """Whether the newest release certainly lacks a name, but has its owner; else the owner's entry counts."""
    if name.startswith("import "):
        owner = name.rpartition(".")[0]
        return owner in newest
    owner, bracket, _ = name.partition("(")
    if bracket:
        return owner in newest and f"{owner}({ANYTHING})" not in newest
    owner = name.rpartition(".")[0]
    has_owner = owner in newest or (reads_names(owner) and f"import {owner}" in newest)
    # An imported module is an attribute of its package.
    return has_owner and not {f"{owner}.{ANYTHING}", f"import {name}"} & newest


def bound_anew(newest: Release, names: Iterable[str]) -> list[str]:
    """The removed modules whose package binds a function or class of that name in the newest release."""
    modules = sorted(name.removeprefix("import ") for name in names if name.startswith("import "))
    found: list[str] = []
    for module in modules:
        package, _, name = module.rpartition(".")
        definition = newest.resolve(package, name)
        if definition is not None and definition.node is not None:
            found.append(module)
    return found


def added(releases: Releases, names: Iterable[str]) -> dict[str, str]:
    """The first release with a name, for each name that the oldest release lacks."""
    samples = releases.last_of_minors()
    out: dict[str, str] = {}
    for name in sorted(names):
        having = [version for version in samples if name in releases.interface(version)]
        if not having:
            sys.exit(f"{name}: no release has this replacement")
        if having[0] != samples[0]:
            before = samples[samples.index(having[0]) - 1]
            first = releases.boundary(before, having[0], lambda v, n=name: n in releases.interface(v))  # type: ignore[misc]
            out[name] = str(first)
    return out


def main() -> None:
    """Reads the releases and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--wheels", type=Path, default=Path("build/wandb-wheels"), help="folder of the wheels"
    )
    releases = Releases(parser.parse_args().wheels)
    table: dict[str, list[str] | dict[str, Any]] = {
        "releases": [str(version) for version in releases.all],
        "removed": (names := removed(releases)),
        "bound_anew": bound_anew(releases.sources(releases.last_of_minors()[-1]), names),
        "added": added(releases, {r.name for r in REPLACEMENTS.values() if r.name}),
    }
    DATA.write_text(as_text(table) + "\n", encoding="utf-8")


def as_text(table: dict[str, list[str] | dict[str, Any]]) -> str:
    """The table as JSON, one entry per line."""
    parts: list[str] = []
    for title, entries in table.items():
        lines = (
            [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in entries.items()]
            if isinstance(entries, dict)
            else [f"  {json.dumps(value)}" for value in entries]
        )
        opening, closing = "{}" if isinstance(entries, dict) else "[]"
        parts.append(f" {json.dumps(title)}: {opening}\n" + ",\n".join(lines) + f"\n {closing}")
    return "{\n" + ",\n".join(parts) + "\n}"


if __name__ == "__main__":
    main()
