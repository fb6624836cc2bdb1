"""What leads to wandb, and so which files are read."""

from __future__ import annotations

import pytest

from tests.linking.projects import FilesInMemory
from wandblint.linking.modules import ModuleIndex
from wandblint.linking.relevance import choose

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


def led(text: str, **more: str) -> set[str]:
    """Which of the functions `a`, `b`, ... of a file beside `tracking.py` lead to wandb."""
    files = {"tracking.py": TRACKING, "user.py": text} | {f"{name}.py": body for name, body in more.items()}
    in_memory = FilesInMemory(files)
    return {name for name in choose(in_memory, ModuleIndex(in_memory.names)).interesting if len(name) == 1}


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
    assert sorted(choose(files, ModuleIndex(files.names)).read) == [
        "other.py",
        "pkg/__init__.py",
        "pkg/tracking.py",
    ]
