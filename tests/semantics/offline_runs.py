"""A program that runs requested studies with the installed wandb, offline, and reports the results.

It runs in a separate process, because a log is complete only after its process has ended. It reads its
requests as JSON from stdin and prints its answer as JSON on the last line of stdout.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import wandb


def quiet() -> wandb.Settings:
    """Settings for a quick run; new ones each time, because init writes its arguments into them."""
    return wandb.Settings(
        console="off", x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True
    )


def record(study: dict[str, Any]) -> None:
    """Records one run: definitions, then rows."""
    run = wandb.init(id=study["id"], settings=quiet())
    for name, arguments in study["definitions"]:
        run.define_metric(name, **arguments)
    for key, value in study.get("summary", {}).items():
        run.summary[key] = value
    for key, value in study.get("config", {}).items():
        run.config[key] = value
    for row in study["rows"]:
        run.log({key: media(value) for key, value in row.items()})
    for number, arguments in enumerate(study.get("calls", [])):
        run.log({f"call {number}": 1}, **arguments)
    run.finish()


def media(value: object) -> object:
    """A value of JSON, or media or an array where the request asks for them."""
    if isinstance(value, str) and value.startswith("ARRAY "):
        import numpy  # noqa: PLC0415 (only asked for where it is installed)

        return numpy.zeros(int(value.removeprefix("ARRAY ")))
    return wandb.Html("<b>bold</b>") if value == "MEDIA" else value


def second_init(reinit: Any) -> str:
    """What a second init does to the active run."""
    first = wandb.init(config={"lr": 1}, settings=quiet())
    try:
        second = wandb.init(config={"lr": 2}, reinit=reinit, settings=quiet())
    except Exception as error:
        first.finish()
        return type(error).__name__
    try:
        first.log({"loss": 1})
    except wandb.errors.UsageError:
        result = "FINISHES_PREVIOUS"
    else:
        result = "RETURNS_PREVIOUS" if second is first else "CREATES_NEW"
        assert first.config["lr"] == 1, "the new config is ignored"
        assert wandb.run is first
    second.finish()
    first.finish()
    return result


def disabled() -> str:
    """The folder of a disabled run, which accepts a definition that any other run refuses."""
    with wandb.init(mode="disabled") as run:
        run.define_metric("a/*/b")
        run.log({"loss": 1}, step=-1)
        return str(run.dir)


if __name__ == "__main__":
    requests = json.load(sys.stdin)
    for study in requests["studies"]:
        record(study)
    answer = {"second_init": [second_init(value) for value in requests["reinit"]], "disabled": disabled()}
    print(json.dumps(answer))
