"""`semantics.arrays` against the installed wandb, numpy and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.analysis.projects import model_of
from wandblint.semantics.arrays import ARRAY_MAKERS, LARGEST_LIST

from . import studies

if TYPE_CHECKING:
    from .conftest import Recorded

CALLS = {
    "zeros ones empty": ["(7)", "((3, 4))", "([2, 5])"],
    "full": ["(7, 1)", "((3, 4), 1.0)"],
    "linspace": ["(0, 1, 9)"],
    "logspace geomspace": ["(1, 2, 9)"],
    "array asarray tensor as_tensor": ["([1, 2, 3])", "([0.5])"],
    "arange": ["(7)", "(2, 9)", "(0, 10, 3)"],
    "random.rand random.randn rand randn": ["(7)", "(3, 4)"],
    "random.random random.random_sample": ["(7)", "((3, 4))", "(size=5)"],
    "random.normal random.uniform": ["(0, 1, 7)", "(size=(3, 4))"],
    "random.randint": ["(0, 5, 7)", "(5, size=(3, 4))"],
}
"""Calls by the names of functions in a module."""

PROGRAMS = [
    (path, call)
    for path in ARRAY_MAKERS
    for names, calls in CALLS.items()
    if any(path in {f"numpy.{name}", f"torch.{name}"} for name in names.split())
    for call in calls
]


@pytest.mark.xdist_group("recorded")
def test_wandb_keeps_short_arrays_as_lists(recorded: Recorded) -> None:
    if not studies.ARRAY_SIZES:
        pytest.skip("numpy is not installed")
    values = {key: value for row in recorded.rows["arrays"] for key, value in row.items()}
    kinds = {
        size: values.get(f"array {size}", values.get(f"array {size}._type")) for size in studies.ARRAY_SIZES
    }
    assert isinstance(kinds[1], (int, float))
    assert {size for size, value in kinds.items() if isinstance(value, list)} == {2, LARGEST_LIST}
    histograms = {size for size, value in kinds.items() if "histogram" in str(value)}
    assert histograms == {size for size in studies.ARRAY_SIZES if size > LARGEST_LIST}


def test_every_function_is_tried() -> None:
    tried = {path for path, _ in PROGRAMS}
    assert tried == {path for path in ARRAY_MAKERS if not path.startswith("jax.")}


@pytest.mark.parametrize(("path", "call"), PROGRAMS)
def test_the_size_is_that_of_the_array(path: str, call: str) -> None:
    module, _, _ = path.partition(".")
    library = pytest.importorskip(module)
    array = eval(f"{path}{call}", {module: library})
    size = array.size if module == "numpy" else array.numel()

    text = f"import {module}\nimport wandb\nrun = wandb.init()\nrun.log({{'a': {path}{call}}})\n"
    ((logged,),) = [call.keys for call in model_of(text).log_calls]
    assert logged.size == (None if size == 1 else size)


@pytest.mark.parametrize(
    "expression",
    [
        "np.zeros(n)",
        "np.zeros((n, 2))",
        "np.zeros(3) + x",
        "np.array(n)",
        "np.array([[1, 2], [3, 4]])",
        "np.arange(n)",
        "np.zeros(*n)",
        "np.zeros(**n)",
        "np.arange(0, 1, 0.1)",
        "np.zeros(7) if n else np.zeros(8)",
        "n.zeros(7)",
    ],
)
def test_a_size_that_the_code_does_not_show(expression: str) -> None:
    text = "import sys\nimport numpy as np\nimport wandb\nn, x = sys.argv\n"
    text += f"wandb.init().log({{'a': {expression}}})\n"
    assert [key.size for call in model_of(text).log_calls for key in call.keys] == [None]


def test_arrays_of_different_sizes_from_one_place() -> None:
    text = "import numpy as np\nimport wandb\ndef make(n):\n    return np.zeros(n)\nrun = wandb.init()\n"
    text += "run.log({'a': make(3)})\nrun.log({'b': make(50)})\n"
    assert None in {key.size for call in model_of(text).log_calls for key in call.keys}
