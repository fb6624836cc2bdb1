"""Which rules the settings enable, for the project and for a file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from wandblint.app import registry
from wandblint.app.settings import Settings, configured
from wandblint.rule import Rule
from wandblint.sources.gitignore import Patterns

_BROADEST = 0
_EXACT = 99
"""More specific than any prefix of a code."""


def enabled_rules(settings: Settings) -> list[Rule]:
    """The rules that the settings select, with their configured severities, sorted by code.

    The more specific selector wins (a name or code, then the longer prefix, then `ALL` and the default); on a
    tie `ignore` wins. Raises `UnknownRuleError` if a selector selects nothing, `PackError` if a rule pack
    cannot be used.
    """
    selected = _specificity([*settings.select, *settings.extend_select], settings.plugins)
    rules = [configured(rule, settings) for rule in registry.rules(settings.plugins)]
    if not settings.select:
        for rule in rules:
            if rule.on_by_default:
                selected.setdefault(rule.code, _BROADEST)
    ignored = _specificity(settings.ignore, settings.plugins)
    return [
        rule
        for rule in rules
        if rule.code in selected and selected[rule.code] > ignored.get(rule.code, _BROADEST - 1)
    ]


def noted_codes(settings: Settings) -> frozenset[str]:
    """The codes that the settings select explicitly; only these report notes."""
    return frozenset(_specificity([*settings.select, *settings.extend_select], settings.plugins))


def ignored_codes(settings: Settings, name: str) -> frozenset[str]:
    """The codes that `per-file-ignores` disables in a file."""
    return frozenset(
        rule.code
        for glob, selectors in settings.per_file_ignores.items()
        if _patterns(glob).apply(name)
        for selector in selectors
        for rule in registry.resolve(selector, settings.plugins)
    )


def _specificity(selectors: Iterable[str], plugins: Iterable[str]) -> dict[str, int]:
    """The specificity of the most specific selector of each selected code."""
    specificity: dict[str, int] = {}
    for selector in selectors:
        for rule in registry.resolve(selector, plugins):
            is_exact = selector in (rule.code, rule.name)
            level = _EXACT if is_exact else _BROADEST if selector == registry.ALL else len(selector)
            specificity[rule.code] = max(level, specificity.get(rule.code, _BROADEST))
    return specificity


@cache
def _patterns(glob: str) -> Patterns:
    return Patterns([glob])
