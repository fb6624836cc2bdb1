"""The settings, read and validated: `[tool.wandblint]` of pyproject.toml, or wandblint.toml."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from wandblint.app import registry
from wandblint.app.plugins import PackGate
from wandblint.app.settings_errors import Origin, SettingsError, UnreadableSettingsError, shown, toml
from wandblint.findings.finding import Severity
from wandblint.infra.files import read_regular, reason_of
from wandblint.infra.words import did_you_mean
from wandblint.rule import SEVERITY, OptionValue, Rule
from wandblint.sources.discovery import project_root
from wandblint.sources.globs import mistake
from wandblint.sources.requirement import is_specifier
from wandblint.sources.toml import TomlError, parse_toml

FOREIGN_FOLDERS = (
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
)
"""Names of folders whose content is not the project's own work, wherever they are."""

DEFAULT_EXCLUDE = (
    *FOREIGN_FOLDERS,
    "**/wandb/run-*",
    "**/wandb/offline-run-*",
)

BASELINE = "wandblint-baseline.json"

Selectors = Annotated[list[str], "a list of codes, prefixes like `WB2`, names or `ALL`"]
Globs = Annotated[list[str], "a list of patterns like those of .gitignore"]


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
    """The packs to import: of those that the settings files name, only the ones that may be imported."""
    fixable: Selectors = []
    """Empty: every rule that has a fix."""
    unfixable: Selectors = []
    extend_safe_fixes: Selectors = []
    extend_unsafe_fixes: Selectors = []
    rules: Annotated[dict[str, dict[str, Any]], "a table of rules, each with a table of its options"] = {}
    problems: list[str] = []
    """No setting: the named packs that are not loaded, and the settings that need them, one message each."""


SETTINGS = {
    name: hint
    for name, hint in get_type_hints(Settings, include_extras=True).items()
    if get_origin(hint) is Annotated
}
"""The types of the settings by name, each with a description of the allowed values."""
_HINTS = {name.replace("_", "-"): (name, *get_args(hint)) for name, hint in SETTINGS.items()}
_SELECTING = tuple(name for name, hint in SETTINGS.items() if hint == Selectors)
_EXTEND = "extend"
_ADDING = frozenset({"extend_select", "extend_exclude", "plugins"})


class Overlay(msgspec.Struct, frozen=True):
    """Settings of the command line, which apply over those of the files.

    `origin` is the option that has them. If it `replaces`, its `per-file-ignores` apply instead of those of
    the files.
    """

    origin: Origin
    table: Mapping[str, Any]
    replaces: bool = False

    @property
    def packs(self) -> list[str]:
        """The rule packs that it names."""
        packs = self.table.get("plugins")
        return [pack for pack in packs if isinstance(pack, str)] if isinstance(packs, list) else []


def load(
    start: Path,
    *,
    config: Path | None = None,
    isolated: bool = False,
    plugins: Iterable[str] = (),
    overlays: Sequence[Overlay] = (),
) -> tuple[Settings, Path | None]:
    """The settings of the project of `start`, or of the file `config`, and the file that they come from.

    With `isolated` the project's settings file is ignored. `overlays` apply over the files in their order.
    They and `plugins` name rule packs that the user wants and thereby allows, which must not come from the
    project; packs that only the file names are loaded if `PackGate` lets them, and are otherwise among the
    `problems` of the settings. Raises `SettingsError`, namely `UnreadableSettingsError` if nothing is known
    of what a file says.
    """
    root = project_root(start)
    file = config or (None if isolated else _find(root))
    allowed = dict.fromkeys([*plugins, *(pack for overlay in overlays for pack in overlay.packs)])
    gate = PackGate(root, tuple(allowed))
    settings = Settings(plugins=list(allowed))
    origin = Origin("settings" if file is None else shown(file))
    if file is not None:
        settings = _Files(settings, gate, config).read(file, ())
    for overlay in overlays:
        if _EXTEND in overlay.table:
            raise overlay.origin.error(f"`{_EXTEND}` belongs into a settings file")
        if overlay.replaces and "per-file-ignores" in overlay.table:
            settings = msgspec.structs.replace(settings, per_file_ignores={})
        settings = _Reader(overlay.origin, gate).settings(overlay.table, settings)
        origin = overlay.origin if "src" in overlay.table else origin
    _check_folders(settings, root, origin)
    return without_missing_rules(settings, lambda key: f"{origin.name}: `{key}`"), file


def _check_folders(settings: Settings, root: Path, origin: Origin) -> None:
    """Checks that the folders of `src` are in the project; whether they come from `origin`."""
    for folder in settings.src:
        path = os.path.normpath(os.path.join(root, folder.strip("/")))
        if not os.path.isdir(path) or not Path(path).is_relative_to(os.path.abspath(root)):
            raise origin.error(f"`src` is {toml(settings.src)}, but {folder} is not a folder of the project")


def without_missing_rules(settings: Settings, where: Callable[[str], str]) -> Settings:
    """Removes what refers to unknown rules if packs are missing; each removal becomes a problem.

    `where` is what a message calls a setting.
    """
    if not settings.problems:
        return settings
    problems = list(settings.problems)

    def known(key: str, selectors: list[str]) -> list[str]:
        unknown = [selector for selector in selectors if _unknown(selector, settings.plugins)]
        problems.extend(f"{where(key)}: no loaded rule pack has `{selector}`" for selector in unknown)
        return [selector for selector in selectors if selector not in unknown]

    changes: dict[str, Any] = {
        name: known(name.replace("_", "-"), getattr(settings, name)) for name in _SELECTING
    }
    # Empty lists would mean the rules that are on by default, and every fix.
    if settings.select and not changes["select"]:
        changes["ignore"].append(registry.ALL)
    if settings.fixable and not changes["fixable"]:
        changes["unfixable"] = [registry.ALL]
    per_file = {
        glob: known(f'per-file-ignores."{glob}"', selectors)
        for glob, selectors in settings.per_file_ignores.items()
    }
    names = {rule.name for rule in registry.rules(settings.plugins)}
    problems += [
        f"{where(f'rules.{name}')}: no loaded rule pack has this rule"
        for name in settings.rules
        if name not in names
    ]
    rules = {name: options for name, options in settings.rules.items() if name in names}
    return msgspec.structs.replace(
        settings, **changes, per_file_ignores=per_file, rules=rules, problems=problems
    )


def rule_options(rule: Rule, settings: Settings) -> dict[str, OptionValue]:
    """The options of a rule: the settings over the defaults."""
    overrides = settings.rules.get(rule.name, {})
    return {**rule.options, **{name: value for name, value in overrides.items() if name != SEVERITY}}


def configured(rule: Rule, settings: Settings) -> Rule:
    """A rule with its configured severity."""
    severity = settings.rules.get(rule.name, {}).get(SEVERITY)
    return rule if severity is None else rule.with_severity(Severity(severity))


def _find(root: Path) -> Path | None:
    own, shared = root / "wandblint.toml", root / "pyproject.toml"
    if _is_there(own):
        return own
    return shared if _is_there(shared) and _table(shared) is not None else None


def _is_there(file: Path) -> bool:
    """Whether there is a file, even one that cannot be read."""
    return os.path.lexists(file) and not os.path.isdir(file)


def _unknown(selector: str, plugins: Iterable[str]) -> registry.UnknownRuleError | None:
    """The error of a selector that selects no rule."""
    try:
        registry.resolve(selector, plugins)
    except registry.UnknownRuleError as error:
        return error
    return None


class _Files(msgspec.Struct, frozen=True):
    """Reads settings files over the settings `base`."""

    base: Settings
    gate: PackGate
    trusted: Path | None
    """The file that the user names, which may be a pipe (`--config <(...)`)."""

    def read(self, file: Path, extending: tuple[Path, ...]) -> Settings:
        """The settings of a file over those that it extends; `extending` are the files that extend it."""
        resolved = Path(os.path.realpath(file))
        if resolved in extending:
            cycle = " extends ".join(
                shown(member) for member in (*extending[extending.index(resolved) :], resolved)
            )
            raise SettingsError(f"{shown(extending[-1])}: `extend` forms a cycle: {cycle}")
        table = dict(_table(file, may_be_pipe=file is self.trusted) or {})
        parent = self.base
        if _EXTEND in table:
            parent = self.read(_extended(file, table.pop(_EXTEND)), (*extending, resolved))
        return _Reader(Origin(shown(file)), self.gate).settings(table, parent)


def _table(file: Path, *, may_be_pipe: bool = False) -> Mapping[str, Any] | None:
    """The table of wandblint's settings; None if a pyproject.toml has none."""
    try:
        content = parse_toml(file.read_bytes() if may_be_pipe else read_regular(file))
    except OSError as error:
        raise UnreadableSettingsError(f"{shown(file)}: cannot be read: {reason_of(error)}") from error
    except TomlError as error:
        raise UnreadableSettingsError(f"{shown(file)}: not valid TOML: {error}") from error
    if file.name != "pyproject.toml":
        return content
    tool = content.get("tool")
    ours = tool.get("wandblint") if isinstance(tool, dict) else None
    if ours is not None and not isinstance(ours, dict):
        raise SettingsError(f"{shown(file)}: `tool.wandblint` is {toml(ours)}, but must be a table")
    return ours


def _extended(file: Path, value: object) -> Path:
    if not isinstance(value, str):
        raise SettingsError(
            f"{shown(file)}: `extend` is {toml(value)}, but must be the path of a settings file"
        )
    extended = file.parent / value
    if not os.path.lexists(extended):
        raise SettingsError(f"{shown(file)}: `extend` is {toml(value)}, but {shown(extended)} does not exist")
    return extended


class _Reader:
    """Validates the settings of one file, or of the command line."""

    def __init__(self, origin: Origin, gate: PackGate) -> None:
        self._origin = origin
        self._gate = gate

    def settings(self, table: Mapping[str, object], parent: Settings) -> Settings:
        """The settings of the table over those of the parent. Raises `SettingsError`."""
        changes: dict[str, Any] = {}
        for key, value in table.items():
            if key not in _HINTS:
                hint = did_you_mean(key.replace("_", "-"), (*_HINTS, _EXTEND))
                raise self._origin.error(f"unknown setting `{key}`{hint}")
            name, expected, allowed = _HINTS[key]
            try:
                changes[name] = msgspec.convert(value, expected)
            except msgspec.ValidationError:
                raise self._origin.bad(key, value, allowed) from None
            if name == "plugins":
                changes[name], problems = self._loadable(changes[name])
                changes["problems"] = [*parent.problems, *problems]
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
        try:
            self._check_selectors(settings)
            self._check_options(settings)
        except registry.PackError as error:
            raise self._origin.error(f"`plugins`: {error}") from error
        self._check_version(settings)
        self._check_globs(changes)
        return settings

    def _loadable(self, packs: list[str]) -> tuple[list[str], list[str]]:
        """The packs that may be imported, and a message for each of the others."""
        loadable, problems = [], []
        for pack in packs:
            reason = self._gate.refusal(pack)
            if reason is None:
                loadable.append(pack)
            else:
                problems.append(f"{self._origin.name}: `plugins`: rule pack {pack} is not loaded: {reason}")
        return loadable, problems

    def _check_selectors(self, settings: Settings) -> None:
        lists = [(name.replace("_", "-"), getattr(settings, name)) for name in _SELECTING]
        lists += [
            (f'per-file-ignores."{glob}"', listed) for glob, listed in settings.per_file_ignores.items()
        ]
        for key, selectors in lists:
            for selector in selectors:
                error = _unknown(selector, settings.plugins)
                if error and not settings.problems:  # a missing pack may have the rule
                    raise self._origin.error(f"`{key}`: {error}") from error

    def _check_options(self, settings: Settings) -> None:
        known = {rule.name: rule for rule in registry.rules(settings.plugins)} if settings.rules else {}
        for name, options in settings.rules.items():
            if name not in known:
                if settings.problems:  # as above
                    continue
                by_code = {rule.code: rule.name for rule in known.values()}
                hint = did_you_mean(by_code.get(name, name.replace("_", "-")), known)
                raise self._origin.error(f"`rules.{name}`: no rule has this name{hint}")
            for option, value in options.items():
                self._origin.check_option(known[name], option, value)

    def _check_globs(self, changes: Mapping[str, Any]) -> None:
        for name in ("exclude", "extend_exclude", "per_file_ignores"):
            for glob in changes.get(name, ()):
                if reason := mistake(glob):
                    key = name.replace("_", "-")
                    raise self._origin.error(f"`{key}`: the pattern {toml(glob)} matches nothing: {reason}")

    def _check_version(self, settings: Settings) -> None:
        if settings.wandb_version and not is_specifier(settings.wandb_version):
            raise self._origin.bad("wandb-version", settings.wandb_version, _HINTS["wandb-version"][2])
