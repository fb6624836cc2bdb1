"""Special methods: what Python calls on an instance of a project class for an operator or a builtin."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import has_thunk, join, options
from wandblint.analysis.domain.values import Class, Frame, Function, Ref, Value
from wandblint.analysis.objects.classes import bound_method, find_in_class
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span

BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "lshift",
    ">>": "rshift",
}
"""The name in the special methods `__add__`, `__radd__`, `__iadd__`, by operator."""

UNARY = {"-": "__neg__", "+": "__pos__", "~": "__invert__", "format": "__format__"}
"""By the `op` of an `Other`."""

COMPARISON = {"<": "__lt__", ">": "__gt__", "<=": "__le__", ">=": "__ge__", "==": "__eq__", "!=": "__ne__"}
REFLECTED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}

BUILTINS = {
    "len": ("__len__",),
    "bool": ("__bool__", "__len__"),
    "str": ("__str__", "__repr__"),
    "print": ("__str__", "__repr__"),
    "repr": ("__repr__",),
    "format": ("__format__", "__str__"),
    "hash": ("__hash__",),
    "int": ("__int__", "__index__", "__trunc__"),
    "float": ("__float__", "__index__"),
    "complex": ("__complex__", "__float__"),
    "bytes": ("__bytes__",),
    "abs": ("__abs__",),
    "round": ("__round__",),
    "reversed": ("__reversed__",),
    "dir": ("__dir__",),
    "divmod": ("__divmod__",),
    "pow": ("__pow__",),
    "next": ("__next__",),
    "anext": ("__anext__",),
}
"""The special methods that a builtin calls on its first argument: the first one that the class defines."""


def special_method(m: Interpreter, value: Value, name: str) -> Function | None:
    """The bound special method of a single alternative; None where no project class defines it."""
    if isinstance(value, Class):
        metaclass = value.info.metaclass
        found = None if metaclass is None else find_in_class(metaclass, name)
        if found is None and name == "__getitem__":
            found = find_in_class(value.info, "__class_getitem__")
        return replace(found, receiver=value) if isinstance(found, Function) else None
    return bound_method(m, value, name)


def call_special(
    m: Interpreter, value: Value, names: Iterable[str], passed: Iterable[Value], frame: Frame, span: Span
) -> Value | None:
    """The result of the first special method that each alternative has; None if one has none of them."""
    if has_thunk(value):
        # Its class reaches no run, so only the result could matter.
        return None
    results: list[Value] = []
    arguments = [(item, span) for item in passed]
    choices = options(value)
    for option in choices:
        methods = (special_method(m, option, name) for name in names)
        method = next((method for method in methods if method is not None), None)
        if method is not None and len(choices) == 1:
            return m.call(method, Arguments([*arguments]), frame, span)
        if method is not None:
            with m.on_branch():
                results.append(m.call(method, Arguments([*arguments]), frame, span))
    return join(results) if results and len(results) == len(choices) else None


def call_operator(
    m: Interpreter, op: str, left: Value, right: Value, frame: Frame, span: Span, *, in_place: bool = False
) -> Value | None:
    """`left op right` of instances: by the method of the left operand, else by that of the right one."""
    name = BINARY[op]
    names = (f"__i{name}__", f"__{name}__") if in_place else (f"__{name}__",)
    result = call_special(m, left, names, (right,), frame, span)
    return call_special(m, right, (f"__r{name}__",), (left,), frame, span) if result is None else result


def call_comparison(
    m: Interpreter, op: str, left: Value, right: Value, frame: Frame, span: Span
) -> Value | None:
    """`left op right` of instances for a comparison, a test of identity excluded."""
    if op in {"in", "not in"}:
        return call_special(m, right, ("__contains__",), (left,), frame, span)
    if op not in COMPARISON:
        return None
    names = (COMPARISON[op],) if op != "!=" else ("__ne__", "__eq__")
    result = call_special(m, left, names, (right,), frame, span)
    if result is not None:
        return result
    return call_special(m, right, (COMPARISON[REFLECTED[op]],), (left,), frame, span)


def call_truth(m: Interpreter, value: Value, frame: Frame, span: Span) -> None:
    """What a condition calls on an instance."""
    if any(type(option) is Ref for option in options(value)):
        call_special(m, value, BUILTINS["bool"], (), frame, span)
