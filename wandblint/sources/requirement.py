"""Which versions of wandb a project asks for, by the files in which projects say so.

Two things are told apart. The *range* is what the project allows: whoever installs it gets the newest wandb
in it. A lock file *pins* one version: the authors and their deployments get that one. The range decides what
can happen to a user, so it decides what is reported; the pin tells how soon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from wandblint.semantics.versions import Pin, Requirement
from wandblint.sources.toml import TomlError, read_toml

if TYPE_CHECKING:
    from packaging.version import Version

_LINE = re.compile(
    r"^\s*(?:-\s+)?[\"']?wandb\s*(?:\[[^\]]*\])?\s*(?P<specifier>[=<>!~][^;#\"'\n]*)", re.MULTILINE
)
_QUOTED = re.compile(
    r"^[^#\n]*?[\"']wandb\s*(?:\[[^\]]*\])?\s*(?P<specifier>[=<>!~][^;\"'\n]*)", re.MULTILINE
)
_INCLUDE = re.compile(
    r"^\s*(?:-\s+)?(?:-r|-c|--requirement|--constraint)[ =]?\s*(?P<file>[^\s#]+)", re.MULTILINE
)
_LOCKED = re.compile(r'^name = "wandb"\s+version = "([^"\n]+)"', re.MULTILINE)
_PLAIN = re.compile(r"(?:[=<>!]=|[<>])\s*\d+(?:\.\d+)*(?:\s*,\s*(?:[=<>!]=|[<>])\s*\d+(?:\.\d+)*)*")
_POETRY = re.compile(r"(?P<sign>[\^~]|)(?P<version>\d+(?:\.\d+)*)")


def wandb_requirement(root: Path, stated: str | None = None) -> Requirement:
    """The versions of wandb that the project asks for; what the settings state (`stated`) stands alone.

    The range is looked for in pyproject.toml (project, its extras, dependency groups, Poetry), Pipfile,
    requirements*.txt with the files that they include, setup.cfg, setup.py and the files of conda (such as
    environment.yml, conda-environment.yml, conda.yml), the pin in uv.lock, poetry.lock, pdm.lock and
    Pipfile.lock. The first that says a version counts. What is no specifier is passed over: it is the
    installer's to complain.
    """
    if stated is not None:
        return Requirement(stated)
    return Requirement(next(filter(_is_specifier, _specifiers(root)), None), next(_pins(root), None))


def _specifiers(root: Path) -> Iterator[str]:
    # Where the file matters to wandblint itself, the settings have complained already.
    with suppress(OSError, TomlError):
        yield from _of_pyproject(read_toml(root / "pyproject.toml"))
    with suppress(OSError, TomlError):
        pipfile = read_toml(root / "Pipfile")
        for title in ("packages", "dev-packages"):
            yield from _of_table(_table(pipfile, title))
    seen: set[Path] = set()
    for pattern in (
        "requirements*.txt",
        "requirements/*.txt",
        "setup.cfg",
        "*environment*.y*ml",
        "conda*.y*ml",
    ):
        for file in sorted(root.glob(pattern)):
            yield from _of_lines(file, root, seen)
    yield from (_tidy(found["specifier"]) for found in _QUOTED.finditer(_text(root / "setup.py")))


def _of_pyproject(tables: Mapping[str, Any]) -> Iterator[str]:
    project = _table(tables, "project")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(tables, "dependency-groups").values(),
    ]
    for requirements in lists:
        for requirement in requirements if isinstance(requirements, list) else ():
            if isinstance(requirement, str) and (found := _LINE.match(requirement)):
                yield _tidy(found["specifier"])
    poetry = _table(_table(tables, "tool"), "poetry")
    groups = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    groups += [
        _table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)
    ]
    for group in groups:
        yield from map(_poetry, _of_table(group))


def _of_table(table: Mapping[str, Any]) -> Iterator[str]:
    """`wandb = ">=0.16"` or `wandb = {version = ">=0.16"}`."""
    version = table.get("wandb")
    version = version.get("version") if isinstance(version, dict) else version
    if isinstance(version, str):
        yield version


def _of_lines(file: Path, root: Path, seen: set[Path]) -> Iterator[str]:
    """The requirements in a file of lines, then in the files of the project that it includes."""
    file = file.resolve()
    if file in seen or not file.is_relative_to(root.resolve()):
        return
    seen.add(file)
    text = _text(file)
    conda = file.suffix in {".yml", ".yaml"}
    for found in _LINE.finditer(text):
        specifier = _tidy(found["specifier"])
        is_fuzzy = conda and specifier.startswith("=") and not specifier.startswith("==")
        yield f"={specifier.partition('=')[0]}={specifier[1:].partition('=')[0]}.*" if is_fuzzy else specifier
    for found in _INCLUDE.finditer(text):
        yield from _of_lines(file.parent / found["file"], root, seen)


def _pins(root: Path) -> Iterator[Pin]:
    """What the lock files install; of several versions in one (for several platforms) the newest."""
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        versions = _LOCKED.findall(_text(root / name))
        if valid := [version for version in versions if _is_specifier(f"=={version}")]:
            yield Pin(max(valid, key=_order), name)
    # A broken lock file is the installer's to complain.
    with suppress(ValueError):
        groups = _as_table(msgspec.json.decode(_text(root / "Pipfile.lock") or "{}"))
        for title in ("default", "develop"):
            for specifier in _of_table(_table(groups, title)):
                if _is_specifier(specifier) and specifier.startswith("=="):
                    yield Pin(specifier.removeprefix("=="), "Pipfile.lock")


def _text(file: Path) -> str:
    """The text of a file, empty where it cannot be read: it is no Python file, none of the code is lost."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _poetry(version: str) -> str:
    """Poetry's `^1.2` and `~1.2` in the words of everybody else; other versions mean the same."""
    found = _POETRY.fullmatch(version.strip())
    if found is None:
        return version
    if not found["sign"]:
        return f"=={found['version']}"
    numbers = [int(number) for number in found["version"].split(".")]
    fixed = min(len(numbers), 2) - 1
    if found["sign"] == "^":
        fixed = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    upper = ".".join(str(number) for number in [*numbers[:fixed], numbers[fixed] + 1])
    return f">={found['version']},<{upper}"


def _is_specifier(text: str) -> bool:
    if _PLAIN.fullmatch(text):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 (few projects need it)

    try:
        return bool(str(SpecifierSet(text)))
    except InvalidSpecifier:
        return False


def _order(version: str) -> Version:
    from packaging.version import Version  # noqa: PLC0415 (few projects need it)

    return Version(version)


def _tidy(specifier: str) -> str:
    """Without options that pip allows behind it (`--hash`), and blanks."""
    return specifier.partition(" --")[0].rstrip("\\ \t\r\n,").strip()


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _as_table(table.get(key))


def _as_table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
