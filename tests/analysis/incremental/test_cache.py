"""Call paths that are not followed again: a run after a change says what a whole run says."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.edits import edited
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
        from tracking import Logger, start
        start({"eval": True})
        logger = Logger("eval")
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


class Followed:
    """The call paths that linking follows."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        run = EntryRunner._interpret

        def noted(runner: EntryRunner, entry: EntryPoint) -> bool:
            self.paths.append(entry.path)
            return run(runner, entry)

        patch.setattr(EntryRunner, "_interpret", noted)


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> Followed:
    return Followed(monkeypatch)


def linked(files: Mapping[str, str], before: bytes | None = None) -> tuple[bytes, bytes]:
    """The model of a project as bytes, and what the next run needs."""
    model, write = analyze_incremental(FilesInMemory(files), before=before)
    return as_bytes(model), write()


@pytest.mark.parametrize(("file", "old", "new"), EDITS)
def test_after_a_change_it_is_what_a_whole_run_gives(
    file: str, old: str, new: str, followed: Followed
) -> None:
    _, outcomes = linked(PROJECT)
    assert old in PROJECT[file]
    changed = {
        **PROJECT,
        file: PROJECT[file].replace(old, new.replace("\n", "\n" if file == "notes.py" else "\n        ")),
    }
    whole, after = linked(changed)

    model, last = linked(changed, outcomes)

    assert model == whole
    assert linked(changed, last)[0] == whole
    assert linked(PROJECT, after)[0] == linked(PROJECT, last)[0]


def test_what_has_not_changed_is_not_followed_again(followed: Followed) -> None:
    model, outcomes = linked(PROJECT)
    assert set(followed.paths) == {"train.py", "evaluate.py", "callbacks.py", "tracking.py", "notes.py"}
    followed.paths.clear()

    assert linked(PROJECT, outcomes)[0] == model
    assert followed.paths == []

    linked({**PROJECT, "notes.py": PROJECT["notes.py"] + "import os\n"}, outcomes)
    assert followed.paths == ["notes.py"]


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

NOBODY, FIRST, SECOND = set[str](), {"first.py"}, {"second.py"}
BOTH = FIRST | SECOND


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("import wandb", "import wandb\nimport os", NOBODY),
        ("import wandb", "# a comment\nimport wandb", NOBODY),
        ("nothing", "something", NOBODY),
        ('def unused():\n    return "nothing"', "", NOBODY),
        ("class Writer", "def more():\n    return 1\nclass Writer", NOBODY),
        ("train/", "fit/", FIRST),
        ("value * SCALE", "value", SECOND),
        ("SCALE = 2", "SCALE = 3", SECOND),
        ("SCALE = 2", "SCALE = 2\nSCALE += 1", SECOND),
        ("wandb.log(row)", "wandb.log({**row, 'c': 1})", SECOND),
        ("import wandb", "import wandb as other", SECOND),
        ("SCALE = 2", "SCALE = 2\nwandb = None", SECOND),
        # What is run at once may do anything; a star may bind any name.
        ("import wandb", "import wandb\nwandb.setup()", BOTH),
        ("import wandb", "import wandb\nfrom os import *", BOTH),
    ],
)
def test_only_who_runs_what_has_changed_is_followed_again(
    old: str, new: str, again: set[str], followed: Followed
) -> None:
    _, outcomes = linked(TWO_SCRIPTS)
    assert old in TOOLS
    changed = {**TWO_SCRIPTS, "tools.py": TOOLS.replace(old, new)}
    whole, _ = linked(changed)
    followed.paths.clear()

    assert linked(changed, outcomes)[0] == whole
    assert set(followed.paths) - {"tools.py"} == again


def test_a_name_that_means_something_else_now_is_asked_for_again(followed: Followed) -> None:
    files = {**TWO_SCRIPTS, "tools.py": TOOLS.replace("value * SCALE", "len([value])")}
    _, outcomes = linked(files)
    changed = {**files, "tools.py": files["tools.py"] + "def len(value):\n    return 7\n"}
    whole, _ = linked(changed)
    followed.paths.clear()

    assert linked(changed, outcomes)[0] == whole
    assert set(followed.paths) - {"tools.py"} == SECOND


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
def test_after_any_changes_it_is_what_a_whole_run_gives(random: Random) -> None:
    files = dict(random.choice(SOURCES))
    _, outcomes = linked(files)
    for _ in range(3):
        name = random.choice(sorted(files))
        match random.choice(["changed"] * 6 + ["gone", "copied", "renamed"]):
            case "changed":
                files[name] = edited(files[name], random)
            case "gone" if len(files) > 1:
                del files[name]
            case kind:
                folder, _, last = name.rpartition("/")
                to = random.choice(["", folder, "more"]), random.choice([last, "__init__.py", "more.py"])
                files["/".join(filter(None, to))] = files[name] if kind == "copied" else files.pop(name)
        whole, _ = linked(files)

        model, outcomes = linked(files, outcomes)

        assert model == whole


def test_an_init_that_a_path_reaches_now_is_noted_as_reached() -> None:
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
    _, outcomes = linked(files)
    enabled = {**files, "config.py": "ENABLED = True\n"}

    assert linked(enabled, outcomes)[0] == linked(enabled)[0]


def test_the_variable_of_a_function_at_the_very_start_of_a_file() -> None:
    text = "def log(row):\n    run = None\n    if run is not None:\n        run.log(row)\n"
    files = {"tools.py": text, "train.py": "import wandb\nfrom tools import log\nlog({'a': 1})\n"}
    _, outcomes = linked(files)
    moved = {**files, "tools.py": f"import wandb\n{text}"}

    assert linked(moved, outcomes)[0] == linked(moved)[0]


def test_scripts_that_are_not_followed_again_are_told_by_their_outlines() -> None:
    _, outcomes = linked(PROJECT)
    files = FilesInMemory({**PROJECT, "notes.py": PROJECT["notes.py"] + "import os\n"})

    analyze_incremental(files, before=outcomes)

    assert files.asked == set(PROJECT)
    # Those with functions that nobody calls are looked into for these.
    assert files.opened == {"notes.py", "tracking.py", "callbacks.py"}


def test_who_looks_at_what_a_changed_path_said_is_followed_again(followed: Followed) -> None:
    _, outcomes = linked(PROJECT)
    followed.paths.clear()

    linked({**PROJECT, "train.py": PROJECT["train.py"].replace("PREFIX)", '"other")')}, outcomes)

    assert "callbacks.py" in followed.paths
    assert "notes.py" not in followed.paths


@pytest.mark.parametrize(("code", "cases"), CASES, ids=[code for code, _ in CASES])
def test_the_examples_of_all_rules(code: str, cases: list[Case], followed: Followed) -> None:
    for case in cases:
        python = {name: text for name, text in case.files.items() if name.endswith(".py")}
        _, outcomes = linked(python)
        for name, text in python.items():
            changed = {**python, name: f"{text}\nimport os\n"}
            assert linked(changed, outcomes)[0] == linked(changed)[0], (code, case.name, name)


def test_a_file_more_or_less_is_followed_by_who_may_import_it(followed: Followed) -> None:
    files = {**TWO_SCRIPTS, "first.py": TWO_SCRIPTS["first.py"] + "from extra import more\nmore()\n"}
    more = {**files, "extra.py": "import wandb\ndef more():\n    wandb.log({'more': 1})\n"}
    whole, _ = linked(files)
    whole_with_more, _ = linked(more)
    _, outcomes = linked(files)
    followed.paths.clear()

    model, outcomes = linked(more, outcomes)
    assert model == whole_with_more
    assert set(followed.paths) == {"first.py", "extra.py"}
    followed.paths.clear()

    assert linked(files, outcomes)[0] == whole
    assert set(followed.paths) == {"first.py"}


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
def test_files_more_and_less_are_what_a_whole_run_gives(name: str, text: str) -> None:
    files = {
        **TWO_SCRIPTS,
        "third.py": """
import importlib
import wandb
wandb.init()
found = importlib.import_module("configs." + "ma" + "de")
found.run()
import configs
getattr(configs, "ma" + "de").run()
""",
        "configs/other.py": "import wandb\n",
    }
    whole, outcomes = linked(files)
    more = {**files, name: text}
    whole_with_more, outcomes_with_more = linked(more)

    assert linked(more, outcomes)[0] == whole_with_more
    assert linked(files, outcomes_with_more)[0] == whole


def test_bytes_that_hold_no_outcomes_are_as_none() -> None:
    model, outcomes = linked(PROJECT)
    left = PersistedState.decode(outcomes)
    kept = decode(left.results)
    fewer = ENCODER.encode(replace(kept, results=kept.results[1:]))

    for broken in (b"", b"\x00", outcomes[:-9], replace(left, results=fewer).encode()):
        assert linked(PROJECT, broken)[0] == model
