"""Imported modules: run part by part, with the same outcome as from top to bottom."""

from __future__ import annotations

import pytest

from tests.analysis.projects import FilesInMemory, keys_of, script
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.analysis.project.module_slices import slice_module

LOG = script("import names\nrun.log({names.KEY: x})")


@pytest.mark.parametrize(
    ("module", "keys"),
    [
        ('KEY = "loss"', {"loss"}),
        ('KEY = "a"\nKEY = KEY + "/loss"', {"a/loss"}),
        ('prefix = "a"\nKEY = prefix + "/x"\nprefix = "b"\nOTHER = prefix', {"a/x"}),
        ('_parts = ["a"]\n_parts.append("b")\nKEY = "/".join(_parts)', {"a/b"}),
        ('def make():\n    return STAGE + "/loss"\nKEY = make()\nSTAGE = "a"', {"a/loss"}),
        ('try:\n    from fast import KEY\nexcept ImportError:\n    KEY = "slow"', {"slow"}),
        ('for stage in ["a"]:\n    KEY = f"{stage}/loss"', {"a/loss"}),
        ('if debug:\n    KEY = "a"\nelse:\n    KEY = "b"', {"a", "b"}),
        ("from constants import *\nKEY = PREFIX + '/loss'", {"p/loss"}),
        ("PREFIX = 'own'\nfrom constants import *\nKEY = PREFIX + '/loss'", {"p/loss"}),
        ("class Names:\n    A = 'a'\n    B = A + '/b'\nKEY = Names.B", {"a/b"}),
        ("def show():\n    global KEY\n    KEY = 'b'\nKEY = 'a'\nshow()", {"a", "b"}),
        ("import constants\nKEY = constants.ROW['k']", {"kept"}),
    ],
)
def test_a_variable_has_the_value_that_running_the_module_gives_it(module: str, keys: set[str]) -> None:
    constants = 'PREFIX = "p"\nROW = {}\nROW["k"] = "kept"'
    found = keys_of({"train.py": LOG, "names.py": module, "constants.py": constants})
    assert found - {"..."} == keys


def test_what_a_module_does_to_another_one_is_done_though_none_of_its_names_is_needed() -> None:
    files = {
        "train.py": script("import more\nmore.x\nfrom row import ROW\nrun.log(ROW)"),
        "row.py": 'ROW = {"a": 1}',
        "more.py": 'from row import ROW\nx = 1\nROW["b"] = 2',
    }
    assert keys_of(files) == {"a", "b"}


def test_what_a_module_logs_is_seen_though_none_of_its_names_is_needed() -> None:
    files = {
        "train.py": script("import other\nother.x"),
        "other.py": 'import wandb\nx = 1\nwandb.log({"loss": 1})',
    }
    assert keys_of(files) == {"loss"}


def test_parts_share_no_name_that_changes() -> None:
    text = """
    import os
    A = []
    B = 1
    A.append(1)
    C = B
    os.environ["X"] = "1"
    def f(x=B): ...
    D = 1
    D += C
    """
    files = FilesInMemory({"m.py": text})
    file = files.facts("m.py")
    assert file is not None
    parts = slice_module(file, ModuleIndex(files.names), lambda word: False)
    assert [sorted(part.names) for part in parts] == [["os"], ["A"], ["B"], ["C"], ["f"], ["D"]]
    assert [len(part.statements) for part in parts] == [1, 2, 1, 1, 1, 2]
    assert not any(part.is_eager for part in parts)
