"""Room on Python's stack for deep recursion."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_WORDS = (1 << 17) + 200
"""A little more than 1 MB, for which Python gets 2 MB: what is left is room for some four thousand frames."""


def preallocate_frames(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """The function, called so that what it calls finds room for its frames.

    Since 3.11 CPython maps 16 KB when the frames of a call do not fit into what is mapped, and unmaps it when
    the call returns: a recursion that goes up and down over such a border does so at every turn. That was a
    tenth of linking. A frame that is larger than that gets as much as it needs, and those behind it the rest.
    """

    def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        return function(*args, **kwargs)

    assert isinstance(call, FunctionType), "it was just defined"
    call.__code__ = call.__code__.replace(co_stacksize=_WORDS)
    return call
