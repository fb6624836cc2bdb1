"""Assignments to a run and to its config, against the installed wandb."""

from __future__ import annotations

from pathlib import Path

from wandblint.semantics import api

from .offline import answer


def test_assignments(tmp_path: Path) -> None:
    outcomes = answer("offline_attributes.py", tmp_path)
    properties = outcomes["properties"]
    assert {name for name, outcome in properties.items() if outcome != "ok"} == api.READ_ONLY_ATTRIBUTES
    assert {name for name, outcome in properties.items() if outcome == "ok"} == api.ASSIGNABLE_ATTRIBUTES
    assert properties.keys() == api.RUN_DATA | {"config"}
    assert outcomes["logging"] == []
    assert outcomes["config"] == {}
    assert outcomes["changes"] == ["ok", "ConfigError", "ok"]
    assert outcomes["disabled changes"] == "ConfigError"
    assert outcomes["after finish"] == [1, "KeyError", None, [], "KeyError"]
