"""The settings in force: those of the project, and the command line over them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec

from wandblint import registry
from wandblint.cli.check import Options
from wandblint.cli.projects import Project
from wandblint.config import Settings, load


def effective(project: Project, options: Options) -> tuple[Settings, Path | None]:
    """The settings of a project with the selection of the command line, and the file that they are from.

    `--select` replaces what the settings select and ignore; `--ignore` and `--extend-select` add to it.
    Raises `SettingsError` for a settings file that is wrong.
    """
    config = Path(options.config) if options.config else None
    settings, file = load(project.root, config=config, isolated=options.isolated)
    changes: dict[str, list[str]] = {}
    if options.select:
        changes = {"select": list(options.select), "ignore": [], "extend_select": []}
    for name, added in (("ignore", options.ignore), ("extend_select", options.extend_select)):
        if added:
            changes[name] = [*changes.get(name, getattr(settings, name)), *added]
    return msgspec.structs.replace(settings, **changes), file


def check_selectors(options: Options) -> None:
    """Raises a usage error for a selector of the command line that selects no rule."""
    try:
        for selector in (*options.select, *options.ignore, *options.extend_select):
            registry.resolve(selector)
    except (registry.UnknownRuleError, registry.PackError) as error:
        raise click.UsageError(str(error)) from error


def settings_lines(settings: Settings) -> Iterator[str]:
    """The settings as TOML, in the order of their names, tables last."""
    values: dict[str, object] = msgspec.to_builtins(settings)
    named = {name.replace("_", "-"): value for name, value in sorted(values.items())}
    for name, value in named.items():
        if value is None:
            yield f"# {name} is not set"
        elif not isinstance(value, Mapping):
            yield f"{name} = {_toml(value)}"
    for name, value in named.items():
        if isinstance(value, Mapping):
            yield f"[{name}]"
            yield from (f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items())


def _toml(value: object) -> str:
    """A value as TOML, which is that of JSON but for tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)
