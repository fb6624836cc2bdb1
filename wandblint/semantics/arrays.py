"""Arrays: the calls of numpy, torch and jax that make one, and how their arguments say its size."""

from __future__ import annotations

import enum

import msgspec

LARGEST_LIST = 32
"""wandb keeps an array of so many elements as a list, and makes a histogram of a longer one
(docs/wandb-semantics.md, Values 4)."""


class Extent(enum.Enum):
    """How a call says how many elements its result has."""

    SHAPE = "shape"
    """One argument is the length, or the lengths of all dimensions."""
    SIZES = "sizes"
    """The arguments are the lengths of the dimensions."""
    COUNT = "count"
    """One argument is the number of elements."""
    RANGE = "range"
    """The arguments are those of `range`."""
    ITEMS = "items"
    """The first argument holds the elements."""


class ArrayMaker(msgspec.Struct, frozen=True):
    """How to read the arguments of a call: the position and the name of the one that matters."""

    extent: Extent
    position: int = 0
    keyword: str = ""
    default: int = 0
    """The number without that argument; 0 where it is a single value."""


_SHAPE = ArrayMaker(Extent.SHAPE, 0, "shape")
_DRAWN = ArrayMaker(Extent.SHAPE, 2, "size")
_SIZES = ArrayMaker(Extent.SIZES, 0, "size")

_NUMPY = {
    **dict.fromkeys(("zeros", "ones", "empty", "full"), _SHAPE),
    **dict.fromkeys(("linspace", "logspace", "geomspace"), ArrayMaker(Extent.COUNT, 2, "num", 50)),
    **dict.fromkeys(("array", "asarray"), ArrayMaker(Extent.ITEMS)),
    "arange": ArrayMaker(Extent.RANGE),
}
_NUMPY_RANDOM = {
    **dict.fromkeys(("rand", "randn"), _SIZES),
    **dict.fromkeys(("random", "random_sample"), ArrayMaker(Extent.SHAPE, 0, "size")),
    **dict.fromkeys(("normal", "uniform", "randint"), _DRAWN),
}
_TORCH = {
    **dict.fromkeys(("zeros", "ones", "rand", "randn", "empty"), _SIZES),
    **dict.fromkeys(("linspace", "logspace"), ArrayMaker(Extent.COUNT, 2, "steps")),
    **dict.fromkeys(("tensor", "as_tensor"), ArrayMaker(Extent.ITEMS)),
    "arange": ArrayMaker(Extent.RANGE),
}

ARRAY_MAKERS = {
    **{f"{module}.{name}": maker for module in ("numpy", "jax.numpy") for name, maker in _NUMPY.items()},
    **{f"numpy.random.{name}": maker for name, maker in _NUMPY_RANDOM.items()},
    **{f"torch.{name}": maker for name, maker in _TORCH.items()},
}
"""By canonical name."""
