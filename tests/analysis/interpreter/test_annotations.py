"""Annotations: what is unknown has the class that the code says, and no more than that."""

from __future__ import annotations

import pytest

from tests.analysis.projects import model_of
from tests.oracle.judge import judge

TRACKER = """
import wandb

class Tracker:
    def __init__(self, name="first"):
        self.name = name
        self.seen = 0

    def update(self, key):
        wandb.log({key: 1})

    def count(self):
        self.seen += 1
        wandb.log({self.name: 1}, step=self.seen)

class Renaming(Tracker):
    def update(self, key):
        wandb.log({"epoch": 1})

class Other:
    def update(self, key):
        self.key = key
"""

SOMEWHERE = """
from tracker import Other, Renaming, Tracker

def tracker(name="first"):
    return Tracker(name)

def renaming():
    return Renaming()

def other():
    return Other()

def nothing():
    return None
"""
"""A module whose functions are called by a name that is not known."""

TRAIN = """
import dataclasses
import sys
from typing import Annotated, Optional, Union

import somewhere
import wandb
from tracker import Other, Tracker

unseen = sys.modules["somewhere"]
run = wandb.init()
run.define_metric("loss", step_metric="epoch")
{body}
run.finish()
"""

PUT = '.update("loss")\n'
PLACES = {
    "a variable": f"t: Tracker = unseen.tracker()\nt{PUT}",
    "a text": f"t: 'Tracker' = unseen.tracker()\nt{PUT}",
    "a parameter": f"def put(t: Tracker):\n    t{PUT}put(unseen.tracker())\n",
    "a keyword": f"def put(*, t: Tracker):\n    t{PUT}put(t=unseen.tracker())\n",
    "an optional parameter": (
        f"def put(t: Optional[Tracker] = None):\n    if t is not None:\n        t{PUT}put(unseen.tracker())\n"
    ),
    "one of several": f"t: Union[Tracker, Other] = unseen.tracker()\nt{PUT}",
    "a type with a remark": f"t: Annotated[Tracker, 'any'] = unseen.tracker()\nt{PUT}",
    "an attribute": (
        "class Holder:\n    def __init__(self, t):\n        self.t: Tracker = t\n"
        f"Holder(unseen.tracker()).t{PUT}"
    ),
    "an attribute that the class annotates": (
        "class Holder:\n    t: Tracker\n    def __init__(self, t):\n        self.t = t\n"
        f"Holder(unseen.tracker()).t{PUT}"
    ),
    "a field": (f"@dataclasses.dataclass\nclass Holder:\n    t: Tracker\nHolder(unseen.tracker()).t{PUT}"),
    "a result": f"def make() -> Tracker:\n    return unseen.tracker()\nmake(){PUT}",
}
"""Programs that log through a value whose class only an annotation says."""

LIMITS = {
    "an instance of a subclass": f"t: Tracker = unseen.renaming()\nt{PUT}",
    "an instance of the other class": f"t: Union[Tracker, Other] = unseen.other()\nt{PUT}",
    "one of three types": f"t: Tracker | None | int = unseen.tracker()\nt{PUT}",
    "None": f"t: Optional[Tracker] = unseen.nothing()\nif t is not None:\n    t{PUT}",
    "None in the other branch": (
        "t: Optional[Tracker] = unseen.nothing()\nif t is None:\n    run.log({'epoch': 1, 'loss': 1})\n"
    ),
    "a list": f"ts: list[Tracker] = [unseen.tracker()]\nfor t in ts:\n    t{PUT}",
    "an unknown list": (
        f"def put(ts: list[Tracker]):\n    for t in ts:\n        t{PUT}put(list(map(unseen.tracker, 'ab')))\n"
    ),
    "the class itself": f"c: type[Tracker] = type(unseen.renaming())\nc(){PUT}",
    "two instances": (
        "a: Tracker = unseen.tracker()\nb: Tracker = unseen.tracker()\n"
        "a.name = 'loss'\nb.name = 'epoch'\na.count()\n"
    ),
    "a counter of each": (
        "a: Tracker = unseen.tracker('loss')\nb: Tracker = unseen.tracker('loss')\n"
        "for i in range(3):\n    a.count()\n"
        "c: Tracker = unseen.tracker('more')\nfor i in range(9):\n    c.count()\n"
    ),
    "a counter of another instance": (
        "a: Tracker = unseen.tracker('loss')\nb: Tracker = unseen.tracker('loss')\n"
        "for i in range(3):\n    a.count()\n    b.seen = 0\n"
    ),
    "instances of two classes": (
        "a: Tracker = unseen.tracker()\nb: Tracker = unseen.renaming()\na.update('loss')\nb.update('loss')\n"
    ),
    "instances in a list": (
        "ts = []\nfor n in range(3):\n    t: Tracker = unseen.tracker(f'key {n}')\n    ts.append(t)\n"
        "for t in ts:\n    t.update(t.name)\n"
    ),
    "an attribute of two instances": (
        "class Holder:\n    t: Tracker\n    def __init__(self, t):\n        self.t = t\n"
        "a, b = Holder(unseen.tracker()), Holder(unseen.renaming())\na.t.name = 'loss'\nb.t.name = 'epoch'\n"
        "run.log({a.t.name: 1, b.t.name: 2})\n"
    ),
    "a name that is bound again": f"t: Tracker = unseen.tracker()\nt = unseen.renaming()\nt{PUT}",
    "an optional result": (
        f"def make() -> Optional[Tracker]:\n    return unseen.nothing()\nt = make()\nif t:\n    t{PUT}"
        "else:\n    run.log({'epoch': 1, 'loss': 1})\n"
    ),
}
"""Programs whose annotations say less than a class."""


def _files(body: str) -> dict[str, str]:
    return {"train.py": TRAIN.format(body=body), "tracker.py": TRACKER, "somewhere.py": SOMEWHERE}


@pytest.mark.parametrize("place", PLACES)
def test_the_method_is_that_of_the_class(place: str) -> None:
    files = _files(PLACES[place])
    assert not (verdict := judge(files)).is_wrong, verdict.failures
    model = model_of(files)
    script = next(
        number for number, at in model.entry_points.items() if (at.path, at.name) == ("train.py", "")
    )
    keys = {str(key.name) for call in model.log_calls if call.entry_id == script for key in call.keys}
    assert "loss" in keys


@pytest.mark.parametrize("limit", LIMITS)
def test_nothing_false_is_said_of(limit: str) -> None:
    assert not (verdict := judge(_files(LIMITS[limit]))).is_wrong, verdict.failures


@pytest.mark.parametrize(
    ("parameter", "logged"),
    [
        ("step: int", {"given"}),
        ("step: 'int'", {"given", "none"}),
        ("step: int = None", {"given", "none"}),
        ("step: int | None", {"given", "none"}),
        ("step: Steps", {"given", "none"}),
        ("step", {"given", "none"}),
    ],
)
def test_a_number_that_an_unseen_caller_gives_is_not_none(parameter: str, logged: set[str]) -> None:
    model = model_of(
        {
            "hook.py": f"""
                import wandb
                def on_step({parameter}):
                    if step is None:
                        wandb.log({{"none": 1}})
                    else:
                        wandb.log({{"given": 1}})
            """
        }
    )

    assert {str(key.name) for call in model.log_calls for key in call.keys} == logged
