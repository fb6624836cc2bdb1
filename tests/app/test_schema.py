"""The JSON Schema of the settings accepts what the settings accept, and rejects what they reject."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for

from wandblint.app.schema import settings_schema
from wandblint.app.settings import load
from wandblint.app.settings_errors import SettingsError
from wandblint.sources.toml import parse_toml

ROOT = Path(__file__).parents[2]


def is_valid(settings: dict[str, Any]) -> bool:
    schema = settings_schema()
    validator = validator_for(schema)
    validator.check_schema(schema)
    return bool(validator(schema).is_valid(settings))


def test_the_published_schema_is_generated_from_the_code() -> None:
    assert json.loads((ROOT / "docs" / "settings.schema.json").read_text("utf-8")) == settings_schema()


def test_the_settings_of_the_readme_are_valid() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert is_valid(parse_toml(block.encode())["tool"]["wandblint"])


@pytest.mark.parametrize(
    ("settings", "valid"),
    [
        ("", True),
        ('select = ["ALL"]\nbaseline = "known.json"', True),
        ("include-markdown = true\nrespect-gitignore = false", True),
        ("rules.metric-not-covered.strict = true", True),
        ('selct = ["ALL"]', False),
        ("include_markdown = true", False),
        ('select = "ALL"', False),
        ("wandb-version = 1", False),
        ("plugins = [1]", False),
        ('per-file-ignores = { "a.py" = "WB101" }', False),
        ("rules.metric-not-covered.strict = 1", False),
        ("rules.metric-not-covered.strikt = true", False),
        ('rules.reinit-bool.severity = "note"', True),
        ('rules.metric-not-covered = { strict = true, severity = "error" }', True),
        ('rules.reinit-bool.severity = "info"', False),
        ("rules.reinit-bool.severity = 1", False),
        ("extend = 1", False),
    ],
)
def test_the_schema_and_the_settings_agree(tmp_path: Path, settings: str, valid: bool) -> None:
    assert is_valid(parse_toml(settings.encode())) is valid
    (tmp_path / "wandblint.toml").write_text(settings, encoding="utf-8")
    if valid:
        load(tmp_path)
    else:
        with pytest.raises(SettingsError):
            load(tmp_path)
