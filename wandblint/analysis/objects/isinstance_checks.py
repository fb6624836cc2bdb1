"""What kind of thing a value is, as `isinstance` tells it."""

from __future__ import annotations

from wandblint.analysis.domain.heap import Dictionary, HeapObject, Instance, SequenceObject
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Class, External, Ref, Scalar, Value
from wandblint.analysis.objects.classes import has_unknown_base, mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.template import Template

_VAGUE = ("collections.", "typing.", "abc.", "numbers.")
"""Modules of classes that have instances which do not name them."""


def isinstance_verdict(m: Interpreter, value: Value, kind: Value) -> bool | None:
    """Whether a value is an instance of a class, or of one in a tuple of classes; None where not known."""
    kinds: list[Value] = []
    for option, made in m.objects(kind):
        if isinstance(made, SequenceObject):
            kinds.extend(made.items if made.tail is None else [*made.items, made.tail])
        else:
            kinds.append(option)
    verdicts = {_of_any(m, option, made, kinds) for option, made in m.objects(value)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _of_any(m: Interpreter, value: Value, made: HeapObject | None, kinds: list[Value]) -> bool | None:
    if not isinstance(made, Instance) and _builtin(value, made) is None:
        return None
    verdicts = {_of_one(value, made, option) for kind in kinds for option in options(m.force(kind))}
    return True if True in verdicts else None if None in verdicts or not verdicts else False


def _of_one(value: Value, made: HeapObject | None, kind: Value) -> bool | None:
    if isinstance(made, Instance):
        if isinstance(kind, Class):
            known = not made.is_symbolic and not has_unknown_base(made.cls)
            return True if kind.info in mro(made.cls) else False if known else None
        return None if made.is_symbolic or has_unknown_base(made.cls) else False
    own = _builtin(value, made)
    if own is None or not isinstance(kind, (Class, External)):
        return None
    if isinstance(kind, Class):
        return False
    word = kind.path.rpartition(".")[2]
    if word in own:
        return None if own is _SEQUENCES else True
    return None if kind.path.startswith(_VAGUE) else False


_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_SEQUENCES = frozenset({"list", "tuple", "set", "frozenset", "Sequence", "List", "Tuple"})
_NUMBERS = frozenset({"Number", "Real", "Complex"})


def _builtin(value: Value, made: HeapObject | None) -> frozenset[str] | None:
    """The names of the classes that a value of the builtins is an instance of; None for other values."""
    if isinstance(made, Dictionary):
        return _MAPPINGS if isinstance(value, Ref) else None
    if isinstance(made, SequenceObject):
        return _SEQUENCES
    if isinstance(value, Template):
        return frozenset({"str"})
    if not isinstance(value, Scalar):
        return None
    if value.value is None:
        return frozenset({"NoneType"})
    return _NUMBERS | {value.kind} | ({"int"} if value.kind == "bool" else set())
