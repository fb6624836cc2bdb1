"""The settings in force: those of the project, and the command line over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from wandblint.app import registry
from wandblint.app.selection import enabled_rules
from wandblint.app.settings import Settings, SettingsError, load
from wandblint.cli.option_values import Options
from wandblint.cli.workflows.projects import SelectedProject


def effective(project: SelectedProject, options: Options) -> tuple[Settings, Path | None]:
    """The settings of a project with the command line's selection, and the file that they are from.

    Raises `SettingsError` for a settings file that is wrong, and for a selector of the command line that
    selects no rule.
    """
    config = Path(options.config) if options.config else None
    settings, file = load(project.root, config=config, isolated=options.isolated)
    if options.include_markdown:
        settings = msgspec.structs.replace(settings, include_markdown=True)
    try:
        return _selected(settings, options), file
    except (registry.UnknownRuleError, registry.PackError) as error:
        raise SettingsError(str(error)) from error


def _selected(settings: Settings, options: Options) -> Settings:
    """`--select` replaces what the settings select and ignore; the other two change what comes of it."""
    asked = msgspec.structs.replace(
        settings, select=[*options.select, *options.extend_select], ignore=[*options.ignore], extend_select=[]
    )
    if not (options.select or options.ignore or options.extend_select):
        return settings
    added = {rule.code for rule in enabled_rules(asked)}
    if options.select:
        return asked
    on = {rule.code for rule in enabled_rules(settings)}
    for selector in options.ignore:
        on -= {rule.code for rule in registry.resolve(selector, settings.plugins)}
    if options.extend_select:
        on |= added
    # An empty selection would mean the rules that are on by default.
    none = [] if on else [registry.ALL]
    return msgspec.structs.replace(settings, select=sorted(on), ignore=none, extend_select=[])


def settings_lines(settings: Settings) -> Iterator[str]:
    """The settings as TOML, in the order of their names, tables last."""
    import json  # noqa: PLC0415 (unlike msgspec it writes blanks between things)

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
    import json  # noqa: PLC0415 (as above)

    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)
