"""A program that assigns to every property of a run, offline, and prints what happens as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import wandb
from wandb.sdk.lib.config_util import ConfigError
from wandb.sdk.wandb_run import Run


def outcome(name: str, value: object) -> str:
    """What an assignment to an attribute of a new run does."""
    with wandb.init() as run:
        try:
            setattr(run, name, value)
        except Exception as error:
            return type(error).__name__
    return "ok"


def changed(first: object, second: object, mode: Literal["offline", "disabled"] = "offline") -> str:
    """What a second value of a key of the config does."""
    with wandb.init(config={"key": first}, mode=mode) as run:
        try:
            run.config["key"] = second
        except ConfigError as error:
            return type(error).__name__
    return "ok"


def after_finish() -> list[object]:
    """What reading a config and a summary yields after the end of their run, and `in` before it."""
    with wandb.init(config={"lr": 1}) as run:
        summary: Any = run.summary
        summary["best"] = 1
        contains = error_of(lambda: "best" in summary)
    item = error_of(lambda: summary["best"])
    return [run.config["lr"], item, summary.get("best"), summary.keys(), contains]


def error_of(action: Callable[[], object]) -> str:
    """The error that an action raises."""
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "ok"


def config_after_assignment() -> dict[str, object]:
    """The config of a run after `wandb.config = {...}`."""
    run = wandb.init()
    wandb.config = {"lr": 1}  # type: ignore[assignment]
    run.finish()
    return dict(run.config)


def can_log(name: str) -> bool:
    """Whether the value of a property has a public method that a run logs with, or is such a method."""
    with wandb.init() as run:
        value = getattr(run, name)
        return callable(value) or any(
            hasattr(value, method) for method in ("log", "define_metric", "finish", "watch", "log_artifact")
        )


if __name__ == "__main__":
    properties = [name for name, value in vars(Run).items() if isinstance(value, property) and name[0] != "_"]
    answer = {
        "properties": {name: outcome(name, ("x",) if name == "tags" else "x") for name in properties},
        "logging": [name for name in properties if can_log(name)],
        "config": config_after_assignment(),
        "changes": [changed(0.1, 0.1), changed(0.1, 0.2), changed(1, 1.0)],
        "disabled changes": changed(0.1, 0.2, "disabled"),
        "after finish": after_finish(),
    }
    print(json.dumps(answer))
