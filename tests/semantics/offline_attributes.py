"""A program that assigns to every property of a run, offline, and prints what happens as JSON."""

from __future__ import annotations

import json

import wandb
from wandb.sdk.wandb_run import Run


def outcome(name: str, value: object) -> str:
    """What an assignment to an attribute of a new run does."""
    with wandb.init() as run:
        try:
            setattr(run, name, value)
        except Exception as error:
            return type(error).__name__
    return "ok"


def changed(first: object, second: object) -> str:
    """What a second value of a key of the config does."""
    with wandb.init(config={"key": first}) as run:
        try:
            run.config["key"] = second
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
    }
    print(json.dumps(answer))
