"""The settings, read and validated: `[tool.wandblint]` of pyproject.toml, or wandblint.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

from wandblint.app import registry
from wandblint.findings.finding import Severity
from wandblint.infra.words import did_you_mean
from wandblint.rule import SEVERITY, OptionValue, Rule
from wandblint.sources.discovery import project_root
from wandblint.sources.toml import TomlError, read_toml

DEFAULT_EXCLUDE = (
    ".git",
    ".hg",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    "build",
    "dist",
    ".tox",
    ".nox",
    ".eggs",
    "site-packages",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".ruff_cache",
    "**/wandb/run-*",
    "**/wandb/offline-run-*",
)

BASELINE = "wandblint-baseline.json"

Selectors = Annotated[list[str], "a list of codes, prefixes like `WB2`, names or `ALL`"]
Globs = Annotated[list[str], "a list of patterns like those of .gitignore"]


class SettingsError(Exception):
    """Invalid settings; the message names the file, the key, its value and the allowed values."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The effective settings. Patterns and folders are relative to the project's root.

    Settings files spell the names with dashes and have one more key: `extend`, the file that they extend.
    """

    select: Selectors = []
    """Empty: the rules that are enabled by default."""
    ignore: Selectors = []
    extend_select: Selectors = []
    per_file_ignores: Annotated[
        dict[str, list[str]], "a table of patterns, each with a list of codes, prefixes, names or `ALL`"
    ] = {}
    exclude: Globs = msgspec.field(default_factory=lambda: list(DEFAULT_EXCLUDE))
    extend_exclude: Globs = []
    respect_gitignore: Annotated[bool, "true or false"] = True
    include_markdown: Annotated[bool, "true or false"] = False
    """Whether the fenced Python code of Markdown files belongs to the project."""
    src: Annotated[list[str], "a list of folders"] = []
    """Folders from which the project imports, besides its root and `src`."""
    wandb_version: Annotated[str | None, 'a version specifier like ">=0.19"'] = None
    baseline: Annotated[str, "the path of a file"] = BASELINE
    """The file of the baseline, which need not exist."""
    plugins: Annotated[list[str], "a list of import names of rule packs"] = []
    fixable: Selectors = []
    """Empty: every rule that has a fix."""
    unfixable: Selectors = []
    extend_safe_fixes: Selectors = []
    extend_unsafe_fixes: Selectors = []
    rules: Annotated[dict[str, dict[str, Any]], "a table of rules, each with a table of its options"] = {}


_HINTS = {
    name.replace("_", "-"): (name, *get_args(hint))
    for name, hint in get_type_hints(Settings, include_extras=True).items()
}
_EXTEND = "extend"
_ADDING = frozenset({"extend_select", "extend_exclude", "plugins"})


def load(start: Path, *, config: Path | None = None, isolated: bool = False) -> tuple[Settings, Path | None]:
    """The settings of the project of `start`, or of the file `config`, and the file that they come from.

    With `isolated` the project's settings file is ignored. Raises `SettingsError`.
    """
    file = config or (None if isolated else _find(project_root(start)))
    return (_read(file, ()), file) if file else (Settings(), None)


def rule_options(rule: Rule, settings: Settings) -> dict[str, OptionValue]:
    """The options of a rule: the settings over the defaults."""
    overrides = settings.rules.get(rule.name, {})
    return {**rule.options, **{name: value for name, value in overrides.items() if name != SEVERITY}}


def configured(rule: Rule, settings: Settings) -> Rule:
    """A rule with its configured severity."""
    severity = settings.rules.get(rule.name, {}).get(SEVERITY)
    return rule if severity is None else rule.with_severity(Severity(severity))


def _find(root: Path) -> Path | None:
    if (file := root / "wandblint.toml").is_file():
        return file
    file = root / "pyproject.toml"
    return file if file.is_file() and _table(file) is not None else None


def _read(file: Path, extending: tuple[Path, ...]) -> Settings:
    """The settings of a file over those that it extends; `extending` are the files that extend it."""
    resolved = Path(os.path.realpath(file))
    if resolved in extending:
        cycle = " extends ".join(
            _shown(member) for member in (*extending[extending.index(resolved) :], resolved)
        )
        raise SettingsError(f"{_shown(extending[-1])}: `extend` forms a cycle: {cycle}")
    table = dict(_table(file) or {})
    parent = Settings()
    if _EXTEND in table:
        parent = _read(_extended(file, table.pop(_EXTEND)), (*extending, resolved))
    return _Reader(file).settings(table, parent)


def _table(file: Path) -> Mapping[str, Any] | None:
    """The table of wandblint's settings; None if a pyproject.toml has none."""
    try:
        content = read_toml(file)
    except OSError as error:
        raise SettingsError(f"{_shown(file)}: cannot be read: {(error.strerror or '').lower()}") from error
    except TomlError as error:
        raise SettingsError(f"{_shown(file)}: not valid TOML: {error}") from error
    if file.name != "pyproject.toml":
        return content
    tool = content.get("tool")
    ours = tool.get("wandblint") if isinstance(tool, dict) else None
    if ours is not None and not isinstance(ours, dict):
        raise SettingsError(f"{_shown(file)}: `tool.wandblint` is {_toml(ours)}, but must be a table")
    return ours


def _extended(file: Path, value: object) -> Path:
    if not isinstance(value, str):
        raise SettingsError(
            f"{_shown(file)}: `extend` is {_toml(value)}, but must be the path of a settings file"
        )
    extended = file.parent / value
    if not extended.is_file():
        raise SettingsError(
            f"{_shown(file)}: `extend` is {_toml(value)}, but {_shown(extended)} does not exist"
        )
    return extended


class _Reader:
    """Validates the settings of one file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def settings(self, table: Mapping[str, object], parent: Settings) -> Settings:
        """The settings of the table over those of the parent. Raises `SettingsError`."""
        changes: dict[str, Any] = {}
        for key, value in table.items():
            if key not in _HINTS:
                hint = did_you_mean(key.replace("_", "-"), (*_HINTS, _EXTEND))
                raise self._error(f"unknown setting `{key}`{hint}")
            name, expected, allowed = _HINTS[key]
            try:
                changes[name] = msgspec.convert(value, expected)
            except msgspec.ValidationError:
                raise self._bad(key, value, allowed) from None
            if name in _ADDING:
                changes[name] = list(dict.fromkeys([*getattr(parent, name), *changes[name]]))
            elif name == "per_file_ignores":
                changes[name] = {**parent.per_file_ignores, **changes[name]}
            elif name == "rules":
                tables = changes[name]
                changes[name] = {
                    rule: {**parent.rules.get(rule, {}), **tables.get(rule, {})}
                    for rule in {**parent.rules, **tables}
                }
        settings = msgspec.structs.replace(parent, **changes)
        self._check_selectors(table, settings)
        self._check_options(settings)
        self._check_version(settings)
        return settings

    def _check_selectors(self, table: Mapping[str, object], settings: Settings) -> None:
        lists = [(key, getattr(settings, _HINTS[key][0])) for key in ("select", "ignore", "extend-select")]
        lists += [
            (f'per-file-ignores."{glob}"', listed) for glob, listed in settings.per_file_ignores.items()
        ]
        for key, selectors in lists:
            for selector in selectors:
                self._check_selector(key, selector, settings.plugins)

    def _check_selector(self, key: str, selector: str, plugins: list[str]) -> None:
        try:
            registry.resolve(selector, plugins)
        except (registry.UnknownRuleError, registry.PackError) as error:
            raise self._error(f"`{key}`: {error}") from error

    def _check_options(self, settings: Settings) -> None:
        known = {rule.name: rule for rule in registry.rules(settings.plugins)} if settings.rules else {}
        for name, options in settings.rules.items():
            if name not in known:
                by_code = {rule.code: rule.name for rule in known.values()}
                hint = did_you_mean(by_code.get(name, name.replace("_", "-")), known)
                raise self._error(f"`rules.{name}`: no rule has this name{hint}")
            for option, value in options.items():
                self._check_option(known[name], option, value)

    def _check_option(self, rule: Rule, option: str, value: object) -> None:
        key = f"rules.{rule.name}.{option}"
        known = {SEVERITY: rule.severity, **rule.options}
        if option not in known:
            hint = did_you_mean(option.replace("_", "-"), known)
            raise self._error(
                f"`{key}`: {rule.code} has no such option; its options are {_quoted(known)}{hint}"
            )
        default = known[option]
        expected = list[str] if isinstance(default, list) else type(default)
        try:
            msgspec.convert(value, expected)
        except msgspec.ValidationError:
            raise self._bad(key, value, _KINDS[type(default)]) from None

    def _check_version(self, settings: Settings) -> None:
        if settings.wandb_version is None:
            return
        from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 (seldom needed)

        try:
            SpecifierSet(settings.wandb_version)
        except InvalidSpecifier:
            raise self._bad("wandb-version", settings.wandb_version, _HINTS["wandb-version"][2]) from None

    def _bad(self, key: str, value: object, allowed: str) -> SettingsError:
        return self._error(f"`{key}` is {_toml(value)}, but must be {allowed}")

    def _error(self, message: str) -> SettingsError:
        return SettingsError(f"{_shown(self._file)}: {message}")


_KINDS: dict[type, str] = {
    Severity: '"error", "warning" or "note"',
    bool: "true or false",
    int: "a whole number",
    str: "a string",
    list: "a list of strings",
}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _toml(value: object) -> str:
    """A value roughly as in the file."""
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, msgspec.MsgspecError):
        return str(value)


def _shown(file: Path) -> str:
    """A path, relative to the working folder if it is inside."""
    path, here = os.path.realpath(file), os.path.join(os.path.realpath(os.curdir), "")
    return Path(path.removeprefix(here)).as_posix()
