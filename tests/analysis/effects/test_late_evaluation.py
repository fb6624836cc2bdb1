"""Thunks are evaluated when their result is needed, but with the objects and variables of their creation."""

from __future__ import annotations

import pytest

from tests.oracle.judge import judge

HELPER = """
class T:
    def __init__(self):
        self.name = "c"
        self.rows = {}
        self.items = []
    def get(self):
        return self.name
    def row(self):
        return dict(self.rows)
    def both(self):
        return self.name, dict(self.rows)
def get(t):
    return t.name
def copied(row):
    return dict(row)
def copied_by_comprehension(row):
    return {f"x{k}": v for k, v in row.items()}
def first(items):
    return items[0]
def merged(items):
    found = {}
    for item in items:
        found.update(item)
    return found
def make():
    t = T()
    t.name = "m"
    return t

NAME = "c"

def named():
    return {NAME: 1}
"""

PROGRAMS = {
    "attribute by method": """
t = T()
t.name = "a"
x = t.get()
t.name = "b"
run.log({x: 1})
""",
    "attribute by function": """
t = T()
t.name = "a"
x = get(t)
t.name = "b"
run.log({x: 1})
""",
    "dict copy": """
row = {"a": 1}
x = copied(row)
row["late"] = 1
run.log(x)
""",
    "dict comprehension": """
row = {"a": 1}
x = copied_by_comprehension(row)
row["late"] = 1
run.log(x)
""",
    "dict cleared": """
row = {"a": 1}
x = copied(row)
row.clear()
run.log(x)
""",
    "dict pop": """
row = {"a": 1}
x = copied(row)
row.pop("a")
run.log(x)
""",
    "list first": """
items = [{"a": 1}]
x = first(items)
items[0] = {"b": 1}
run.log(x)
""",
    "list cleared": """
items = [{"a": 1}]
x = merged(items)
items.clear()
run.log(x)
""",
    "list append": """
items = [{"a": 1}]
x = merged(items)
items.append({"late": 1})
run.log(x)
""",
    "attribute dict": """
t = T()
t.rows["a"] = 1
x = t.row()
t.rows["late"] = 1
run.log(x)
""",
    "attribute dict replaced": """
t = T()
t.rows["a"] = 1
x = t.row()
t.rows = {"late": 1}
run.log(x)
""",
    "tuple": """
t = T()
t.name = "n"
t.rows["a"] = 1
n, x = t.both()
t.rows = {"late": 1}
t.name = "z"
run.log(x)
run.log({n: 1})
""",
    "attribute of result": """
t = make()
x = t.name
t.name = "b"
run.log({x: 1})
""",
    "global of script": """
name = "a"
def f():
    return {name: 1}
x = f()
name = "b"
run.log(x)
""",
    "global of script by helper": """
name = "a"
def f():
    return {name: 1}
def g():
    return f()
x = g()
name = "b"
run.log(x)
""",
    "closure": """
def outer():
    name = "a"
    def f():
        return {name: 1}
    x = f()
    name = "b"
    run.log(x)
outer()
""",
    "closure of closure": """
def outer():
    name = "a"
    def g():
        def f():
            return {name: 1}
        return f()
    x = g()
    name = "b"
    run.log(x)
outer()
""",
    "global of helper": """
import helper
helper.NAME = "a"
x = helper.named()
helper.NAME = "b"
run.log(x)
""",
    "class attribute": """
T.kind = "a"
def f():
    return {T.kind: 1}
x = f()
T.kind = "b"
run.log(x)
""",
    "lambda": """
row = {"a": 1}
f = lambda r: dict(r)
x = f(row)
row["late"] = 1
run.log(x)
""",
    "nested thunks": """
def g(t):
    u = T()
    u.name = t.name
    x = u.get()
    u.name = "late"
    return {x: 1}
t = T()
x = g(t)
t.name = "d"
run.log(x)
""",
    "loop": """
t = T()
xs = []
for n in ("a", "b"):
    t.name = n
    xs.append(t.get())
for x in xs:
    run.log({x: 1})
""",
    "f string": """
t = T()
t.name = "a"
x = f"{get(t)}/x"
t.name = "b"
run.log({x: 1})
""",
    "item of result": """
def pair(t):
    return [t.name, 1]
t = T()
t.name = "a"
x = pair(t)[0]
t.name = "b"
run.log({x: 1})
""",
    "branch": """
import sys
t = T()
t.name = "a"
x = t.get()
if len(sys.argv) < 99:
    t.name = "b"
run.log({x: 1})
run.log({t.name: 1})
""",
    "swap": """
a, b = T(), T()
a.name, b.name = "a", "b"
x, y = get(a), get(b)
a.name, b.name = y, x
run.log({a.name + "1": 1, b.name + "2": 1})
""",
    "global rebound by function": """
name = "a"
def f():
    return {name: 1}
def rebind():
    global name
    name = "b"
x = f()
rebind()
run.log(x)
""",
    "instance keeps": """
class K:
    def __init__(self, t):
        self.n = t.name
t = T()
t.name = "a"
k = K(t)
t.name = "b"
run.log({k.n: 1})
""",
    "replaced list": """
xs = ["a"]
def f():
    return {xs[0]: 1}
x = f()
xs = ["b"]
run.log(x)
""",
    "changed list": """
xs = ["a"]
def f():
    return {xs[0]: 1}
x = f()
xs[0] = "b"
run.log(x)
""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_later_change_is_not_seen(program: str) -> None:
    train = f"import wandb\nfrom helper import *\n\nrun = wandb.init()\n{program}\nrun.finish()\n"
    verdict = judge({"train.py": train, "helper.py": HELPER})
    assert verdict.failures == []
    assert verdict.is_closed
