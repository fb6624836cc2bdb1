"""`isinstance` of abstract values."""

from __future__ import annotations

from wandblint.analysis.domain.heap_objects import Dictionary, HeapObject, Instance, SequenceObject
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Class, External, Ref, Scalar, Value
from wandblint.analysis.objects.classes import has_unknown_base, mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.template import Template

_STRUCTURAL = ("collections.", "typing.", "abc.", "numbers.")
"""Modules whose classes have instances that do not inherit from them."""


def isinstance_verdict(m: Interpreter, value: Value, kind: Value) -> bool | None:
    """Whether a value is an instance of a class, or of one in a tuple of classes; None where unknown."""
    kinds: list[Value] = []
    for option, instance in m.objects(kind):
        if isinstance(instance, SequenceObject):
            kinds.extend(instance.items if instance.tail is None else [*instance.items, instance.tail])
        else:
            kinds.append(option)
    verdicts = {_is_instance_of_any(m, option, instance, kinds) for option, instance in m.objects(value)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _is_instance_of_any(
    m: Interpreter, value: Value, instance: HeapObject | None, kinds: list[Value]
) -> bool | None:
    if not isinstance(instance, Instance) and _builtin(value, instance) is None:
        return None
    verdicts = {_is_instance(value, instance, option) for kind in kinds for option in options(m.force(kind))}
    return True if True in verdicts else None if None in verdicts or not verdicts else False


def _is_instance(value: Value, instance: HeapObject | None, kind: Value) -> bool | None:
    if isinstance(instance, Instance):
        if isinstance(kind, Class):
            known = not instance.is_symbolic and not has_unknown_base(instance.cls)
            return True if kind.info in mro(instance.cls) else False if known else None
        return None if instance.is_symbolic or has_unknown_base(instance.cls) else False
    own = _builtin(value, instance)
    if own is None or not isinstance(kind, (Class, External)):
        return None
    if isinstance(kind, Class):
        return False
    word = kind.path.rpartition(".")[2]
    if word in own:
        return None if own is _SEQUENCES else True
    return None if kind.path.startswith(_STRUCTURAL) else False


_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
_SEQUENCES = frozenset({"list", "tuple", "set", "frozenset", "Sequence", "List", "Tuple"})
_NUMBERS = frozenset({"Number", "Real", "Complex"})


def _builtin(value: Value, instance: HeapObject | None) -> frozenset[str] | None:
    """The names of the builtin classes that a value is an instance of; None for other values."""
    if isinstance(instance, Dictionary):
        return _MAPPINGS if isinstance(value, Ref) else None
    if isinstance(instance, SequenceObject):
        return _SEQUENCES
    if isinstance(value, Template):
        return frozenset({"str"})
    if not isinstance(value, Scalar):
        return None
    if value.value is None:
        return frozenset({"NoneType"})
    return _NUMBERS | {value.kind} | ({"int"} if value.kind == "bool" else set())
