"""The effective settings: those of the project, overridden by the command line; `--show-settings`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from wandblint.app import registry
from wandblint.app.selection import enabled_rules
from wandblint.app.settings import SETTINGS, Settings, without_missing_rules
from wandblint.app.settings_errors import SettingsError, UnreadableSettingsError
from wandblint.cli.option_values import CheckOptions
from wandblint.cli.workflows.configuration import load_settings
from wandblint.cli.workflows.projects import SelectedProject
from wandblint.sources.requirement import wandb_requirement


def effective(project: SelectedProject, options: CheckOptions) -> tuple[Settings, Path | None]:
    """The settings of a project with the command line's selection, and their file, if any.

    A settings file of the project that cannot be read is a problem of these settings, which then allow no
    fix: only its author knows what it excludes. Raises `SettingsError` for an invalid settings file, and for
    a selector of the command line that selects no rule although all rule packs are loaded.
    """
    try:
        settings, file = load_settings(
            project.root,
            options.config,
            isolated=options.isolated,
            plugins=options.plugin,
            options=options.settings,
        )
    except UnreadableSettingsError as error:
        if options.config.file:
            raise
        settings, file = load_settings(
            project.root, options.config, isolated=True, plugins=options.plugin, options=options.settings
        )
        settings = msgspec.structs.replace(
            settings, unfixable=[registry.ALL], problems=[str(error), *settings.problems]
        )
    try:
        return _select(settings, options), file
    except (registry.UnknownRuleError, registry.PackError) as error:
        raise SettingsError(str(error)) from error


def _select(settings: Settings, options: CheckOptions) -> Settings:
    """Applies the selection of the command line.

    `--select` replaces the settings' own selection; `--ignore` and `--extend-select` alone modify it.
    """
    if not (options.select or options.ignore or options.extend_select):
        return settings
    chosen = Settings(
        plugins=settings.plugins,
        problems=settings.problems,
        select=[*options.select],
        ignore=[*options.ignore],
        extend_select=[*options.extend_select],
    )
    chosen = without_missing_rules(chosen, lambda key: f"--{key}")
    settings = msgspec.structs.replace(settings, problems=chosen.problems)
    requested = msgspec.structs.replace(
        settings, select=[*chosen.select, *chosen.extend_select], ignore=chosen.ignore, extend_select=[]
    )
    added = {rule.code for rule in enabled_rules(requested)}
    if options.select:
        return requested
    enabled = {rule.code for rule in enabled_rules(settings)}
    for selector in chosen.ignore:
        enabled -= {rule.code for rule in registry.resolve(selector, settings.plugins)}
    if chosen.extend_select:
        enabled |= added
    # An empty selection would mean the rules that are on by default.
    ignore = [] if enabled else [registry.ALL]
    return msgspec.structs.replace(settings, select=sorted(enabled), ignore=ignore, extend_select=[])


def requirement_lines(root: Path, settings: Settings) -> Iterator[str]:
    """Yields the required wandb and what rules do not report because of it, as comments."""
    requirement = wandb_requirement(root, settings.wandb_version)
    yield f"# wandb: {requirement}"
    for rule in enabled_rules(settings):
        if rule.scope and (scope := rule.scope(requirement)):
            yield f"# {rule.code} {rule.name} {scope}"


def settings_lines(settings: Settings) -> Iterator[str]:
    """Yields the settings as TOML, sorted by name, tables last."""
    import json  # noqa: PLC0415 (unlike msgspec, it writes blanks after separators)

    fields: dict[str, object] = msgspec.to_builtins(settings)
    values = {name.replace("_", "-"): fields[name] for name in sorted(SETTINGS)}
    for name, value in values.items():
        if value is None:
            yield f"# {name} is not set"
        elif not isinstance(value, Mapping):
            yield f"{name} = {_toml(value)}"
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield f"[{name}]"
            yield from (f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items())


def _toml(value: object) -> str:
    """A value as TOML, which is the same as JSON except for tables."""
    import json  # noqa: PLC0415 (as above)

    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)
