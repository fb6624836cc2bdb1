"""Preallocated space on Python's frame stack for deep recursion."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_WORDS = (1 << 17) + 200
"""A little more than 1 MB, for which Python maps 2 MB: the rest holds some four thousand frames."""


def preallocate_frames(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Wrap a function so that the frames of its calls fit into memory that is already mapped.

    Since 3.11 CPython maps 16 KB when a frame does not fit into the mapped memory, and unmaps it when the
    call returns. Recursion across such a boundary maps and unmaps again and again, which took a tenth of the
    analysis. The wrapper has one huge frame: CPython maps more than it needs, and later frames get the rest.
    """

    def call(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        return function(*args, **kwargs)

    assert isinstance(call, FunctionType), "it was just defined"
    call.__code__ = call.__code__.replace(co_stacksize=_WORDS)
    return call
