"""The versions of wandb that a project requires, from its packaging files.

The *range* is what the project allows: a new installation gets the newest wandb in it. A lock file *pins* one
version: the authors and their deployments get that one. The range decides what can happen to a user, so it
decides what is reported; the pin says how soon.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from wandblint.infra.files import read_regular
from wandblint.semantics.versions import Pin, Requirement, parse_version
from wandblint.sources.toml import TomlError, read_toml

PYPROJECT = "pyproject.toml"
_PACKAGING = re.compile(
    r"pyproject\.toml|Pipfile|setup\.(?:cfg|py)|requirements|.*requirements.*\.(?:txt|in)|.*(?:env|conda|req).*\.ya?ml|.*Dockerfile.*"
)
"""The names of the files and folders that may state a version."""
_CONDA = re.compile(r"^dependencies:", re.MULTILINE)
"""Stands in every file of conda, whatever its name is."""
_LINE = re.compile(
    r"^\s*(?:-\s+)?[\"']?wandb\s*(?:\[[^\]]*\])?\s*(?P<specifier>[=<>!~][^;#\"'\n]*)", re.MULTILINE
)
_QUOTED = re.compile(
    r"^[^#\n]*?[\"']wandb\s*(?:\[[^\]]*\])?\s*(?P<specifier>[=<>!~][^;\"'\n]*)", re.MULTILINE
)
_INCLUDE = re.compile(
    r"^\s*(?:-\s+)?(?:-r|-c|--requirement|--constraint)[ =]?\s*(?P<file>[^\s#\0]+)", re.MULTILINE
)
_INSTALLED = re.compile(
    r"\bpip3?[ \t]+install\b(?:[^\n&|;\\]|\\\r?\n)*?[\s\"']wandb(?:\[[^\]]*\])?"
    r"(?P<specifier>[=<>!~][^\s\"'&|;]*)"
)
_LOCKED = re.compile(r'^name = "wandb"\s+version = "([^"\n]+)"', re.MULTILINE)
_PLAIN = re.compile(r"(?:[=<>!]=|[<>])\s*\d+(?:\.\d+)*(?:\s*,\s*(?:[=<>!]=|[<>])\s*\d+(?:\.\d+)*)*")
_LONG_NUMBER = re.compile(r"\d{500}")
_POETRY = re.compile(r"(?P<sign>[\^~]|)(?P<version>\d+(?:\.\d+)*)")


_ENVIRONMENTS = ("*requirements*.txt", "requirements*.in", "*.y*ml")
_DOCKER = ("Dockerfile*", "*.dockerfile", "*.Dockerfile")
_OF_ENVIRONMENTS = re.compile(r"env|conda|docker|requirement|depend|install", re.IGNORECASE)
"""A folder of this name holds environments, whatever their files are called: `envs/gpu.yml`."""


def wandb_requirement(root: Path, stated: str | None = None) -> Requirement:
    """The versions of wandb that the project requires. `stated`, from the settings, replaces all others.

    The range comes from pyproject.toml (project, its extras, dependency groups, Poetry), Pipfile,
    *requirements*.txt with the files that they include, setup.cfg, setup.py, conda's files (YAML files with
    `dependencies:`, such as environment.yml) and Dockerfiles; the pin from uv.lock, poetry.lock, pdm.lock and
    Pipfile.lock. The first one that names a version counts, then those in folders for environments if they
    agree: each may be for another part of the project. Invalid specifiers are skipped: reporting them is the
    installer's job.
    """
    if stated is not None:
        return Requirement(stated)
    pin = next(_pins(root), None)
    for specifier, file in _specifiers(root):
        if is_specifier(specifier):
            return Requirement(specifier, pin, file)
    return Requirement(None, pin)


def nested_requirements(root: Path, names: Iterable[str]) -> dict[str, Requirement]:
    """What folders below the root, in which some of these files are, state by themselves, by folder.

    A lock file alone states nothing: it serves a range that stands elsewhere.
    """
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents} - {"."}
    stated = (
        (folder, wandb_requirement(root / folder))
        for folder in sorted(folders)
        if any(map(_PACKAGING.fullmatch, _entries(root / folder)))
    )
    return {folder: requirement for folder, requirement in stated if requirement.specifier is not None}


def _entries(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _specifiers(root: Path) -> Iterator[tuple[str, str]]:
    """Yields the stated versions, each with the name of its file."""
    # If wandblint's own settings are in the file, reading them has already reported the error.
    with suppress(OSError, TomlError):
        yield from ((found, PYPROJECT) for found in _from_pyproject(read_toml(root / PYPROJECT)))
    with suppress(OSError, TomlError):
        pipfile = read_toml(root / "Pipfile")
        for title in ("packages", "dev-packages"):
            yield from ((found, "Pipfile") for found in _from_table(_table(pipfile, title)))
    visited: set[Path] = set()
    for pattern in ("requirements/*.txt", "setup.cfg", *_ENVIRONMENTS):
        yield from _from_lines(sorted(root.glob(pattern)), root, visited)
    for match in _QUOTED.finditer(_text(root / "setup.py")):
        yield _tidy(match["specifier"]), "setup.py"
    for pattern in _DOCKER:
        yield from _from_lines(sorted(root.glob(pattern)), root, visited)
    below = list(_from_lines(sorted(_files_below(root)), root, visited))
    if len({specifier for specifier, _ in below}) == 1:
        yield below[0]


def _files_below(root: Path) -> Iterator[Path]:
    """The files in folders for environments. Any other folder decides for its own code alone."""
    with suppress(OSError):
        for folder in root.iterdir():
            if folder.is_dir() and folder.name[0] != "." and _OF_ENVIRONMENTS.search(folder.name):
                for pattern in ("*.txt", "*.in", "*.y*ml", *_DOCKER):
                    yield from folder.glob(pattern)


def _from_pyproject(tables: Mapping[str, Any]) -> Iterator[str]:
    project = _table(tables, "project")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(tables, "dependency-groups").values(),
    ]
    for requirements in lists:
        for requirement in requirements if isinstance(requirements, list) else ():
            if isinstance(requirement, str) and (match := _LINE.match(requirement)):
                yield _tidy(match["specifier"])
    poetry = _table(_table(tables, "tool"), "poetry")
    groups = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    groups += [
        _table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)
    ]
    for group in groups:
        yield from map(_poetry, _from_table(group))


def _from_table(table: Mapping[str, Any]) -> Iterator[str]:
    """`wandb = ">=0.16"` or `wandb = {version = ">=0.16"}`."""
    version = table.get("wandb")
    version = version.get("version") if isinstance(version, dict) else version
    if isinstance(version, str):
        yield version


def _from_lines(files: list[Path], root: Path, visited: set[Path]) -> Iterator[tuple[str, str]]:
    """Yields the requirements in files of lines, after each those of the files that it includes."""
    waiting, top = files[::-1], os.path.realpath(root)
    while waiting:
        file = Path(os.path.realpath(waiting.pop()))
        if file in visited or not file.is_relative_to(top):
            continue
        visited.add(file)
        text = _text(file)
        name = file.relative_to(top).as_posix()
        conda = file.suffix in {".yml", ".yaml"}
        if conda and _CONDA.search(text) is None:
            continue
        is_docker = any(file.match(pattern) for pattern in _DOCKER)
        for match in (_INSTALLED if is_docker else _LINE).finditer(text):
            specifier = _tidy(match["specifier"])
            is_fuzzy = conda and specifier.startswith("=") and not specifier.startswith("==")
            yield f"=={specifier[1:].partition('=')[0]}.*" if is_fuzzy else specifier, name
        waiting += [file.parent / match["file"] for match in _INCLUDE.finditer(text)][::-1]


def _pins(root: Path) -> Iterator[Pin]:
    """Yields the version that each lock file installs; if it has several (by platform), the newest."""
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        versions = _LOCKED.findall(_text(root / name))
        if valid := [version for version in versions if is_specifier(f"=={version}")]:
            yield Pin(max(valid, key=parse_version), name)
    # Reporting a broken lock file is the installer's job.
    with suppress(ValueError, RecursionError):
        groups = _as_table(msgspec.json.decode(_text(root / "Pipfile.lock") or "{}"))
        for title in ("default", "develop"):
            for specifier in _from_table(_table(groups, title)):
                if is_specifier(specifier) and specifier.startswith("=="):
                    yield Pin(specifier.removeprefix("=="), "Pipfile.lock")


def _text(file: Path) -> str:
    """The text of a packaging file; empty if it cannot be read, which loses no code."""
    try:
        return read_regular(file).decode("utf-8", "replace")
    except OSError:
        return ""


def _poetry(version: str) -> str:
    """Translates Poetry's `^1.2`, `~1.2` and `1.2` to a PEP 440 specifier; others mean the same in both."""
    match = _POETRY.fullmatch(version.strip())
    if match is None or _LONG_NUMBER.search(version):
        return version
    if not match["sign"]:
        return f"=={match['version']}"
    numbers = [int(number) for number in match["version"].split(".")]
    fixed = min(len(numbers), 2) - 1
    if match["sign"] == "^":
        fixed = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
    upper = ".".join(str(number) for number in [*numbers[:fixed], numbers[fixed] + 1])
    return f">={match['version']},<{upper}"


def is_specifier(text: str) -> bool:
    """Whether a text is a specifier of versions, with numbers that Python converts."""
    if _LONG_NUMBER.search(text):
        return False
    if _PLAIN.fullmatch(text):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 (few projects need it)

    try:
        return bool(str(SpecifierSet(text)))
    except InvalidSpecifier:
        return False


def _tidy(specifier: str) -> str:
    """Removes blanks and the options that pip allows after a specifier (`--hash`)."""
    return specifier.partition(" --")[0].rstrip("\\ \t\r\n,").strip()


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _as_table(table.get(key))


def _as_table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
