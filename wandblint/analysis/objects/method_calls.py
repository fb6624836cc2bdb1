"""A call of a method of a dictionary or sequence, as the models of such methods get it."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, SequenceObject
from wandblint.analysis.domain.values import NONE, Frame, Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId

Target = TypeVar("Target", Dictionary, SequenceObject)


class MethodCall(msgspec.Struct, Generic[Target]):
    """`ref.method(...)`, where `ref` refers to `target`."""

    m: Interpreter
    target: Target
    ref: Value
    method: str
    arguments: Arguments
    frame: Frame
    span: Span

    @property
    def first(self) -> Value:
        """The first argument; None where there is none."""
        return self.arguments.get(0, "") or NONE

    @property
    def unknown(self) -> Value:
        """The unknown result."""
        return Unknown(SymbolId("call", self.frame.context, self.span), f"{self.method}()")

    def escaped(self) -> Value:
        """The unknown result of a method that may do anything with the object and its arguments."""
        self.m.dispatch.escape(self.m, [self.ref, *self.arguments.values()], self.span)
        return self.unknown
