"""What leads to wandb, and so which files are read."""

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


def chosen(files: FilesInMemory, before: CachedSelection | None = None) -> FileSelection:
    index = ModuleIndex(files.names)
    return select_files(files, ImportGraph(files, index), index, before or CachedSelection())


def led(text: str, **more: str) -> set[str]:
    """Which of the functions `a`, `b`, ... of a file beside `tracking.py` lead to wandb."""
    files = {"tracking.py": TRACKING, "user.py": text} | {f"{name}.py": body for name, body in more.items()}
    in_memory = FilesInMemory(files)
    return {name for name in chosen(in_memory).reaches_wandb if len(name) == 1}


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
    ],
)
def test_who_mentions_what_reaches_wandb_leads_there(text: str) -> None:
    assert "a" in led(text)


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
def test_what_only_shares_a_name_leads_nowhere(text: str) -> None:
    assert "a" not in led(text)


def test_a_file_that_hands_a_name_on_is_read_and_so_is_who_takes_it_there() -> None:
    files = FilesInMemory(
        {
            "pkg/tracking.py": TRACKING,
            "pkg/__init__.py": "from .tracking import dump",
            "other.py": "from pkg import dump\ndef a(): dump({})",
            "far.py": "import json\ndef a(): json.dump({})",
        }
    )
    assert sorted(chosen(files).read) == [
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
def test_what_is_chosen_after_a_change_is_what_is_chosen_anew(changed: dict[str, str]) -> None:
    files = FilesInMemory(FILES)
    before = cached_selection(files, chosen(files))
    after = FilesInMemory({**FILES, **changed})

    assert chosen(after, before) == chosen(after)


def test_where_no_file_says_anything_else_no_imports_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    files = FilesInMemory(FILES)
    before = cached_selection(files, chosen(files))
    monkeypatch.setattr(ImportGraph, "scan", None)

    after = FilesInMemory({**FILES, "other.py": "def other():\n    return 2\n"})

    assert chosen(after, before).read.keys() == {"tracking.py", "user.py"}


def test_a_file_that_cannot_be_read_is_looked_at_again() -> None:
    files = FilesInMemory({**FILES, "broken.py": "def broken(:  # wandb"})

    assert cached_selection(files, chosen(files)) == CachedSelection()
