"""Syntax of IPython that Python does not know is masked, character by character."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.sources.magics import mask_magics


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x = 1\n", "x = 1\n"),
        ("%matplotlib inline\nx = 1", "_#atplotlib inline\nx = 1"),
        ("!pip install \\\n    wandb\nx = 1", "_#ip install \\\n#   wandb\nx = 1"),
        ("!pip install \\\r\n  x\r\ny", "_#ip install \\\r\n# x\r\ny"),
        ("if x:\n    !ls\n", "if x:\n    _#s\n"),
        ("files = !ls *.py\n", "files = _#s *.py\n"),
        ("a, b = %magic x\n", "a, b = _#agic x\n"),
        ("%time run.log({})\n", "_    ;run.log({})\n"),
        ("x = %time f(\n  1)\n", "x =       f(\n  1)\n"),
        ("%time for x in y: f(x)\n", "_#ime for x in y: f(x)\n"),
        ("run?\n?run\nrun.log??", "_#n?\n_#un\n_#n.log??"),
        ("?", "_"),
        ("x = (a\n  % b)\n", "x = (a\n  % b)\n"),
        ("x = a \\\n  % b\n", "x = a \\\n  % b\n"),
        ("x = '''\n%d\n!ls?\n'''\n", "x = '''\n%d\n!ls?\n'''\n"),
        ("x = 1  # really?\n", "x = 1  # really?\n"),
        ("x = 'why?' != y\n", "x = 'why?' != y\n"),
        ("%%bash\nls\n\nwandb.log()\n", "#%bash\n#s\n\n#andb.log()\n"),
        ("%%time\nrun.log({})\n", "_#time\nrun.log({})\n"),
        ("%%capture out\n%cd x\ny = 1", "_#capture out\n_#d x\ny = 1"),
        ("%%!\nls", "#%!\n#s"),
        ("cd data/", "_# data/"),
        ("\n  pip install wandb -q\n", "\n  _#p install wandb -q\n"),
        ("timeit -n 5 f(x)", "_#meit -n 5 f(x)"),
        ("time run.log({})", "_  ; run.log({})"),
        ("ls if x else y", "ls if x else y"),
        ("cd = 3", "cd = 3"),
        ("run.log({})", "run.log({})"),
        ("", ""),
    ],
)
def test_masking(cell: str, expected: str) -> None:
    assert mask_magics(cell) == expected
    assert len(expected) == len(cell)
    ast.parse(mask_magics(cell).lstrip())


def test_a_magic_among_other_lines_needs_its_sign() -> None:
    assert mask_magics("cd data\nx = 1") == "cd data\nx = 1"


@given(st.text("%!?=xy \"'#\\\n\r([{)]}:.,0"))
def test_masked_text_is_as_long_and_has_the_same_lines(cell: str) -> None:
    masked_cell = mask_magics(cell)
    assert len(masked_cell) == len(cell)
    assert [at for at, sign in enumerate(masked_cell) if sign in "\r\n"] == [
        at for at, sign in enumerate(cell) if sign in "\r\n"
    ]
