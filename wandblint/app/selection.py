"""Which rules are on, for the project and for a file."""

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
    """The rules that the settings select, with the severities that they give, in the order of their codes.

    The more specific selector wins (a name or code, then the longer prefix, then `ALL` and the default); of
    two equal ones `ignore` does. Raises `UnknownRuleError` where a selector selects nothing, `PackError`
    where a rule pack cannot be used.
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
    """The codes whose notes are asked for: notes of the default rules are not reported."""
    return frozenset(_specificity([*settings.select, *settings.extend_select], settings.plugins))


def ignored_codes(settings: Settings, name: str) -> frozenset[str]:
    """The codes that `per-file-ignores` switches off in a file."""
    return frozenset(
        rule.code
        for glob, selectors in settings.per_file_ignores.items()
        if _patterns(glob).apply(name)
        for selector in selectors
        for rule in registry.resolve(selector, settings.plugins)
    )


def _specificity(selectors: Iterable[str], plugins: Iterable[str]) -> dict[str, int]:
    """How specific the most specific selector of each selected code is."""
    found: dict[str, int] = {}
    for selector in selectors:
        for rule in registry.resolve(selector, plugins):
            exact = selector in (rule.code, rule.name)
            specific = _EXACT if exact else _BROADEST if selector == registry.ALL else len(selector)
            found[rule.code] = max(specific, found.get(rule.code, _BROADEST))
    return found


@cache
def _patterns(glob: str) -> Patterns:
    return Patterns([glob])
