"""Imported modules are interpreted slice by slice, with the result of a run from top to bottom."""

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
    logged = keys_of({"train.py": LOG, "names.py": module, "constants.py": constants})
    assert logged - {"..."} == keys


def test_a_module_changes_another_module_even_if_no_name_of_it_is_needed() -> None:
    files = {
        "train.py": script("import more\nmore.x\nfrom row import ROW\nrun.log(ROW)"),
        "row.py": 'ROW = {"a": 1}',
        "more.py": 'from row import ROW\nx = 1\nROW["b"] = 2',
    }
    assert keys_of(files) == {"a", "b"}


def test_a_module_logs_even_if_no_name_of_it_is_needed() -> None:
    files = {
        "train.py": script("import other\nother.x"),
        "other.py": 'import wandb\nx = 1\nwandb.log({"loss": 1})',
    }
    assert keys_of(files) == {"loss"}


def test_slices_share_no_name_that_changes() -> None:
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
    slices = slice_module(file, ModuleIndex(files.names), lambda word: False, lambda path: False)
    assert [sorted(module_slice.names) for module_slice in slices] == [
        ["os"],
        ["A"],
        ["B"],
        ["C"],
        ["f"],
        ["D"],
    ]
    assert [len(module_slice.statements) for module_slice in slices] == [1, 2, 1, 1, 1, 2]
    assert not any(module_slice.is_eager for module_slice in slices)
