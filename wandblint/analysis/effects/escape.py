"""Escape: what code that is not seen may do with the values that it gets.

It may call functions, and the methods of instances, with unknown arguments; it may change dictionaries and
lists; it may log to a run. Every construct that the interpreter does not run lets escape what it could reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, HeapObject, Instance, SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    MANY,
    NONE,
    Branch,
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Module,
    Partial,
    Ref,
    Run,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.effects.logging_reach import (
    function_reaches,
    is_part_of_run,
    reaches,
    receiver_holds_functions,
)
from wandblint.analysis.effects.side_effects import has_side_effect
from wandblint.analysis.effects.unfollowed import let_escape_unfollowed, unfollowed_result
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.heuristics import (
    KNOWN_TO_LIBRARIES,
    PLAIN_BASES,
    READ_ONLY_LIBRARIES,
    READ_ONLY_METHODS,
    UNCHANGING_LIBRARIES,
)
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

_INERT_VALUES = frozenset({Scalar, Template, Unknown})
"""Kinds of values that escape without effect; nearly all arguments are of these."""

_CALLED_BY_PYTHON = frozenset(
    {"__init__", "__new__", "__init_subclass__", "__class_getitem__", "__set_name__"}
)
"""Methods that nobody calls on an instance."""


class _Callee:
    """What is known of code that is not seen: what it does not do with what it gets."""

    def __init__(self, function: Value) -> None:
        path = function.path if isinstance(function, External) else ""
        external = function.external if isinstance(function, Unknown) else path
        self.name = function.name if isinstance(function, Unknown) else ""
        self.changes = not (
            self.name in READ_ONLY_METHODS or (external and external.startswith(UNCHANGING_LIBRARIES))
        )
        self.logs = not path.startswith(READ_ONLY_LIBRARIES)
        self.is_library = bool(external)
        """Whether it belongs to no project: it knows the methods of its own base classes, and callbacks."""


def escape_to_unknown(
    m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span
) -> None:
    """Applies the effects that an unknown callee may have on its arguments and on its receiver."""
    if any(map(_names_wandb, arguments.values())):
        # `patch("wandb.log")`: whatever stands there from now on, it may not need a run.
        run_state.may_close_unseen(m, span)
    values = [value for value in arguments.values() if type(value) not in _INERT_VALUES]
    inherited: list[Value] = []
    if isinstance(function, Unknown) and function.symbol.key[0] == "attribute":
        receiver = function.symbol.key[1]
        if isinstance(receiver, Ref):
            # A method that a class inherits from a library.
            inherited = [receiver]
    if values or inherited:
        callee = _Callee(function)
        callee.is_library |= bool(inherited)
        _Escape(m, callee, frame, span).escape([*values, *inherited])


def _names_wandb(value: Value) -> bool:
    """Whether a value is the module `wandb`, or a string with the name of something in it."""
    if isinstance(value, Template):
        name = value.literal or ""
        return name.startswith("wandb.") and " " not in name
    return isinstance(value, External) and value.path == "wandb"


def escape(m: Interpreter, values: Iterable[Value], span: Span, *, changes: bool = True) -> None:
    """Lets values escape to code about which nothing is known, or to an object that only keeps them."""
    left = [value for value in values if type(value) not in _INERT_VALUES]
    if left:
        callee = _Callee(MANY)
        callee.changes = changes
        _Escape(m, callee, Frame(span.path, m.context("escape", span)), span).escape(left)


class _Escape:
    """The effects of one piece of unseen code."""

    def __init__(self, m: Interpreter, callee: _Callee, frame: Frame, span: Span) -> None:
        self._m, self._callee, self._frame, self._span = m, callee, frame, span
        self._visited: set[Value] = set()

    def escape(self, values: Iterable[Value]) -> None:
        """Lets values escape with all that they contain."""
        for value in values:
            for option in options(value):
                if type(option) not in _INERT_VALUES and option not in self._visited:
                    self._escape_one(option)

    def _escape_one(self, value: Value) -> None:
        m = self._m
        if isinstance(value, Thunk):
            self._escape_thunk(value)
        elif isinstance(value, Run) or is_part_of_run(value):
            if self._callee.logs:
                run_state.give_away_run(m, self._span)
        elif isinstance(value, (Function, Partial)):
            callback = value.function if isinstance(value, Partial) else value
            if isinstance(callback, Function):
                m.shared_facts.publish_true("escaped", *callback.info.id)
            result = invoke_callback(m, value, self._frame, self._span)
            if self._callee.changes and type(result) not in _INERT_VALUES:
                self.escape([result])
        elif isinstance(value, External) and isinstance(value.receiver, Ref):
            # A method of a dictionary or list.
            self.escape([value.receiver])
        elif isinstance(value, (Class, Module)) and self._callee.changes:
            self.escape([part for part in self._variables(value) if type(part) is Ref])
        elif isinstance(value, Ref):
            self._visited.add(value)
            target = m.heap[value]
            if isinstance(target, Instance):
                self._escape_instance(value, target)
            else:
                self._escape_container(target)

    def _escape_thunk(self, value: Thunk) -> None:
        """Lets the value of a thunk escape as soon as it is needed: before, nobody sees what changes."""
        thunks = self._m.thunks
        if value.key in thunks.forced:
            self.escape([thunks.forced[value.key]])
        elif self._callee.changes:
            pending = thunks.escapes.setdefault(value.key, {})
            pending.setdefault(self._span, lambda forced: self.escape([forced]))

    def _variables(self, value: Class | Module) -> Iterable[Value]:
        """The attributes of a class, or the variables of a module that is loaded."""
        if isinstance(value, Class):
            return [part for info in mro(value.info) for part in info.attributes.values()]
        module = self._m.modules.get(value.path)
        return [] if module is None else [*module.initialized.values(), *module.names.values()]

    def _escape_container(self, target: HeapObject) -> None:
        m = self._m
        if isinstance(target, Dictionary):
            self.escape([entry.value for entry in target.entries.values()])
            if self._callee.changes:
                hole = Hole(SymbolId("changed by", self._span), self._callee.name or "...")
                m.heap.widen(target, template(hole), self._span)
        elif isinstance(target, SequenceObject):
            self.escape([*target.items, *([] if target.tail is None else [target.tail])])
            if self._callee.changes and not target.is_tuple:
                m.heap.havoc(target, Unknown(SymbolId("changed by", self._span), "..."))

    def _escape_instance(self, ref: Ref, instance: Instance) -> None:
        """Calls the methods of an instance once; unseen code rebinds no attributes of it."""
        m = self._m
        if not self._callee.logs:
            return
        if ref.address not in m.entry.escaped:
            m.entry.escaped.add(ref.address)
            knows_all = not self._callee.is_library or has_library_base(instance.cls)
            for name, method in _methods(instance.cls).items():
                bound = replace(method, receiver=ref)
                if (knows_all or name.startswith(KNOWN_TO_LIBRARIES)) and _matters(m, bound):
                    kind = BranchKind.THREAD if _runs_in_thread(method.info) else BranchKind.CALLBACK
                    invoke_callback(m, bound, self._frame, self._span, kind=kind)
        if not self._callee.is_library:
            self.escape(list(instance.attributes.values()))
            self.escape([Class(instance.cls)])


def has_library_base(cls: ClassInfo) -> bool:
    """Whether a class derives from one of a library, which may call any method that the class overrides."""
    bases = [option for info in mro(cls) for base in info.bases for option in options(base)]
    return any(
        not isinstance(base, Class)
        and not (isinstance(base, External) and base.path.rpartition(".")[2] in PLAIN_BASES)
        for base in bases
    )


def _methods(cls: ClassInfo) -> dict[str, Function]:
    """The methods of a class and its bases by name, those that another one overrides left out."""
    found: dict[str, Value] = {}
    for info in mro(cls):
        for name, value in info.attributes.items():
            found.setdefault(name, value)
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, Function)
        and name not in _CALLED_BY_PYTHON
        and not {"staticmethod", "classmethod", "property", "cached_property"} & {*value.info.decorators}
    }


def _matters(m: Interpreter, method: Function) -> bool:
    """Whether a call of a method can log or change something."""
    info = method.info
    is_active = info in m.active_functions
    return not is_active and (
        reaches(m, info)
        or (not info.name.startswith("__") and function_reaches(m, method))
        or receiver_holds_functions(m, method)
        or has_side_effect(m, info)
    )


def _runs_in_thread(info: FunctionInfo) -> bool:
    """Whether a method is what the thread does that its class is."""
    return (
        info.name == "run"
        and info.owner is not None
        and any(
            isinstance(base, External) and base.path == "threading.Thread"
            for cls in mro(info.owner)
            for value in cls.bases
            for base in options(value)
        )
    )


def invoke_callback(  # noqa: PLR0913 (most have a default)
    m: Interpreter,
    function: Value,
    frame: Frame,
    span: Span,
    arguments: Arguments | None = None,
    kind: BranchKind = BranchKind.CALLBACK,
    *,
    begin: Callable[[Branch | None, Span], None] | None = None,
    number: int = 0,
) -> Value:
    """The result of calling a function that escapes; without `arguments`, with unknown ones.

    The call may happen later and in another process, where no run is open; `begin` notes what is known of the
    runs there. `number` distinguishes calls at one place.
    """
    if arguments is None:
        callback = function.function if isinstance(function, Partial) else function
        if isinstance(callback, Function) and callback.info in m.active_functions:
            # It escapes while it runs: to follow it would be followed by the same again and again.
            bound = function.args if isinstance(function, Partial) else ()
            # On the callback's branch: it is no call by name, whose receiver may be of another class.
            with m.on_branch(frame, kind=BranchKind.CALLBACK, span=span):
                return recursion_result(m, callback, Arguments([(v, span) for v in bound]), span)
        unknown = Unknown(SymbolId("callback", span))
        arguments = Arguments(more_positional=unknown, more_keywords=[unknown])
    # The call happens whether or not a run is active, so read the session without marking a dependency.
    before = m.entry.session.attributes["run"]
    maybe_run = join((before, NONE))
    m.entry.session.attributes["run"] = maybe_run
    with m.on_branch(frame, kind=kind, span=span, number=number):
        (begin or m.entry.run_states.may_change)(m.branch, span)
        result = m.call(function, arguments, frame, span)
    if m.entry.session.attributes["run"] == maybe_run:
        m.entry.session.attributes["run"] = before
    return result


def recursion_result(m: Interpreter, function: Function, arguments: Arguments, span: Span) -> Value:
    """The result of a call that is not followed because the function runs already."""
    info = function.info
    unknown = Unknown(SymbolId("recursion", info.path, info.node.start), info.name)
    if m.branch is not None and m.branch.kind is BranchKind.BY_NAME:
        # The receiver is unknown: most likely it is of another class.
        return unknown
    m.budget.calls_cut_off += 1
    let_escape_unfollowed(m, function, arguments, span)
    return unfollowed_result(m, function, arguments, unknown)
