"""Calls that are put off until somebody needs what they give: those whose changes nobody else can see."""

from __future__ import annotations

import pytest

from tests.linking.projects import FilesInMemory, keys_of, model_of, script
from wandblint.linking import limits, link


def reads_deep(body: str) -> bool:
    """Whether a function is run although nobody needs its result: then it reads another file."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    files = FilesInMemory(
        {
            "train.py": script('from loading import load\nload(args.name, depth=2)\nrun.log({"loss": 1})'),
            "loading.py": f"from deep import WIDTH\ndef load(name, **options):\n{lines}    return WIDTH\n",
            "deep.py": "WIDTH = 1",
        }
    )
    link(files)
    return "deep.py" in files.asked


@pytest.mark.parametrize(
    "body",
    [
        'options.pop("depth")',
        "rows = []\nrows.append(name)",
        "name.done = True",
        "for part in name.parts:\n    part.done = True",
    ],
)
def test_a_call_waits_that_changes_only_what_it_made_or_what_is_not_known(body: str) -> None:
    assert not reads_deep(body)


@pytest.mark.parametrize(
    "body", ["global done\ndone = True", "WIDTH.done = WIDTH.real", "registry.add(name)"]
)
def test_a_call_does_not_wait_that_changes_what_others_see(body: str) -> None:
    assert reads_deep(body)


def test_a_call_does_not_wait_that_changes_a_row_that_it_is_given() -> None:
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


def looks_into_library(body: str) -> bool:
    """Whether a script looks into a module that leads to no wandb."""
    files = FilesInMemory(
        {
            "train.py": script(f"from library import Loader, load\n{body}\nrun.log({{'loss': 1}})"),
            "library.py": LIBRARY,
        }
    )
    link(files)
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
def test_a_class_is_not_looked_up_for_an_instance_that_nobody_looks_at(body: str) -> None:
    assert not looks_into_library(body)


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
def test_a_class_is_looked_up_where_it_may_matter(body: str) -> None:
    assert looks_into_library(body)


@pytest.mark.parametrize("made", ["Loader('val')", "Loader.from_file('val')"])
def test_an_instance_of_a_class_that_was_not_looked_up_is_what_it_would_be(made: str) -> None:
    files = {
        "train.py": script(f"from library import Loader\nloader = {made}\nrun.log({{loader.key: 1}})"),
        "library.py": LIBRARY,
    }
    assert keys_of(files) == {"val/loss"}


def after_a_long_call(call: str) -> set[str]:
    """The keys that a script logs behind a call of a function that is too long to follow."""
    lines = "    state.append(1)\n" * (limits.STEPS_PER_BYSTANDER + 1)
    made = {
        "train.py": script(f"from library import work\n{call}"),
        "library.py": f"state = []\ndef work(given):\n{lines}    given['late'] = 1\n    return given\n",
    }
    assert model_of(made).given_up == 0
    return keys_of(made)


def test_a_path_goes_on_behind_a_long_call_of_code_that_leads_to_no_wandb_call() -> None:
    assert after_a_long_call("work(args.name)\nrun.log({'loss': 1})") == {"loss"}


def test_what_a_long_call_is_given_may_hold_anything_afterwards() -> None:
    assert after_a_long_call("row = {'loss': 1}\nwork(row)\nrun.log(row)") == {"loss", "..."}
    assert after_a_long_call("row = {'loss': 1}\nwork(args)\nwork(row)\nrun.log(row)") == {"loss", "..."}


def test_what_a_long_call_gives_is_not_known() -> None:
    assert after_a_long_call("run.log(work(args.name))") == {"..."}
