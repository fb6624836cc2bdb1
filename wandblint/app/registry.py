"""Rule packs, loaded by their import name. `app/plugins.py` decides which ones may be.

The built-in pack loads like a user's own pack; nothing imports a rule by name. `pkgutil` and
`importlib.resources` also read editable installs, wheels and zip files.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable
from functools import cache

from wandblint.rule import BUILT_IN_PACK, SEVERITY, Rule

ALL = "ALL"
"""The selector of every rule."""

_CODE = re.compile(r"[A-Z]{2,}\d{3}")
_BUILT_IN_CODE = re.compile(r"WB\d{3}")


class PackError(Exception):
    """A rule pack is unusable; the message names the pack or module and the reason."""


class UnknownRuleError(LookupError):
    """A selector selects no rule; the message suggests the nearest one."""

    def __init__(self, selector: str, suggestion: str | None) -> None:
        hint = f"; did you mean `{suggestion}`?" if suggestion else ""
        super().__init__(f"unknown rule `{selector}`{hint}")
        self.selector = selector
        self.suggestion = suggestion


def rules(plugins: Iterable[str] = ()) -> list[Rule]:
    """Every rule of the built-in pack and the given packs, sorted by code.

    Raises `PackError` if a pack cannot be used or two rules share a code or a name.
    """
    loaded: list[Rule] = []
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for pack in dict.fromkeys((BUILT_IN_PACK, *plugins)):
        for rule in load_pack(pack):
            for kind, packs, value in (("code", codes, rule.code), ("name", names, rule.name)):
                if value in packs:
                    raise PackError(f"the {kind} `{value}` is used twice: in {packs[value]} and in {pack}")
                packs[value] = pack
            loaded.append(rule)
    return sorted(loaded, key=lambda rule: rule.code)


@cache
def load_pack(name: str) -> tuple[Rule, ...]:
    """The rules of one pack, given by its import name: one per module not named `_...`.

    Raises `PackError` if the pack or a module cannot be imported or has no valid rule.
    """
    package = _import(name)
    if not hasattr(package, "__path__"):
        raise PackError(f"rule pack {name} is a module, not a package of rule modules")
    modules = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(_load_rule(name, module) for module in modules if not module.startswith("_"))


def page(rule: Rule, plugins: Iterable[str] = ()) -> str:
    """The page of a rule: the Markdown file next to its module.

    Raises `PackError` if no pack contains the rule or the page is missing.
    """
    from importlib.resources import files  # noqa: PLC0415 (few runs read a page)

    for pack in dict.fromkeys((BUILT_IN_PACK, *plugins)):
        if rule.code in {known.code for known in load_pack(pack)}:
            file = files(pack) / f"{_module_name(rule)}.md"
            if not file.is_file():
                raise PackError(f"{pack}.{_module_name(rule)} has no page: {file.name} is missing next to it")
            return file.read_text(encoding="utf-8")
    raise PackError(f"no rule pack contains {rule.code} {rule.name}")


def resolve(selector: str, plugins: Iterable[str] = ()) -> list[Rule]:
    """The rules that a code (`WB202`), a prefix of codes (`WB2`), a name or `ALL` selects.

    Raises `UnknownRuleError` if it selects none.
    """
    every = rules(plugins)
    if selector == ALL:
        return every
    selected = [rule for rule in every if rule.name == selector or _is_prefix(selector, rule.code)]
    if not selected:
        raise UnknownRuleError(selector, _nearest(selector, every))
    return selected


def _is_prefix(selector: str, code: str) -> bool:
    """Whether a selector is a code or its prefix: all letters, and any number of digits."""
    return code.startswith(selector) and selector.rstrip("0123456789") == code.rstrip("0123456789")


def _nearest(selector: str, known: list[Rule]) -> str | None:
    spellings = {ALL.lower(): ALL}
    for rule in known:
        spellings[rule.name] = rule.name
        for length in range(len(rule.code), len(rule.code.rstrip("0123456789")) - 1, -1):
            spellings[rule.code[:length].lower()] = rule.code[:length]
    spelling = selector.lower().replace("_", "-")
    import difflib  # noqa: PLC0415 (only errors need it)

    nearest = difflib.get_close_matches(spelling, spellings, n=1)
    return spellings[nearest[0]] if nearest else None


def _load_rule(pack: str, module: str) -> Rule:
    rule = getattr(_import(f"{pack}.{module}"), "rule", None)
    where = f"{pack}.{module}"
    if not isinstance(rule, Rule):
        raise PackError(f"{where} has no `rule = Rule(...)`; names of helper modules start with `_`")
    if _module_name(rule) != module:
        raise PackError(f"{where} has a rule named `{rule.name}`; a rule must have the name of its module")
    built_in = pack == BUILT_IN_PACK
    if built_in and not _BUILT_IN_CODE.fullmatch(rule.code):
        raise PackError(f"{where}: the code `{rule.code}` must be WB and three digits")
    if not built_in and (not _CODE.fullmatch(rule.code) or _BUILT_IN_CODE.fullmatch(rule.code)):
        raise PackError(
            f"{where}: the code `{rule.code}` must be capital letters other than WB, then three digits"
        )
    if SEVERITY in rule.options:
        raise PackError(f"{where}: `{SEVERITY}` is a setting of every rule and cannot be an option")
    return rule


def _module_name(rule: Rule) -> str:
    return rule.name.replace("-", "_")


def _import(name: str) -> object:
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # A pack is foreign code that may raise any exception; `SystemExit` would end wandblint, even with 0.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise PackError(f"rule pack {name} cannot be imported: {reason}") from error
