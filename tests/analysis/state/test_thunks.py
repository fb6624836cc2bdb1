"""Thunks: calls whose side effects nothing else can see are deferred until their result is needed."""

from __future__ import annotations

import pytest

from tests.analysis.projects import FilesInMemory, keys_of, model_of, script
from wandblint.analysis import analyze
from wandblint.analysis.state import budget


def interprets_call(body: str) -> bool:
    """Whether a call is interpreted although its result is not needed: then it reads another file."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    files = FilesInMemory(
        {
            "train.py": script('from loading import load\nload(args.name, depth=2)\nrun.log({"loss": 1})'),
            "loading.py": f"from deep import WIDTH\ndef load(name, **options):\n{lines}    return WIDTH\n",
            "deep.py": "WIDTH = 1",
        }
    )
    analyze(files)
    return "deep.py" in files.queried


@pytest.mark.parametrize(
    "body",
    [
        'options.pop("depth")',
        "rows = []\nrows.append(name)",
        "name.done = True",
        "for part in name.parts:\n    part.done = True",
    ],
)
def test_a_call_is_deferred_if_it_changes_only_its_own_or_unknown_objects(body: str) -> None:
    assert not interprets_call(body)


@pytest.mark.parametrize(
    "body", ["global done\ndone = True", "WIDTH.done = WIDTH.real", "registry.add(name)"]
)
def test_a_call_is_not_deferred_if_its_side_effects_are_visible(body: str) -> None:
    assert interprets_call(body)


def test_a_call_is_not_deferred_if_it_changes_a_row_it_receives() -> None:
    assert keys_of(script("def fill(row):\n    row['loss'] = 1\nrow = {}\nfill(row)\nrun.log(row)")) == {
        "loss"
    }


LIBRARY = """
class Loader:
    names = []
    def __init__(self, name):
        self.key = f"{name}/loss"
    @classmethod
    def from_file(cls, path):
        return cls(path)
def load(path):
    Loader.names = [path]
"""


def opens_library(body: str) -> bool:
    """Whether a script opens a module that does not reach wandb."""
    files = FilesInMemory(
        {
            "train.py": script(f"from library import Loader, load\n{body}\nrun.log({{'loss': 1}})"),
            "library.py": LIBRARY,
        }
    )
    analyze(files)
    return "library.py" in files.opened


@pytest.mark.parametrize(
    "body",
    [
        "loader = Loader(args.name)",
        "loader = Loader.from_file(args.path)\nloader.open()",
        "known = {'loader': Loader}",
        "print(Loader(name=args.name).key)",
    ],
)
def test_a_class_is_not_resolved_for_an_unused_instance(body: str) -> None:
    assert not opens_library(body)


@pytest.mark.parametrize(
    "body",
    [
        "load(args.path)",
        "Loader.names.append('a')",
        "for name in Loader(args.name): pass",
        "Loader({'row': 1})",
        "Loader.from_file(run)",
    ],
)
def test_a_class_is_resolved_where_it_may_matter(body: str) -> None:
    assert opens_library(body)


@pytest.mark.parametrize("creation", ["Loader('val')", "Loader.from_file('val')"])
def test_a_deferred_instance_has_the_attributes_of_its_class(creation: str) -> None:
    files = {
        "train.py": script(f"from library import Loader\nloader = {creation}\nrun.log({{loader.key: 1}})"),
        "library.py": LIBRARY,
    }
    assert keys_of(files) == {"val/loss"}


LONG = {
    "many statements": "    state.append(1)\n" * (budget.STEPS_PER_HELPER + 1),
    "many calls": "    add()\n" * (budget.STEPS_PER_HELPER * 2 // 3),
}
"""Bodies of functions that exceed the budget."""


def keys_after_long_call(call: str, body: str) -> set[str]:
    """The keys that a script logs after it calls a function that exceeds the budget."""
    library = (
        "state = []\ndef add():\n    state.append(1)\n"
        f"def work(given):\n{body}    given['late'] = 1\n    return given\n"
    )
    files = {"train.py": script(f"from library import work\n{call}"), "library.py": library}
    assert not model_of(files).over_budget
    return keys_of(files)


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_an_entry_point_continues_after_a_long_irrelevant_call(body: str) -> None:
    assert keys_after_long_call("work(args.name)\nrun.log({'loss': 1})", body) == {"loss"}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_arguments_of_a_long_call_may_hold_anything_afterwards(body: str) -> None:
    assert keys_after_long_call("row = {'loss': 1}\nwork(row)\nrun.log(row)", body) == {"loss", "..."}
    twice = "row = {'loss': 1}\nwork(args)\nwork(row)\nrun.log(row)"
    assert keys_after_long_call(twice, body) == {"loss", "..."}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_the_result_of_a_long_call_is_unknown(body: str) -> None:
    assert keys_after_long_call("run.log(work(args.name))", body) == {"..."}


def test_a_call_that_receives_a_row_gets_a_larger_budget() -> None:
    body = "    add()\n" * (budget.STEPS_PER_IRRELEVANT_CALL + 1)
    call = "work({})\nrow = {'loss': 1}\nwork(row)\nrun.log(row)"
    assert keys_after_long_call(call, body) == {"loss", "late"}


def _load_function(lines: int) -> str:
    body = "    width = 1\n" * lines
    return f"def load(names):\n{body}    return names.keys\n"


def keys_of_second_result(lines: int) -> set[str]:
    """The keys that a script makes of the second result of a function with this many statements.

    The first result is unknown.
    """
    files = {
        "train.py": script(
            "from loading import load\n"
            "class Names:\n    keys = ['loss']\n"
            "for key in load(args): run.log({f'first/{key}': 1})\n"
            "for key in load(Names()): run.log({f'second/{key}': 1})"
        ),
        "loading.py": _load_function(lines),
    }
    keys = keys_of(files)
    assert len(keys) == 2
    return {key for key in keys if key.startswith("second")}


def test_a_long_uninformative_function_is_not_interpreted_again() -> None:
    assert keys_of_second_result(1) == {"second/loss"}
    assert keys_of_second_result(budget.STEPS_UNINFORMATIVE) != {"second/loss"}


def test_two_unknown_results_differ() -> None:
    calls = """run.log({f"{load(args)}/loss": 1})
run.log({f"{load(args)}/loss": 1})"""
    model = model_of(
        {
            "train.py": script(f"from loading import load\n{calls}"),
            "loading.py": _load_function(budget.STEPS_UNINFORMATIVE),
        }
    )
    first, second = (key.name for call in model.log_calls for key in call.keys)
    assert first != second


METER = """
import wandb
class Meter:
    def __init__(self):
        self.row = {}
        self.inner = {}
    def NAME(self, name):
        self.row[name] = 1
    def rows(self):
        return {f"train/{name}": value for name, value in self.row.items()}
run = wandb.init()
meter = Meter()
"""


@pytest.mark.parametrize("name", ["record", "step", "second", "__call__"])
def test_deferred_effects_of_a_method_are_applied_before_its_object_is_logged(name: str) -> None:
    text = METER.replace("NAME", name)
    call = "meter" if name == "__call__" else f"meter.{name}"

    assert keys_of(f"{text}{call}('a')\nrun.log(meter.row)\n") == {"a"}
    assert keys_of(f"{text}{call}('a')\nrun.log(meter.rows())\n") == {"train/a"}
    assert keys_of(f"{text}for i in range(3):\n    {call}('a')\n    run.log(meter.row)\n") == {"a"}
    assert keys_of(f"{text}for name in ('a', 'b'):\n    {call}(name)\nrun.log(meter.row)\n") == {"a", "b"}


def test_effects_after_an_object_was_forced_are_applied_too() -> None:
    text = METER.replace("NAME", "record")
    model = model_of(f"{text}meter.record('a')\nrun.log(meter.row)\nmeter.record('b')\nrun.log(meter.row)\n")

    assert [[str(key.name) for key in call.keys] for call in model.log_calls] == [["a"], ["a", "b"]]


def test_an_effect_that_exceeds_the_budget_may_have_done_anything() -> None:
    long = "".join(f"        self.row['a'] = {number}\n" for number in range(budget.STEPS_PER_THUNK))
    text = METER.replace("NAME", "record").replace("        self.row[name] = 1\n", long)

    assert "..." in keys_of(f"{text}meter.record('a')\nrun.log(meter.row)\n")


def test_effects_of_one_script_on_a_module_object_do_not_reach_another_script() -> None:
    tools = METER.replace("NAME", "record").replace("run = wandb.init()\n", "")
    start, end = "import wandb\nfrom tools import meter\nrun = wandb.init()\n", "run.log(meter.row)\n"
    files = {f"{name}.py": f"{start}meter.record({name!r})\n{end}" for name in ("a", "b")}
    model = model_of({"tools.py": tools, **files})

    logged = [(call.span.path, [str(key.name) for key in call.keys]) for call in model.log_calls]
    assert logged == [("a.py", ["a"]), ("b.py", ["b"])]


def test_a_method_that_is_not_interpreted_may_have_changed_its_object() -> None:
    lines = "".join(
        f"        self.row['a'] = {number}\n" for number in range(budget.STEPS_PER_IRRELEVANT_CALL + 1)
    )
    tools = METER.replace("NAME", "record").replace("        self.row[name] = 1\n", lines)
    tools = tools.replace("import wandb\n", "").replace("run = wandb.init()\nmeter = Meter()\n", "")
    script = "from tools import Meter\nmeter = Meter()\nmeter.update('a')\nrun.log(meter.row)\n"
    files = {
        "tools.py": tools.replace("record", "update"),
        "train.py": f"import wandb\nrun = wandb.init()\n{script}",
    }

    assert "..." in keys_of(files)
