"""Calls that are not followed, because they recur or are too long: what they may change and log is open."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.oracle.judge import judge

WORK = "\n".join(f"    number_{line} = {line}" for line in range(1100))
"""Too long for a function of a file that does not mention wandb."""

TOO_LONG = {
    "a list of the module": f"""
ROWS = []

def build():
{WORK}
    ROWS.append({{"late": 1}})

def rows(log):
    build()
    return ROWS
""",
    "a global": f"""
NAME = "early"

def rename():
    global NAME
{WORK}
    NAME = "late"

def rows(log):
    rename()
    return [{{NAME: 1}}]
""",
    "an attribute": f"""
class Namer:
    def __init__(self):
        self.name = "early"

    def rename(self):
{indent(WORK, "    ")}
        self.name = "late"

def rows(log):
    namer = Namer()
    namer.rename()
    return [{{namer.name: 1}}]
""",
    "an attribute of the class, by setattr": f"""
class Namer:
    name = "early"

    def rename(self):
{indent(WORK, "    ")}
        setattr(self, "na" + "me", "late")

def rows(log):
    namer = Namer()
    namer.rename()
    return [{{namer.name: 1}}]
""",
    "an attribute of the class, by __dict__": f"""
class Namer:
    name = "early"

    def rename(self):
{indent(WORK, "    ")}
        self.__dict__.update(name="late")

def rows(log):
    namer = Namer()
    namer.rename()
    return [{{namer.name: 1}}]
""",
    "a list in an attribute": f"""
class Rows:
    def __init__(self):
        self.rows = []

    def fill(self):
{indent(WORK, "    ")}
        self.rows.append({{"late": 1}})

def rows(log):
    table = Rows()
    table.fill()
    return table.rows
""",
    "a variable around it": f"""
def rows(log):
    name = "early"
    def rename():
        nonlocal name
{indent(WORK, "    ")}
        name = "late"
    rename()
    return [{{name: 1}}]
""",
    "a default value": f"""
def keep(row, rows=[]):
{WORK}
    rows.append(row)
    return rows

def rows(log):
    keep({{"late": 1}})
    return keep({{}})
""",
    "a function around it logs": f"""
def rows(log):
    def send(row):
        log(row)
    def work():
{indent(WORK, "    ")}
        send({{"late": 1}})
    work()
    return []
""",
}
RECURSIVE = {
    "a dictionary that it gets": """
def walk(number, row):
    if number:
        row[f"key{number}"] = 1
        walk(number - 1, row)

def rows(log):
    row = {}
    walk(6, row)
    return [row]
""",
    "a function that it gets": """
def walk(number, send):
    if number:
        send({f"key{number}": 1})
        walk(number - 1, send)

def rows(log):
    walk(6, log)
    return []
""",
    "a list around it": """
def rows(log):
    found = []
    def walk(number):
        if number:
            found.append({f"key{number}": 1})
            walk(number - 1)
    walk(6)
    return found
""",
    "a callback that escapes while it runs": """
from somewhere import call

def rows(log):
    def walk(number):
        log({f"key{number}": 1})
        call(walk)
    call(walk)
    return []
""",
}


@pytest.mark.parametrize("helper", [*TOO_LONG.values(), *RECURSIVE.values()], ids=[*TOO_LONG, *RECURSIVE])
def test_what_it_changes_is_open(helper: str) -> None:
    train = """
import wandb
from helper import rows

run = wandb.init()
for row in rows(run.log):
    run.log(row)
run.finish()
"""
    somewhere = """
calls = []

def call(function):
    calls.append(function)
    if len(calls) < 4:
        function(len(calls))
"""
    verdict = judge({"train.py": train, "helper.py": helper, "somewhere.py": somewhere})
    assert verdict.failures == []
    assert not verdict.is_closed


def test_a_list_of_a_third_file() -> None:
    train = """
import wandb
from helper import fill
from table import ROWS

run = wandb.init()
fill()
for row in ROWS:
    run.log(row)
run.finish()
"""
    helper = "from table import add\n\ndef fill():\n    add({'late': 1})\n"
    table = "ROWS = []\n\ndef add(row):\n    ROWS.append(row)\n"
    verdict = judge({"train.py": train, "helper.py": helper, "table.py": table})
    assert verdict.failures == []


def _is_closed_after(method: str) -> bool:
    train = f"""
import wandb

class Namer:
    def __init__(self):
        self.name = "early"

    def walk(self, number):
        if number:
            {method}
            self.walk(number - 1)

run = wandb.init()
namer = Namer()
namer.walk(6)
run.log({{namer.name: 1}})
run.finish()
"""
    verdict = judge({"train.py": train})
    assert verdict.failures == []
    return verdict.is_closed


def test_only_a_named_constructor_changes_an_object_that_exists() -> None:
    assert _is_closed_after("Namer()")
    assert not _is_closed_after("self.__init__()")


def test_the_result_may_be_the_receiver() -> None:
    train = """
import wandb
from helper import Rows

run = wandb.init()
Rows(run.log).begin().send()
run.finish()
"""
    helper = f"""
class Rows:
    def __init__(self, log):
        self.log = log

    def begin(self):
{indent(WORK, "    ")}
        return self

    def send(self):
        self.log({{"late": 1}})
"""
    assert judge({"train.py": train, "helper.py": helper}).failures == []
