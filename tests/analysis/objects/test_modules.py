"""Modules that are chosen when the code runs."""

from __future__ import annotations

import pytest

from tests.analysis.projects import keys_of, script

TASK = "def train(run):\n    run.log({'KEY': 1})\n"
FILES = {
    "tasks/__init__.py": "import importlib\n",
    "tasks/a.py": TASK.replace("KEY", "a"),
    "tasks/b.py": TASK.replace("KEY", "b"),
    "tasks/deep/__init__.py": "",
    "tasks/deep/c.py": TASK.replace("KEY", "c"),
    "tasks/tools.py": "def helper():\n    return 1\n",
    "other/d.py": TASK.replace("KEY", "d"),
}

ONE_OF_THEM = {
    "a text with a hole": 'importlib.import_module(f"tasks.{args[1]}").train(run)',
    "a sum": 'importlib.import_module("tasks." + args[1]).train(run)',
    "format": 'importlib.import_module("tasks.{}".format(args[1])).train(run)',
    "a relative name": 'importlib.import_module(f".{args[1]}", package="tasks").train(run)',
    "getattr": 'getattr(importlib.import_module(f"tasks.{args[1]}"), "train")(run)',
}

OPEN = {
    "any module": "importlib.import_module(args[1]).train(run)",
    "any module of a kind": 'importlib.import_module(f"plugin_{args[1]}").train(run)',
    "a package that the project does not have": 'importlib.import_module(f"company.{args[1]}").train(run)',
    "an unknown package": 'importlib.import_module(f".{args[1]}", package=args[2]).train(run)',
    "a part above": 'importlib.import_module(f"..{args[1]}", package="tasks").train(run)',
}


def started(body: str) -> str:
    return script(f"import importlib\nimport sys\nargs = sys.argv\n{body}\n")


@pytest.mark.parametrize("name", ONE_OF_THEM)
def test_one_of_the_modules_that_match(name: str) -> None:
    assert keys_of({**FILES, "train.py": started(ONE_OF_THEM[name])}) == {"a", "b", "c"}


@pytest.mark.parametrize("name", OPEN)
def test_any_module(name: str) -> None:
    keys = keys_of({**FILES, "train.py": started(OPEN[name])})
    assert keys == set() or "..." in keys


def test_a_suffix_narrows_the_choice() -> None:
    body = 'importlib.import_module(f"tasks.{args[1]}.c").train(run)'
    assert keys_of({**FILES, "train.py": started(body)}) == {"c"}


def test_a_package_chooses_among_its_own_modules() -> None:
    load = "import importlib\ndef load(name):\n    return importlib.import_module(NAME)\n"
    for name in ('f"{__name__}.{name}"', 'f".{name}", __name__', 'f".{name}", __package__'):
        files = {**FILES, "tasks/__init__.py": load.replace("NAME", name)}
        body = "import tasks\ntasks.load(args[1]).train(run)"
        assert keys_of({**files, "train.py": started(body)}) == {"a", "b", "c"}


def test_the_module_of_a_function_and_of_a_class() -> None:
    for thing in ("def f():\n    pass", "class f:\n    pass"):
        body = f"{thing}\ndef train(run):\n    run.log({{'a': 1}})\n"
        body += "importlib.import_module(f.__module__).train(run)"
        assert keys_of({"train.py": started(body)}) == {"a"}


def test_too_many_modules_are_any_module() -> None:
    files = {f"tasks/m{number}.py": TASK.replace("KEY", f"k{number}") for number in range(60)}
    keys = keys_of({**files, "train.py": started('importlib.import_module(f"tasks.{args[1]}").train(run)')})
    assert keys == set()
