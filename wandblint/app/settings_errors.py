"""Errors of settings: each is one line that names the place, the key, its value and the allowed values."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from wandblint.findings.finding import Severity
from wandblint.infra.words import did_you_mean
from wandblint.rule import SEVERITY, Rule

KINDS: dict[type, str] = {
    Severity: '"error", "warning" or "note"',
    bool: "true or false",
    int: "a whole number",
    str: "a string",
    list: "a list of strings",
}
"""The allowed values of an option of a rule, by the type of its default."""


class SettingsError(Exception):
    """Invalid settings; the message names the file, the key, its value and the allowed values."""


class UnreadableSettingsError(SettingsError):
    """A settings file that cannot be read, or not as TOML: nothing that it says is known."""


class Origin(msgspec.Struct, frozen=True):
    """Where settings come from; `name` is what messages call it: a file, or the command line."""

    name: str

    def error(self, message: str) -> SettingsError:
        """An error of these settings."""
        return SettingsError(f"{self.name}: {message}")

    def bad(self, key: str, value: object, allowed: str) -> SettingsError:
        """The error of a value that is not allowed."""
        return self.error(f"`{key}` is {toml(value)}, but must be {allowed}")

    def check_option(self, rule: Rule, option: str, value: object) -> None:
        """Checks an option of a rule. Raises `SettingsError`."""
        key = f"rules.{rule.name}.{option}"
        known = {SEVERITY: rule.severity, **rule.options}
        if option not in known:
            hint = did_you_mean(option.replace("_", "-"), known)
            raise self.error(
                f"`{key}`: {rule.code} has no such option; its options are {_quoted(known)}{hint}"
            )
        default = known[option]
        expected = list[str] if isinstance(default, list) else type(default)
        try:
            msgspec.convert(value, expected)
        except msgspec.ValidationError:
            raise self.bad(key, value, KINDS[type(default)]) from None


def toml(value: object) -> str:
    """A value roughly as in a settings file."""
    try:
        return msgspec.json.encode(value).decode()
    except ValueError:  # Python does not print a longer one
        return "a number with too many digits"
    except (TypeError, msgspec.MsgspecError):
        return str(value)


def shown(file: Path) -> str:
    """A path, relative to the working folder if it is inside."""
    path, here = os.path.abspath(file), os.path.join(os.getcwd(), "")
    return Path(path.removeprefix(here)).as_posix()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
