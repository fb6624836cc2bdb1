"""What is not seen escapes: the exemptions, each with what it means, and the defaults beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from tests.analysis.effects.exemptions import (
    BASE_MODULES,
    BINDINGS,
    DICT_METHODS,
    ENDING,
    GIVES_METHOD,
    HANDLERS,
    INERT_VALUES,
    ITEMS,
    JOBS,
    KINDS,
    LIST_METHODS,
    LOG_ITEMS,
    LOG_ROW,
    MAKE,
    OPENING,
    PROCESS_STARTERS,
    PROGRESS_BARS,
    PUT,
    ROW,
    RUN_DATA,
    Shown,
)
from tests.analysis.projects import keys_of, model_of, script
from tests.oracle.judge import judge
from wandblint import facts
from wandblint.analysis.driver.dispatch_table import DISPATCH
from wandblint.analysis.effects import escape
from wandblint.analysis.objects import dict_methods, list_methods
from wandblint.model.questions.step_conflicts import step_conflicts
from wandblint.semantics import heuristics

OPEN = "..."

LONG = "def fill(row):\n" + "    value = compute()\n" * 1200 + '    row["b"] = 1\n'
"""A module with a function of more statements than a call that reaches no wandb may run."""

NAMES = 'ROW = {"a": 1}\ndef fill(row):\n    row["b"] = 1\n'
"""A module that is seen."""

UNLISTED = "from thirdparty import unlisted as callee\n"
"""Binds `callee` to a function of a library that no list mentions."""


def outcome(body: str) -> set[str]:
    """The keys that a script logs, `...` where it may log others, and `dropped` for a row that it loses.

    Entry points that nothing calls are left out: they would log what escape calls a second time.
    """
    model = model_of({"train.py": script(body), "names.py": NAMES, "long.py": LONG})
    entries = {
        number for number, entry in model.entry_points.items() if entry.path == "train.py" and not entry.name
    }
    calls = [call for call in model.log_calls if call.entry_id in entries]
    keys = {OPEN if key.name.literal is None else key.name.literal for call in calls for key in call.keys}
    if any(call.is_open for call in calls) or any(map(model.may_log_unseen, entries)):
        keys.add(OPEN)
    return keys | ({"dropped"} if step_conflicts(model) else set())


def is_less_certain(keys: set[str], known: set[str]) -> bool:
    """Whether other keys may be logged, or a claim is gone."""
    return bool(keys - known) or ("dropped" in known - keys)


def names_of(table: Iterable[Shown]) -> list[str]:
    return [name for shown in table for name in shown.names.split()]


def programs(table: Iterable[Shown]) -> Iterator[object]:
    for shown in table:
        for name in shown.names.split():
            yield pytest.param(name, shown.body, set(shown.keys.split()), id=name)


def binding(path: str) -> str:
    """Binds `callee` to the function of a canonical name."""
    module, _, name = path.rpartition(".")
    if path.startswith("builtins."):
        return f"callee = {path.removeprefix('builtins.')}\n"
    return BINDINGS.get(path, f"from {module} import {name} as callee") + "\n"


# --- kinds of facts ---


def test_every_expression_and_statement_is_dispatched_and_shown() -> None:
    kinds = {kind for kind in facts.Node.__subclasses__() if kind.__struct_config__.tag is not None}
    assert {*DISPATCH.evaluators, *DISPATCH.executors} == kinds
    assert KINDS.keys() == kinds


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_kind(kind: type[facts.Node]) -> None:
    known, unknown = KINDS[kind]
    assert outcome(known) == {"a"}
    assert OPEN in outcome(unknown)


# --- functions with a handler ---


def test_every_handler_is_shown() -> None:
    shown = names_of(HANDLERS)
    assert len(shown) == len({*shown})
    assert DISPATCH.handlers.keys() == {*shown} | PROCESS_STARTERS | JOBS | OPENING | ENDING
    assert DISPATCH.handlers_by_last_word.keys() == {*names_of(PROGRESS_BARS)}


@pytest.mark.parametrize(("path", "body", "keys"), list(programs(HANDLERS)))
def test_handler(path: str, body: str, keys: set[str]) -> None:
    assert outcome(binding(path) + body) == keys
    assert is_less_certain(outcome(UNLISTED + body), keys)


@pytest.mark.parametrize(("name", "body", "keys"), list(programs(PROGRESS_BARS)))
def test_progress_bar(name: str, body: str, keys: set[str]) -> None:
    assert outcome(f"from thirdparty import {name} as callee\n{body}") == keys
    assert is_less_certain(outcome(UNLISTED + body), keys)


@pytest.mark.parametrize("path", sorted({*PROCESS_STARTERS, "hydra.main"}))
def test_functions_that_start_processes_let_their_arguments_escape(path: str) -> None:
    assert outcome(f"{binding(path)}{PUT}callee(put)") == outcome(f"{UNLISTED}{PUT}callee(put)") == {OPEN}


def test_exec_opens_the_constants_of_its_module() -> None:
    body = 'KEY = "a"\ncallee(text)\nrun.log({KEY: 1})'
    assert outcome(f"callee = exec\n{body}") == {"a", OPEN}
    assert outcome(UNLISTED + body) == {"a"}


@pytest.mark.parametrize("path", sorted(ENDING))
def test_nothing_runs_after_the_end_of_the_process(path: str) -> None:
    body = 'import sys\nif sys.argv:\n    callee(1)\n    run.log({"b": 1})\nrun.log({"a": 1})'
    assert outcome(binding(path) + body) == {"a"}
    assert outcome(UNLISTED + body) == {"a", "b"}


def test_an_accumulation_yields_every_sum() -> None:
    body = 'from itertools import accumulate\nitems = accumulate(["a", "b"], lambda x, y: x + y)\n'
    assert outcome(body + LOG_ITEMS) >= {"a", "ab"}


# --- methods of lists and dictionaries ---


def test_every_method_is_shown() -> None:
    assert dict_methods._METHODS.keys() | dict_methods.READING == {*names_of(DICT_METHODS)}
    assert list_methods._METHODS.keys() | list_methods.READING == {*names_of(LIST_METHODS)}
    assert dict_methods._METHODS.keys() >= dict_methods.MAPPING_METHODS


@pytest.mark.parametrize(("name", "body", "keys"), list(programs((*DICT_METHODS, *LIST_METHODS))))
def test_method(name: str, body: str, keys: set[str]) -> None:
    assert outcome(body.replace("NAME", name)) == keys
    assert OPEN in outcome(body.replace("NAME", "unlisted"))


# --- values ---


def test_every_inert_value_is_shown() -> None:
    assert {kind.__name__ for kind in escape._INERT_VALUES} == INERT_VALUES.keys()


@pytest.mark.parametrize("kind", INERT_VALUES)
def test_inert_value(kind: str) -> None:
    assert outcome(UNLISTED + INERT_VALUES[kind]) == {"a"}
    assert OPEN in outcome(f"{UNLISTED}{ITEMS}callee(items)\n{LOG_ITEMS}")


@pytest.mark.parametrize(("name", "body", "keys"), [*programs(RUN_DATA)])
def test_data_of_a_run(name: str, body: str, keys: set[str]) -> None:
    assert outcome(UNLISTED + body.replace("NAME", name)) == keys
    assert OPEN in outcome(UNLISTED + body.replace("NAME", "summary"))


GIVEN_AWAY = {
    "printed": "print(f'{run.name} is at {run.id}')",
    "written": "import io\nio.StringIO().write(run.id)",
    "in a dictionary": "import json\njson.dumps({'id': run.id})",
    "as a keyword": "import somewhere\nsomewhere.keep(name=run.name)",
    "in an attribute": (
        "class Job:\n    def __init__(self, run):\n        self.id = run.id\n"
        "import somewhere\nsomewhere.keep(Job(run))"
    ),
    "its method": "import somewhere\nsomewhere.keep(run.id.upper)",
    "the config": "import somewhere\nsomewhere.keep(run.config)",
    "of the module's run": "import somewhere\nsomewhere.keep(wandb.run.id)",
}
"""Programs that give away data of a run."""

STILL_OPEN = {
    "the run beside it": "import somewhere\nsomewhere.keep(run.id, run)\nsomewhere.log()",
    "a method of the run": "import somewhere\nsomewhere.keep(run.log)\nsomewhere.log()",
    "a list that holds both": "import somewhere\nsomewhere.keep(*[run.id, run])\nsomewhere.log()",
}
"""Programs that give away the run, too, which then logs an axis."""

SOMEWHERE = """
kept = []

def keep(*given, **named):
    kept.extend([*given, *named.values()])

def log():
    for value in kept:
        if hasattr(value, "log"):
            value.log({"epoch": 1})
        elif callable(value):
            value({"epoch": 1})
"""
"""A module that logs an axis with all that it gets; the model is also made without it."""

TRAIN = """
import wandb
run = wandb.init()
run.define_metric("loss", step_metric="epoch")
{body}
run.log({{"loss": 1}})
run.finish()
"""


@pytest.mark.parametrize("name", [*GIVEN_AWAY, *STILL_OPEN])
def test_who_gets_data_of_a_run_cannot_log(name: str) -> None:
    train = TRAIN.format(body=(GIVEN_AWAY | STILL_OPEN)[name])
    verdict = judge({"train.py": train, "somewhere.py": SOMEWHERE})
    assert verdict.failures == []
    unseen = model_of({"train.py": train})
    assert unseen.may_log_unseen(min(unseen.entry_points)) is (name in STILL_OPEN)


@pytest.mark.parametrize("name", sorted(escape._CALLED_BY_PYTHON))
def test_method_that_only_python_calls(name: str) -> None:
    body = f"{GIVES_METHOD}helper.use(object.__new__(C))"
    assert outcome(body.replace("NAME", name)) == set()
    assert OPEN in outcome(body.replace("NAME", "unlisted"))


def test_the_methods_that_only_python_calls_are_these() -> None:
    assert {
        *("__init__", "__new__", "__init_subclass__", "__class_getitem__", "__set_name__")
    } == escape._CALLED_BY_PYTHON


def test_every_plain_base_is_shown() -> None:
    assert BASE_MODULES.keys() == heuristics.PLAIN_BASES


@pytest.mark.parametrize("name", BASE_MODULES)
def test_plain_base(name: str) -> None:
    body = GIVES_METHOD.replace("C:", "C(Base):").replace("NAME", "hook") + "callee(object.__new__(C))"
    known = f"{UNLISTED}from {BASE_MODULES[name]} import {name} as Base\n{body}"
    assert outcome(known) == set()
    assert OPEN in outcome(f"{UNLISTED}from thirdparty import Base\n{body}")


def test_libraries_know_special_methods_and_events_of_any_class() -> None:
    assert heuristics.KNOWN_TO_LIBRARIES == ("__", "on_")
    body = f"{UNLISTED}{GIVES_METHOD}callee(C())"
    assert OPEN in outcome(body.replace("NAME", "__call__"))
    assert OPEN in outcome(body.replace("NAME", "on_end"))
    assert outcome(body.replace("NAME", "hook")) == set()


def test_libraries_do_not_read_the_attributes_of_instances() -> None:
    body = (
        "class C:\n    def __init__(self, run):\n        self.run, self.row = run, {'a': 1}\n"
        "c = C(run)\ncallee(c)\nrun.log(c.row)"
    )
    assert outcome(UNLISTED + body) == {"a"}
    assert outcome(body) == {"a", OPEN}


def test_a_short_function_is_followed_where_a_long_one_opens_its_argument() -> None:
    body = f"import names\n{ROW}names.fill(row)\n{LOG_ROW}"
    assert outcome(body) == {"a", "b"}
    assert outcome(body.replace("names", "long")) == {"a", OPEN}


# --- libraries and methods by name ---

READ_ONLY = {"builtins.", "logging.", "wandb.", "os.", "time.", "json.", "pprint.", "unittest.mock."}
UNCHANGING = READ_ONLY | {
    *("torch.", "numpy.", "jax.", "tensorflow.", "pandas.", "scipy.", "sklearn.", "matplotlib."),
    *("yaml.", "pickle.", "tqdm.", "rich.", "tabulate.", "re.", "math.", "statistics.", "collections."),
    *("typing.", "inspect.", "sys.", "warnings.", "loguru.", "omegaconf.", "accelerate.", "transformers."),
}


def test_the_libraries_are_these() -> None:
    assert {*heuristics.READ_ONLY_LIBRARIES} == READ_ONLY
    assert {*heuristics.UNCHANGING_LIBRARIES} == UNCHANGING


@pytest.mark.parametrize("library", sorted(READ_ONLY))
def test_library_that_logs_to_no_run(library: str) -> None:
    body = 'callee(run)\nrun.log({"a": 1})'
    assert outcome(f"from {library.rstrip('.')} import anything as callee\n{body}") == {"a"}
    assert outcome(UNLISTED + body) == {"a", OPEN}


@pytest.mark.parametrize("library", sorted(UNCHANGING))
def test_library_that_changes_no_container(library: str) -> None:
    body = f"{ROW}{ITEMS}callee(row, items)\n{LOG_ROW}\n{LOG_ITEMS}"
    assert outcome(f"from {library.rstrip('.')} import anything as callee\n{body}") == {"a"}
    assert outcome(UNLISTED + body) == {"a", OPEN}


@pytest.mark.parametrize("library", sorted(UNCHANGING - READ_ONLY))
def test_a_library_that_changes_no_container_may_log(library: str) -> None:
    body = 'callee(run)\nrun.log({"a": 1})'
    assert outcome(f"from {library.rstrip('.')} import anything as callee\n{body}") == {"a", OPEN}


READ_ONLY_METHODS = {
    *("append", "extend", "add", "update", "put", "send", "write", "writerow", "save", "dump", "dumps"),
    *("log", "info", "debug", "warning", "error", "exception", "print", "set_postfix", "print_metrics"),
    *("log_metrics", "log_dict", "log_hyperparams", "add_scalars", "record", "report"),
}


def test_the_methods_that_only_read_are_these() -> None:
    assert heuristics.READ_ONLY_METHODS == READ_ONLY_METHODS


@pytest.mark.parametrize("name", sorted(READ_ONLY_METHODS))
def test_method_of_the_unknown_that_only_reads(name: str) -> None:
    body = f"{ROW}helper.NAME(row)\n{LOG_ROW}"
    assert outcome(body.replace("NAME", name)) == {"a"}
    assert outcome(body.replace("NAME", "unlisted")) == {"a", OPEN}


# --- defaults ---

HOLDER = 'class C:\n    def __init__(self):\n        self.row = {"a": 1}\n        self.f = print\n'

DEFAULTS = {
    "a dictionary may get keys": f"{ROW}helper(row)\n{LOG_ROW}",
    "a dictionary as a keyword": f"{ROW}helper(given=row)\n{LOG_ROW}",
    "a dictionary in a list": f"{ROW}helper([row])\n{LOG_ROW}",
    "a list may hold anything": f"{ITEMS}helper(items)\n{LOG_ITEMS}",
    "a function gets unknown arguments": f"{PUT}helper(put)",
    "a lambda gets unknown arguments": "helper(lambda key: run.log({key: 1}))",
    "a partial function gets more": f"import functools\n{PUT}helper(functools.partial(put))",
    "a bound method gets unknown arguments": (f"{GIVES_METHOD.replace('NAME', 'put')}c = C()\nhelper(c.put)"),
    "an instance of a library's class": (
        f"from thirdparty import Base\n{GIVES_METHOD.replace('C:', 'C(Base):').replace('NAME', 'put')}"
        f"{UNLISTED}callee(C())"
    ),
    "an inherited method calls those of the class": (
        f"from thirdparty import Base\n{GIVES_METHOD.replace('C:', 'C(Base):').replace('NAME', 'put')}"
        "C().start()"
    ),
    "a run may be logged to": "helper(run)",
    "its method may log": "helper(run.log)",
    "the module wandb may log": "helper(wandb)",
    "a run in a list may be logged to": "helper([run])",
    "a run in an attribute of the unknown": "helper.run = run",
    "a run in an item of the unknown": 'helper["run"] = run',
    "the unknown context manager": f"{ROW}with helper.manage(row):\n    pass\n{LOG_ROW}",
    "a decorator may return another function": f"@helper\n{MAKE}run.log(make())",
    "an unmodelled method of a dictionary": f"{ROW}row.unlisted()\n{LOG_ROW}",
    "an unmodelled method of a list": f"{ITEMS}items.unlisted()\n{LOG_ITEMS}",
    "an unmodelled method gets a dictionary": f"{ROW}[].unlisted(row)\n{LOG_ROW}",
    "a function over budget gets a dictionary": f"import long\n{ROW}long.fill(row)\n{LOG_ROW}",
    "recursion that fills a dictionary": (
        f"def fill(row, n):\n    if len(n) < 5:\n        row[n] = 1\n        fill(row, n + 'x')\n"
        f"{ROW}fill(row, 'b')\n{LOG_ROW}"
    ),
    "recursion that logs": (
        "def put(key, n):\n    run.log({key: 1})\n    if n:\n        put(key + 'x', n - 1)\nput('a', 4)"
    ),
    "the result of a deferred call": f"{MAKE}row = make()\nhelper(row)\n{LOG_ROW}",
    "a list from a deferred call": (
        f"def make():\n    return ['a']\nitems = make()\nhelper(items)\n{LOG_ITEMS}"
    ),
    "the attributes of an instance": f"{HOLDER}c = C()\nhelper(c)\nrun.log(c.row)",
    "the attributes of a class": 'class C:\n    row = {"a": 1}\nhelper(C)\nrun.log(C.row)',
    "the attributes of a class by its instance": 'class C:\n    row = {"a": 1}\nhelper(C())\nrun.log(C.row)',
    "the variables of a module": "import names\nhelper(names)\nrun.log(names.ROW)",
    "a method of a dictionary": f"{ROW}helper(row.update)\n{LOG_ROW}",
    "a method of a list": f"{ITEMS}helper(items.append)\n{LOG_ITEMS}",
    "what a callback returns": f"{ROW}helper(lambda: row)\n{LOG_ROW}",
    "a class method": (
        "class C:\n    @classmethod\n    def put(cls, key):\n        run.log({key: 1})\nhelper(C.put)"
    ),
}
"""Constructs that the interpreter does not know: all of them open a row or the session."""

GAPS = {
    "a decorator may return another function": "an unseen decorator counts as one that returns its function",
    "the variables of a module": "a variable that is not loaded yet does not escape with its module",
    "what a callback returns": "the result of a function that nobody needs does not escape",
}
"""Defaults that do not hold today, each with the reason."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.xfail(reason=GAPS[name], strict=True)] if name in GAPS else [])
        for name in DEFAULTS
    ],
)
def test_what_is_not_seen_opens(name: str) -> None:
    assert OPEN in outcome(DEFAULTS[name])


@pytest.mark.parametrize(
    "operation", ["helper + row", "helper @ row", "row < helper", "-helper", "helper[1]"]
)
def test_an_unknown_operator_changes_no_operand(operation: str) -> None:
    assert outcome(f"{ROW}x = {operation}\n{LOG_ROW}") == {"a"}


@pytest.mark.parametrize("place", ["helper.row", 'helper["row"]'])
def test_a_dictionary_that_an_unknown_object_keeps_does_not_change(place: str) -> None:
    """To keep is not to call: the unknown object is mostly a record of what was logged."""
    assert outcome(f"{ROW}{place} = row\n{LOG_ROW}") == {"a"}


@pytest.mark.parametrize("use", ["@helper\n{}", "{}\nhelper(C)", "{}\nhelper(C())"])
def test_a_function_or_method_that_only_unseen_code_calls_is_an_entry_point(use: str) -> None:
    """A decorator, and whoever gets a class, may call what nobody else calls: the session is open."""
    body = GIVES_METHOD.replace("NAME", "put") if "C" in use else PUT
    assert OPEN in keys_of(script(use.format(body)))


def test_a_context_manager_as_decorator_keeps_the_function_that_it_decorates() -> None:
    """Nothing is called where the function is defined: its rows are those of its calls."""
    text = """
import contextlib
@contextlib.contextmanager
def seeded():
    yield
@seeded()
def train(key):
    run.log({key: 1})
train("loss")
"""
    assert keys_of(script(text)) == {"loss"}


def test_the_name_of_a_callee_is_no_text_of_the_values_that_it_comes_from() -> None:
    """Classes refer to the slices that defined them, and those to others: 2 ** 24 paths as a text."""
    files = {f"part{number}.py": _two_classes(number) for number in range(25)}
    files["train.py"] = script(f"from part24 import A, B\n{ROW}find()[A if unknown else B](row)\n{LOG_ROW}")
    assert keys_of(files) == {"a", OPEN}


def _two_classes(number: int) -> str:
    """A module with two classes that use both of the module before."""
    start = f"from part{number - 1} import A as X, B as Y\n" if number else "X = Y = None\n"
    return f"{start}class A:\n    both = str(X) + str(Y)\nclass B:\n    both = str(Y) + str(X)\n"
