"""`semantics.rows` against the installed wandb."""

from __future__ import annotations

from wandblint.semantics.rows import Rows

from . import studies
from .conftest import Recorded


def test_a_call_is_recorded_in_the_predicted_row(recorded: Recorded) -> None:
    rows = Rows()
    expected: dict[str, int] = {}
    for number, arguments in enumerate(studies.log_calls()):
        step = arguments.get("step")
        row = rows.current if step is None else step
        if rows.log(step, commit=arguments["commit"]):
            expected[f"call {number}"] = row
    recorded_steps = {key: step for key, step in recorded.steps["rows"].items() if key.startswith("call ")}
    assert recorded_steps == expected
    assert 0.1 < 1 - len(recorded_steps) / len(studies.log_calls()) < 0.9, (
        "some calls are dropped and some are not"
    )


def test_the_calls_cover_every_kind() -> None:
    kinds = {("step" in call, call["commit"]) for call in studies.log_calls()}
    assert kinds == {(with_step, commit) for with_step in (True, False) for commit in (None, True, False)}
