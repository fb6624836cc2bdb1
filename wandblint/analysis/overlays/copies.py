"""Models of `copy.copy` and `copy.deepcopy`: new objects with the same content."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, SequenceObject, copied
from wandblint.analysis.domain.lattice import has_thunk, join, options
from wandblint.analysis.domain.values import NONE, Frame, Ref, Unknown, Value
from wandblint.analysis.objects.special_methods import call_special
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.semantics.api import makes_media
from wandblint.span import Span
from wandblint.template import SymbolId

_MAX_OBJECTS = 100
"""How many objects below the copied one get a copy: others belong to both."""


def _copy(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return _Copies(m, frame, span, is_deep=False).of(arguments.get(0, "x") or NONE)


def _deepcopy(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return _Copies(m, frame, span, is_deep=True).of(arguments.get(0, "x") or NONE)


class _Copies:
    """The copies that one call makes."""

    def __init__(self, m: Interpreter, frame: Frame, span: Span, *, is_deep: bool) -> None:
        self._m, self._frame, self._span, self._is_deep = m, frame, span, is_deep
        self._known: dict[Ref, Value] = {}

    def of(self, value: Value) -> Value:
        """The copy of a value; a thunk is copied when it is needed."""
        m = self._m
        if has_thunk(value):
            return m.defer(self._frame, ("copy", self._span), lambda: self.of(m.force(value)))
        return join(self._of_option(option) for option in options(value))

    def _of_option(self, value: Value) -> Value:
        if isinstance(value, Unknown) and makes_media(value.external):
            # A new table or image: what is added to the old one is not in it.
            symbol = SymbolId("call", self._frame.context, self._span)
            return Unknown(symbol, value.label, value.external)
        return self._of_one(value) if isinstance(value, Ref) else value

    def _of_one(self, ref: Ref) -> Value:
        if ref not in self._known and len(self._known) < _MAX_OBJECTS:
            self._known[ref] = self._new(ref)
        return self._known.get(ref, ref)

    def _new(self, ref: Ref) -> Value:
        m, frame, span = self._m, self._frame, self._span
        method = "__deepcopy__" if self._is_deep else "__copy__"
        made = call_special(m, ref, (method,), (NONE,) if self._is_deep else (), frame, span)
        if made is not None:
            return made
        state = copied(m.heap[ref])
        state.allocation_branch, state.present = m.branch, None
        state.is_kept = state.is_summary = False
        new = self._known[ref] = m.allocate(frame, (span, "copy", ref.address), state)
        if not self._is_deep:
            return new
        if isinstance(state, Dictionary):
            for entry in state.entries.values():
                entry.value = self._part(entry.value)
        elif isinstance(state, SequenceObject):
            state.items = [self._part(item) for item in state.items]
            state.tail = None if state.tail is None else self._part(state.tail)
        else:
            state.attributes = {name: self._part(part) for name, part in state.attributes.items()}
        return new

    def _part(self, value: Value) -> Value:
        return value if has_thunk(value) else self._m.heap.keep(self.of(value))


HANDLERS: dict[str, Handler] = {"copy.copy": _copy, "copy.deepcopy": _deepcopy}
"""By canonical name."""
