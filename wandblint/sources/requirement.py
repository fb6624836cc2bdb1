"""Which versions of wandb a project asks for, by the files in which projects say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from wandblint.sources.toml import TomlError, read_toml

_LINE = re.compile(
    r"^\s*(?:-\s+)?[\"']?wandb\s*(?:\[[^\]]*\])?\s*(?P<specifier>[=<>!~][^;#\"']*)", re.MULTILINE
)
_POETRY = re.compile(r"(?P<sign>[\^~]|)(?P<version>\d+(?:\.\d+)*)")


def wandb_requirement(root: Path, stated: str | None = None) -> str | None:
    """The specifier of wandb: the one `stated` in the settings, else the project's, None if it says nothing.

    Looked at in order: pyproject.toml (project, its extras, dependency groups, Poetry), requirements*.txt,
    setup.cfg, environment.yml. What is no specifier is passed over: it is the installer's to complain.
    """
    if stated is not None:
        return stated
    return next(filter(_is_specifier, _specifiers(root)), None)


def _specifiers(root: Path) -> Iterator[str]:
    # Where the file matters to wandblint itself, the settings have complained already.
    with suppress(OSError, TomlError):
        yield from _of_pyproject(read_toml(root / "pyproject.toml"))
    for pattern in ("requirements*.txt", "requirements/*.txt", "setup.cfg", "environment.y*ml"):
        for file in sorted(root.glob(pattern)):
            yield from _of_lines(file)


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
        version = group.get("wandb")
        version = version.get("version") if isinstance(version, dict) else version
        if isinstance(version, str):
            yield _poetry(version)


def _of_lines(file: Path) -> Iterator[str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        # Not a Python file, so nothing of the project's code is lost with it.
        return
    conda = file.name.startswith("environment")
    for found in _LINE.finditer(text):
        specifier = _tidy(found["specifier"])
        is_fuzzy = conda and specifier.startswith("=") and not specifier.startswith("==")
        yield f"={specifier.partition('=')[0]}={specifier[1:].partition('=')[0]}.*" if is_fuzzy else specifier


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
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 (few projects need it)

    try:
        return bool(str(SpecifierSet(text)))
    except InvalidSpecifier:
        return False


def _tidy(specifier: str) -> str:
    """Without options that pip allows behind it (`--hash`), and blanks."""
    return specifier.partition(" --")[0].rstrip("\\ \t\r\n,").strip()


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = table.get(key)
    return inner if isinstance(inner, dict) else {}
