"""The settings as a JSON Schema for editors, derived from their types."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

import msgspec

from wandblint.app import registry
from wandblint.app.settings import SETTINGS
from wandblint.findings.finding import Severity
from wandblint.rule import SEVERITY, OptionValue, Rule

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def settings_schema() -> dict[str, Any]:
    """The schema of `[tool.wandblint]` and of a wandblint.toml.

    It checks all options of the built-in rules, but only the severity of rules from other packs.
    """
    properties = {name.replace("_", "-"): _property(hint) for name, hint in SETTINGS.items()}
    properties["rules"] = {
        "type": "object",
        "description": "a table of rules, each with a table of its options",
        "properties": {rule.name: _options(rule) for rule in registry.rules()},
        "additionalProperties": {"type": "object", "properties": {SEVERITY: _severity()}},
    }
    properties["extend"] = {"type": "string", "description": "the settings file that this file extends"}
    return {
        "$schema": DRAFT,
        "title": "Settings of wandblint",
        "type": "object",
        "properties": dict(sorted(properties.items())),
        "additionalProperties": False,
    }


def _property(hint: object) -> dict[str, Any]:
    assert get_origin(hint) is Annotated, "each setting describes its allowed values"
    kind, description = get_args(hint)
    schema = msgspec.json.schema(kind)
    # TOML has no null: an unset value is absent.
    (schema,) = [option for option in schema.pop("anyOf", [schema]) if option != {"type": "null"}]
    return {**schema, "description": description}


def _options(rule: Rule) -> dict[str, Any]:
    return {
        "type": "object",
        "description": f"{rule.code}: {rule.summary}",
        "properties": {
            SEVERITY: {**_severity(), "default": rule.severity.value},
            **{name: _option(value) for name, value in rule.options.items()},
        },
        "additionalProperties": False,
    }


def _severity() -> dict[str, Any]:
    return {"enum": [severity.value for severity in Severity], "description": "how severe its findings are"}


def _option(value: OptionValue) -> dict[str, Any]:
    return {**msgspec.json.schema(list[str] if isinstance(value, list) else type(value)), "default": value}
