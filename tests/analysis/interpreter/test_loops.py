"""Loops over unknown items: an iteration sees what the ones before it have left."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.oracle.judge import judge

BODIES = {
    "a name that was None": """
if last is None:
    run.log({"first": 1})
else:
    run.log({"later": 1})
last = item
""",
    "a name that held a text": """
run.log({f"{stage}/seen": 1})
stage = item
""",
    "a name that held a number": """
if number > 0:
    run.log({"positive": 1})
number = len(item)
""",
    "a flag": """
if is_warm:
    run.log({"warm": 1})
is_warm = bool(item)
""",
    "an attribute that was None": """
if state.last is None:
    run.log({"first": 1})
else:
    run.log({"later": 1})
state.last = item
""",
    "a list that was empty": """
if state.items:
    run.log({"some": 1})
state.items.append(item)
""",
    "an entry of a dictionary": """
if state.row:
    run.log(state.row)
state.row[f"of {item}"] = 1
""",
    "a name in two steps": """
run.log({f"{stage}/seen": 1})
stage = stage_after
stage_after = item
""",
}


@pytest.mark.parametrize("kind", BODIES)
def test_what_an_iteration_leaves_is_seen_by_the_next(kind: str) -> None:
    train = f"""
import random
import wandb

class State:
    def __init__(self):
        self.last, self.items, self.row = None, [], {{}}

run = wandb.init()
state = State()
last, stage, stage_after, number, is_warm = None, "warm-up", "middle", 0, False
for item in random.Random(3).sample(["a", "b", "c", "d"], 4):
{indent(BODIES[kind], "    ")}
run.finish()
"""
    assert judge({"train.py": train}).failures == []
