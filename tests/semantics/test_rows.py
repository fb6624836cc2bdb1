"""What `semantics.rows` says of log calls is what the installed wandb does with them."""

from __future__ import annotations

from wandblint.semantics.rows import Rows

from . import studies
from .conftest import Recorded


def test_a_call_is_kept_in_the_row_that_is_counted(recorded: Recorded) -> None:
    rows = Rows()
    expected: dict[str, int] = {}
    for number, arguments in enumerate(studies.log_calls()):
        step = arguments.get("step")
        row = rows.current if step is None else step
        if rows.log(step, commit=arguments["commit"]):
            expected[f"call {number}"] = row
    kept = {key: step for key, step in recorded.steps["rows"].items() if key.startswith("call ")}
    assert kept == expected
    assert 0.1 < 1 - len(kept) / len(studies.log_calls()) < 0.9, "the calls try both"


def test_the_calls_try_every_kind() -> None:
    kinds = {("step" in call, call["commit"]) for call in studies.log_calls()}
    assert kinds == {(with_step, commit) for with_step in (True, False) for commit in (None, True, False)}
