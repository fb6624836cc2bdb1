"""Entry points restored instead of interpreted: an incremental run gives the model of a full run."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.incremental.random_edits import random_edit
from tests.analysis.projects import FilesInMemory, as_bytes
from wandblint.analysis import analyze_incremental
from wandblint.analysis.driver.entry_point import EntryPoint
from wandblint.analysis.driver.entry_runner import EntryRunner
from wandblint.analysis.incremental.persisted_state import PersistedState
from wandblint.analysis.incremental.results import ENCODER, decode
from wandblint.app.registry import page, rules
from wandblint.pages.page import Case, parse

CASES = [(rule.code, parse(page(rule)).cases) for rule in rules() if rule.check is not None]

PROJECT = {
    "tracking.py": """
        import wandb
        _run = None
        PREFIX = "train"
        class Logger:
            def __init__(self, prefix):
                self.prefix = prefix
                self.extra = {}
            def add(self, name):
                self.extra[name] = 1
            def log(self, **values):
                row = {**self.extra, **values}
                wandb.log({f"{self.prefix}/{name}": value for name, value in row.items()})
        def start(config):
            global _run
            _run = wandb.init(config=config)
            wandb.define_metric("train/*", step_metric="train/step")
        def log_later(value):
            _run.log({"later": value})
    """,
    "train.py": """
        from tracking import Logger, PREFIX, start
        start({})
        logger = Logger(PREFIX)
        logger.add("loss")
        for step in range(10):
            logger.log(step=step)
    """,
    "evaluate.py": """
        import wandb
        from tracking import Logger, start
        start({"eval": True})
        logger = Logger("eval")
        logger.add(str(wandb.config.eval))
        logger.add("accuracy")
        logger.log(step=0)
    """,
    "callbacks.py": """
        from tracking import Logger
        class Callback:
            def on_step(self, logger: Logger):
                logger.log(seen=1)
        def make(key):
            def callback(value):
                import wandb
                wandb.log({key: value})
            keep(callback)
        make("from/closure")
    """,
    "notes.py": "import wandb\nprint(wandb.__version__)\n",
}

EDITS = [
    ("train.py", 'logger.add("loss")', 'logger.add("accuracy")'),
    ("train.py", "range(10)", "range(20)"),
    ("train.py", "start({})", "pass"),
    ("train.py", "PREFIX)", '"other")'),
    ("evaluate.py", 'Logger("eval")', 'Logger("test")'),
    ("evaluate.py", 'logger.add("accuracy")', "logger.extra = unknown()"),
    ("evaluate.py", 'logger.add("accuracy")', "print(logger)"),
    ("evaluate.py", "from tracking import Logger, start", "from tracking import Logger, start\nimport notes"),
    ("tracking.py", '"train"', '"fit"'),
    ("tracking.py", "train/step", "train/epoch"),
    ("tracking.py", "self.extra[name] = 1", "self.extra[name] = 'text'"),
    ("tracking.py", "_run = None", "_run = {}"),
    ("tracking.py", "import wandb", "import wandb\nfrom notes import *"),
    ("callbacks.py", "seen", "met"),
    ("callbacks.py", "from/closure", "of/closure"),
    ("callbacks.py", "keep(callback)", "callback(1)"),
    ("notes.py", "print(wandb.__version__)", "wandb.init(reinit=True)"),
    ("notes.py", "print(wandb.__version__)", "def log():\n    wandb.log({'x': 1})"),
    ("notes.py", "import wandb", "this is no Python"),
    ("notes.py", "import wandb", "import os as wandb"),
]


class InterpretedEntries:
    """The files whose entry points the analysis interprets."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.entry_files: list[str] = []
        interpret = EntryRunner._interpret

        def recording(runner: EntryRunner, entry: EntryPoint) -> bool:
            self.entry_files.append(entry.path)
            return interpret(runner, entry)

        patch.setattr(EntryRunner, "_interpret", recording)


@pytest.fixture
def interpreted(monkeypatch: pytest.MonkeyPatch) -> InterpretedEntries:
    return InterpretedEntries(monkeypatch)


def analyzed(files: Mapping[str, str], before: bytes | None = None) -> tuple[bytes, bytes]:
    """The model of a project as bytes, and the state for the next run."""
    model, write = analyze_incremental(FilesInMemory(files), before=before)
    return as_bytes(model), write()


@pytest.mark.parametrize(("file", "old", "new"), EDITS)
def test_an_incremental_run_after_an_edit_equals_a_full_run(
    file: str, old: str, new: str, interpreted: InterpretedEntries
) -> None:
    _, state = analyzed(PROJECT)
    assert old in PROJECT[file]
    changed = {
        **PROJECT,
        file: PROJECT[file].replace(old, new.replace("\n", "\n" if file == "notes.py" else "\n        ")),
    }
    expected, full_state = analyzed(changed)

    model, incremental_state = analyzed(changed, state)

    assert model == expected
    assert analyzed(changed, incremental_state)[0] == expected
    assert analyzed(PROJECT, full_state)[0] == analyzed(PROJECT, incremental_state)[0]


def test_unchanged_entry_points_are_not_interpreted_again(interpreted: InterpretedEntries) -> None:
    model, state = analyzed(PROJECT)
    assert set(interpreted.entry_files) == {
        "train.py",
        "evaluate.py",
        "callbacks.py",
        "tracking.py",
        "notes.py",
    }
    interpreted.entry_files.clear()

    assert analyzed(PROJECT, state)[0] == model
    assert interpreted.entry_files == []

    analyzed({**PROJECT, "notes.py": PROJECT["notes.py"] + "import os\n"}, state)
    assert interpreted.entry_files == ["notes.py"]


SAME_NAMES = {
    "other.py": """
import wandb
def emit():
    wandb.log({"other": 1})
class Thing:
    def go(self):
        emit()
""",
    "third.py": "import wandb\ndef emit():\n    pass\n",
    "second.py": "import wandb\nfrom third import emit\nclass Thing:\n    def go(self):\n        emit()\n",
    "train.py": "import wandb\nfrom second import Thing\nwandb.init()\nunknown(Thing())\n",
}


def test_a_function_that_logs_now_is_followed_although_its_name_logged_before() -> None:
    changed = {**SAME_NAMES, "third.py": SAME_NAMES["third.py"].replace("pass", 'wandb.log({"third": 1})')}
    _, state = analyzed(SAME_NAMES)
    model, _ = analyzed(changed, state)
    assert model == analyzed(changed)[0]


TOOLS = """
import wandb
SCALE = 2
def scaled(value):
    return value * SCALE
def named(name):
    return f"train/{name}"
def unused():
    return "nothing"
class Writer:
    def write(self, row):
        wandb.log(row)
"""

TWO_SCRIPTS = {
    "tools.py": TOOLS,
    "first.py": """
import wandb
from tools import named
wandb.init()
wandb.log({named("a"): len("a")})
""",
    "second.py": """
import wandb
from tools import Writer, scaled
wandb.init()
Writer().write({"b": scaled(1)})
""",
}

NEITHER, FIRST, SECOND = set[str](), {"first.py"}, {"second.py"}
BOTH = FIRST | SECOND


@pytest.mark.parametrize(
    ("old", "new", "reinterpreted"),
    [
        ("import wandb", "import wandb\nimport os", NEITHER),
        ("import wandb", "# a comment\nimport wandb", NEITHER),
        ("nothing", "something", NEITHER),
        ('def unused():\n    return "nothing"', "", NEITHER),
        ("class Writer", "def more():\n    return 1\nclass Writer", NEITHER),
        ("train/", "fit/", FIRST),
        ("value * SCALE", "value", SECOND),
        ("SCALE = 2", "SCALE = 3", SECOND),
        ("SCALE = 2", "SCALE = 2\nSCALE += 1", SECOND),
        ("wandb.log(row)", "wandb.log({**row, 'c': 1})", SECOND),
        ("import wandb", "import wandb as other", SECOND),
        ("SCALE = 2", "SCALE = 2\nwandb = None", SECOND),
        # An eager statement may do anything; a star import may bind any name.
        ("import wandb", "import wandb\nwandb.setup()", BOTH),
        ("import wandb", "import wandb\nfrom os import *", BOTH),
    ],
)
def test_only_dependents_of_a_change_are_interpreted_again(
    old: str, new: str, reinterpreted: set[str], interpreted: InterpretedEntries
) -> None:
    _, state = analyzed(TWO_SCRIPTS)
    assert old in TOOLS
    changed = {**TWO_SCRIPTS, "tools.py": TOOLS.replace(old, new)}
    expected, _ = analyzed(changed)
    interpreted.entry_files.clear()

    assert analyzed(changed, state)[0] == expected
    assert set(interpreted.entry_files) - {"tools.py"} == reinterpreted


def test_a_name_that_is_now_shadowed_is_resolved_again(interpreted: InterpretedEntries) -> None:
    files = {**TWO_SCRIPTS, "tools.py": TOOLS.replace("value * SCALE", "len([value])")}
    _, state = analyzed(files)
    changed = {**files, "tools.py": files["tools.py"] + "def len(value):\n    return 7\n"}
    expected, _ = analyzed(changed)
    interpreted.entry_files.clear()

    assert analyzed(changed, state)[0] == expected
    assert set(interpreted.entry_files) - {"tools.py"} == SECOND


def test_calls_that_loading_a_module_makes_count_for_no_entry_point() -> None:
    """Which entry point loads it first changes with any edit; the statistics must not."""
    script = "from tools import row, start\nstart()\n"
    files = {
        "a.py": script,
        "b.py": script,
        "tools.py": """
import wandb
def make(name):
    return {name: 1}
row = make("a")
def start():
    wandb.init()
    wandb.log(row)
""",
    }
    _, state = analyzed(files)
    changed = {**files, "a.py": f"import wandb\n{script}"}

    assert analyzed(changed, state)[0] == analyzed(changed)[0]


def test_the_first_rank_check_is_the_first_in_the_source_after_statements_have_moved() -> None:
    check = "if os.environ.get('RANK') == '0':\n    wandb.init()\n"
    head = "import os\nimport wandb\n"
    _, state = analyzed({"train.py": head + check})
    _, state = analyzed({"train.py": head + check * 2}, state)
    changed = {"train.py": head + check.replace("    ", "    print()\n    ") + check}

    assert analyzed(changed, state)[0] == analyzed(changed)[0]


def test_a_table_is_read_again_once_the_file_of_an_item_mentions_wandb() -> None:
    """Until then the item waits: a table of imported classes does not load all of their modules."""
    files = {
        "script.py": """
import wandb
from unknown import Runner
from settings import BACKENDS
wandb.init()
Runner({"backends": BACKENDS}).train()
""",
        "settings.py": "BACKENDS = [dict(kind='file')]\n",
    }
    _, state = analyzed(files)
    changed = {**files, "settings.py": "wandb.log({'more': 1})\n" + files["settings.py"]}

    assert analyzed(changed, state)[0] == analyzed(changed)[0]


def test_a_decorator_guards_the_definition_that_it_decorates() -> None:
    """A script does not know `hydra` yet, whose `main` would be no rank check; an imported module does."""
    files = {
        "train.py": """
from tracking import start
@hydra.main()
def main(cfg):
    start(cfg).log({"loss": 1})
import hydra
""",
        "tracking.py": "import wandb\ndef start(cfg):\n    return wandb.init(config={'seed': cfg.seed})\n",
    }
    _, state = analyzed(files)
    changed = {**files, "tracking.py": files["tracking.py"].replace("import wandb", "")}

    assert analyzed(changed, state)[0] == analyzed(changed)[0]


def test_unknown_code_in_a_shared_module_runs_for_each_entry_point_that_uses_it() -> None:
    """Not only for the first one, which is another one where the result of the first is restored."""
    files = {
        "script.py": """
import wandb
from unknown import probe
ANY = probe()
def first():
    print(ANY)
    wandb.log({"first": 1})
def second():
    print(ANY)
    wandb.log({"second": 1})
"""
    }
    model, state = analyze_incremental(FilesInMemory(files))
    assert [call.run.after_unknown_call for call in model.calls] == [True, True]
    changed = {"script.py": files["script.py"].replace('"second"', '"other"')}

    assert analyzed(changed, state())[0] == analyzed(changed)[0]


def test_a_subclass_elsewhere_that_starts_to_log_its_step_excuses_its_siblings() -> None:
    """WB307 leaves a step parameter alone that the interface needs: another implementation logs it."""
    files = {
        "base.py": "class Backend:\n    def log(self, metrics, step): ...\n",
        "one.py": """
from base import Backend
import wandb
class One(Backend):
    def log(self, metrics, step):
        wandb.log(metrics)
""",
        "two.py": """
from base import Backend
import wandb
class Two(Backend):
    def log(self, metrics, step):
        wandb.log(metrics)
""",
    }
    before, state = analyzed(files)
    changed = {**files, "two.py": files["two.py"].replace("(metrics)", "(metrics, step)")}
    after = analyzed(changed)[0]

    assert before != after
    assert analyzed(changed, state)[0] == after


SOURCES = [
    {name: dedent(text) for name, text in files.items()}
    for files in [
        PROJECT,
        TWO_SCRIPTS,
        *(
            {name: text for name, text in case.files.items() if name.endswith(".py")}
            for _, cases in CASES
            for case in cases
        ),
    ]
]


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_incremental_runs_after_random_edits_equal_full_runs(random: Random) -> None:
    files = dict(random.choice(SOURCES))
    _, state = analyzed(files)
    for _ in range(3):
        name = random.choice(sorted(files))
        match random.choice(["changed"] * 6 + ["gone", "copied", "renamed"]):
            case "changed":
                files[name] = random_edit(files[name], random)
            case "gone" if len(files) > 1:
                del files[name]
            case kind:
                folder, _, last = name.rpartition("/")
                to = random.choice(["", folder, "more"]), random.choice([last, "__init__.py", "more.py"])
                files["/".join(filter(None, to))] = files[name] if kind == "copied" else files.pop(name)
        expected, _ = analyzed(files)

        model, state = analyzed(files, state)

        assert model == expected


def test_an_init_that_becomes_reachable_is_recorded_as_reached() -> None:
    files = {
        "config.py": "ENABLED = False\n",
        "tools.py": """
import wandb
from config import ENABLED
def start():
    if not ENABLED:
        return
    wandb.init()
def never():
    if True:
        return
    wandb.init(project="never")
""",
    }
    _, state = analyzed(files)
    enabled = {**files, "config.py": "ENABLED = True\n"}

    assert analyzed(enabled, state)[0] == analyzed(enabled)[0]


def test_an_import_that_opens_a_run_now_opens_it_for_the_importers() -> None:
    files = {
        "setup_run.py": "import wandb\n",
        "model.py": "import setup_run\nimport wandb\ndef train():\n    wandb.log({'loss': 1})\n",
        "train.py": "import wandb\nimport model\nwandb.log({'layers': 3})\nmodel.train()\n",
    }
    before, state = analyzed(files)
    opening = {**files, "setup_run.py": "import wandb\nwandb.init()\n"}
    expected, opened = analyzed(opening)

    assert analyzed(opening, state)[0] == expected
    assert analyzed(files, opened)[0] == before


def test_a_local_variable_of_a_function_at_the_start_of_a_file() -> None:
    text = "def log(row):\n    run = None\n    if run is not None:\n        run.log(row)\n"
    files = {"tools.py": text, "train.py": "import wandb\nfrom tools import log\nlog({'a': 1})\n"}
    _, state = analyzed(files)
    moved = {**files, "tools.py": f"import wandb\n{text}"}

    assert analyzed(moved, state)[0] == analyzed(moved)[0]


def test_restored_entry_points_are_identified_by_the_file_index() -> None:
    _, state = analyzed(PROJECT)
    files = FilesInMemory({**PROJECT, "notes.py": PROJECT["notes.py"] + "import os\n"})

    analyze_incremental(files, before=state)

    assert files.queried == set(PROJECT)
    # Files with uncalled functions are opened to find these.
    assert files.opened == {"notes.py", "tracking.py", "callbacks.py"}


def test_readers_of_facts_from_a_changed_entry_point_are_invalidated(interpreted: InterpretedEntries) -> None:
    _, state = analyzed(PROJECT)
    interpreted.entry_files.clear()

    analyzed({**PROJECT, "train.py": PROJECT["train.py"].replace("PREFIX)", '"other")')}, state)

    assert "callbacks.py" in interpreted.entry_files
    assert "notes.py" not in interpreted.entry_files


@pytest.mark.parametrize(("code", "cases"), CASES, ids=[code for code, _ in CASES])
def test_cases_of_all_rule_pages(code: str, cases: list[Case], interpreted: InterpretedEntries) -> None:
    for case in cases:
        python = {name: text for name, text in case.files.items() if name.endswith(".py")}
        _, state = analyzed(python)
        for name, text in python.items():
            changed = {**python, name: f"{text}\nimport os\n"}
            assert analyzed(changed, state)[0] == analyzed(changed)[0], (code, case.name, name)


def test_adding_or_removing_a_file_invalidates_its_possible_importers(
    interpreted: InterpretedEntries,
) -> None:
    files = {**TWO_SCRIPTS, "first.py": TWO_SCRIPTS["first.py"] + "from extra import more\nmore()\n"}
    with_extra = {**files, "extra.py": "import wandb\ndef more():\n    wandb.log({'more': 1})\n"}
    expected, _ = analyzed(files)
    expected_with_extra, _ = analyzed(with_extra)
    _, state = analyzed(files)
    interpreted.entry_files.clear()

    model, state = analyzed(with_extra, state)
    assert model == expected_with_extra
    assert set(interpreted.entry_files) == {"first.py", "extra.py"}
    interpreted.entry_files.clear()

    assert analyzed(files, state)[0] == expected
    assert set(interpreted.entry_files) == {"first.py"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("__init__.py", ""),
        ("named.py", "named = 1"),
        ("wandb_run.py", "import wandb\nwandb.init()\n"),
        ("configs/made.py", "import wandb\ndef run():\n    wandb.init()\n    wandb.log({'made': 1})\n"),
        ("configs/__init__.py", "made = None"),
    ],
)
def test_adding_or_removing_a_file_equals_a_full_run(name: str, text: str) -> None:
    files = {
        **TWO_SCRIPTS,
        "third.py": """
import importlib
import wandb
wandb.init()
found = importlib.import_module("configs." + "ma" + "de")
found.run()
import sys
importlib.import_module(f"configs.{sys.argv[1]}").run()
import configs
getattr(configs, "ma" + "de").run()
""",
        "configs/other.py": "import wandb\n",
    }
    expected, state = analyzed(files)
    with_extra = {**files, name: text}
    expected_with_extra, state_with_extra = analyzed(with_extra)

    assert analyzed(with_extra, state)[0] == expected_with_extra
    assert analyzed(files, state_with_extra)[0] == expected


def test_damaged_state_is_ignored() -> None:
    model, state = analyzed(PROJECT)
    persisted = PersistedState.decode(state)
    cached = decode(persisted.results)
    truncated = ENCODER.encode(replace(cached, results=cached.results[1:]))

    for damaged in (b"", b"\x00", state[:-9], replace(persisted, results=truncated).encode()):
        assert analyzed(PROJECT, damaged)[0] == model


def test_a_function_that_a_module_defines_in_a_call_is_that_of_the_module() -> None:
    """An entry point in between may call the outer function with other arguments."""
    files = {
        "train.py": """
import wandb
def make_logger(project):
    def log(row):
        run = wandb.init(project=project)
        run.log(row)
    return log
log = make_logger("mnist")
""",
    }
    _, state = analyzed(files)
    changed = {"train.py": f"import wandb\n{files['train.py']}"}

    assert analyzed(changed, state)[0] == analyzed(changed)[0]
