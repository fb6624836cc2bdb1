"""Which functions reach wandb, and so which files are read."""

from __future__ import annotations

import pytest

from tests.analysis.projects import FilesInMemory
from wandblint.analysis.project.file_selection import (
    CachedSelection,
    FileSelection,
    cached_selection,
    select_files,
)
from wandblint.analysis.project.import_graph import ImportGraph
from wandblint.analysis.project.module_index import ModuleIndex

TRACKING = """
import wandb

class Tracker:
    def init(self):
        wandb.init()
    def emit(self, row):
        wandb.log(row)
    def __call__(self, row):
        self.emit(row)

def dump(row):
    wandb.log(row)
"""


def selected(files: FilesInMemory, before: CachedSelection | None = None) -> FileSelection:
    index = ModuleIndex(files.names)
    return select_files(files, ImportGraph(files, index), index, before or CachedSelection())


def reaching(text: str, **more: str) -> set[str]:
    """Which of the functions `a`, `b`, ... of a file next to `tracking.py` reach wandb."""
    files = {"tracking.py": TRACKING, "user.py": text} | {f"{name}.py": body for name, body in more.items()}
    in_memory = FilesInMemory(files)
    return {name for name in selected(in_memory).reaches_wandb if len(name) == 1}


@pytest.mark.parametrize(
    "text",
    [
        "import wandb\ndef a(): wandb.log({})",
        "from tracking import dump\ndef a(): dump({})",
        "from tracking import dump as d\ndef a(): d({})",
        "import tracking\ndef a(): tracking.dump({})",
        "from tracking import *\ndef a(): dump({})",
        "def a():\n    from tracking import dump\n    dump({})",
        "from tracking import Tracker\ndef a(tracker): tracker.emit({})",
        "from tracking import Tracker\ndef a(): return Tracker()",
        "from tracking import dump\ndef b(): dump({})\ndef a(): b()",
        "from tracking import Tracker\nclass B(Tracker): ...\ndef a(): B()",
        "def a(wandb_run): wandb_run.log({})",
        "from tracking import Tracker\ndef a(): return Tracker.build()",
        "from tracking import Tracker\nclass B:\n @classmethod\n def c(cls): Tracker()\ndef a(): B.c()",
        "from tracking import Tracker\nB = Tracker()\ndef a(): B({})",
    ],
)
def test_a_function_that_references_one_that_reaches_wandb_reaches_it_too(text: str) -> None:
    assert "a" in reaching(text)


@pytest.mark.parametrize(
    "text",
    [
        "import json, tracking\ndef a(): json.dump({})",
        "from torch import nn\nimport tracking\ndef a(layer): nn.init.normal_(layer)",
        "import tracking\ndef a(dump): dump()",
        "import tracking\ndef a():\n    dump = 1\n    return dump",
        "import tracking\ndef dump(): ...\ndef a(): dump()",
        "from pickle import dump\nimport tracking\ndef a(): dump()",
    ],
)
def test_sharing_only_a_name_does_not_reach_wandb(text: str) -> None:
    assert "a" not in reaching(text)


MODELS = """
import wandb

class Trainer:
    def __init__(self):
        self.run = wandb.init()
    class Config: ...
    def size(self):
        return 3

settings = wandb.init()
"""


@pytest.mark.parametrize(
    "text",
    [
        "from models import Trainer\ndef a(): return Trainer.Config()",
        "from models import Trainer\ndef a(trainer): return Trainer.size(trainer)",
        "import models\ndef a(job): return job.settings",
    ],
)
def test_an_attribute_is_neither_its_class_nor_a_variable_of_its_name(text: str) -> None:
    assert "a" not in reaching(text, models=MODELS)


def test_methods_of_one_name_are_told_apart() -> None:
    text = """
import wandb
class First:
    def go(self): wandb.log({})
class Second:
    def go(self): ...
"""
    found = selected(FilesInMemory({"user.py": text})).reaching
    assert ("user.py", "First.go") in found
    assert ("user.py", "Second.go") not in found


def test_a_file_that_reexports_a_name_is_read_and_so_are_its_importers() -> None:
    files = FilesInMemory(
        {
            "pkg/tracking.py": TRACKING,
            "pkg/__init__.py": "from .tracking import dump",
            "other.py": "from pkg import dump\ndef a(): dump({})",
            "far.py": "import json\ndef a(): json.dump({})",
        }
    )
    assert sorted(selected(files).read) == [
        "other.py",
        "pkg/__init__.py",
        "pkg/tracking.py",
    ]


FILES = {
    "tracking.py": TRACKING,
    "user.py": "from tracking import dump\ndef use(row):\n    dump(row)\n",
    "other.py": "def other():\n    return 1\n",
}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"other.py": "def other():\n    return 2\n"},
        {"tracking.py": TRACKING + "# a comment\n"},
        {"tracking.py": TRACKING + "def more(row):\n    dump(row)\n"},
        {"tracking.py": TRACKING.replace("def dump(row):\n    wandb.log(row)", "def dump(row):\n    pass")},
        {"other.py": "from tracking import dump\ndef other():\n    dump({})\n"},
        {"other.py": "import wandb\ndef other():\n    wandb.log({})\n"},
        {"user.py": "def use(row):\n    pass\n"},
        {"more.py": "from user import use\ndef more():\n    use({})\n"},
        {"tracking.py": "def broken(:  # wandb"},
    ],
)
def test_the_selection_after_a_change_equals_one_from_scratch(changed: dict[str, str]) -> None:
    files = FilesInMemory(FILES)
    before = cached_selection(files, selected(files))
    after = FilesInMemory({**FILES, **changed})

    assert selected(after, before) == selected(after)


def test_no_imports_are_scanned_where_no_public_fingerprint_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = FilesInMemory(FILES)
    before = cached_selection(files, selected(files))
    monkeypatch.setattr(ImportGraph, "scan", None)

    after = FilesInMemory({**FILES, "other.py": "def other():\n    return 2\n"})

    assert selected(after, before).read.keys() == {"tracking.py", "user.py"}


def test_a_selection_with_an_unreadable_file_is_not_cached() -> None:
    files = FilesInMemory({**FILES, "broken.py": "def broken(:  # wandb"})

    assert cached_selection(files, selected(files)) == CachedSelection()
