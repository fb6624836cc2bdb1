"""Calls: binds arguments, enters functions, creates instances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.heap_objects import Instance
from wandblint.analysis.domain.lattice import has_thunk, join, options
from wandblint.analysis.domain.values import (
    NONE,
    Branch,
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Partial,
    Ref,
    Run,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.effects.deferral import (
    attach_effect,
    is_deferrable,
    is_deferrable_instance,
    may_log,
    passes_references,
    thunks_in,
    waiting_for,
)
from wandblint.analysis.effects.escape import escape, escape_to_unknown, recursion_result
from wandblint.analysis.effects.logging_reach import logs, passes_run, passes_tracked
from wandblint.analysis.effects.side_effects import is_abstract, only_raises
from wandblint.analysis.effects.unfollowed import (
    let_escape_unfollowed,
    objects_of_call,
    runs_unknown_code,
    unfollowed_result,
)
from wandblint.analysis.interpreter import receivers
from wandblint.analysis.interpreter.argument_evaluation import bind_parameters
from wandblint.analysis.interpreter.control_context import asks_rank_on
from wandblint.analysis.interpreter.external_calls import call_external
from wandblint.analysis.interpreter.instances import make_instance
from wandblint.analysis.objects.classes import ATTRIBUTE_OF_NONE, find_in_class
from wandblint.analysis.objects.containers import note_sources
from wandblint.analysis.objects.dict_methods import MAPPING_METHODS, mapping_method
from wandblint.analysis.state import budget, module_loader, run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import statements
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.frameworks import opens_no_run
from wandblint.span import Span
from wandblint.template import SymbolId


def call(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The joined result of calling each alternative of a callee, with its effects."""
    if has_thunk(function) and passes_tracked(m, arguments):
        function = m.force(function)
    choices = options(function)
    if len(choices) == 1:
        carried = _branches_of_receiver(m, function)
        if not asks_rank_on(m, carried):
            return _call_one(m, function, arguments, frame, span)
        with _on_choice(m, frame, carried, 0):
            return _call_one(m, function, arguments, frame, span)
    choices = _distinct(choices)
    if len(choices) == 1:
        return _call_one(m, choices[0], arguments, frame, span)
    results: list[Value] = []
    # A method of one of several runs; of a run and something else, it is most likely meant for the run.
    is_one_of_several = sum(map(logs, choices)) > 1
    m.recorder.may_depth += is_one_of_several
    for number, choice in enumerate(choices):
        if choice == NONE:
            continue
        # What one callee allocates must not replace what another one has allocated at this place.
        scope = (
            frame if number == 0 else replace(frame, context=m.context("callee", frame.context, span, number))
        )
        with _on_choice(m, frame, _branches_of_receiver(m, choice), number):
            results.append(_call_one(m, choice, arguments, scope, span))
    m.recorder.may_depth -= is_one_of_several
    return join(results) if results else Unknown(SymbolId("call", frame.context, span))


@contextmanager
def _on_choice(
    m: Interpreter, frame: Frame, carried: tuple[Branch | None, ...], number: int
) -> Iterator[None]:
    """Runs the call of one of several callees, or of an element that may be missing."""
    kind = BranchKind.ELEMENT if carried else BranchKind.CALLEE
    with m.on_branch(frame, kind=kind, number=number):
        if m.branch is not None:
            m.branch.carried = carried
        yield


def _branches_of_receiver(m: Interpreter, callee: Value) -> tuple[Branch | None, ...]:
    """Where the receiver of a method was made and put into a container; empty if it is no element of one."""
    instance = m.heap_instance(callee.receiver) if isinstance(callee, Function) and callee.receiver else None
    return () if instance is None or not instance.put_on else (instance.allocation_branch, *instance.put_on)


def _distinct(choices: tuple[Value, ...]) -> tuple[Value, ...]:
    """The callees; of unknown ones whose symbols alone differ, so that calls have the same effects, one."""
    kept: dict[object, Value] = {}
    for choice in choices:
        known = _what_is_known(choice)
        other = kept.setdefault(known, choice)
        if isinstance(choice, External) and isinstance(other, External) and choice.receiver is not None:
            # Runs that one init opens in several contexts.
            kept[known] = replace(other, receiver=join((other.receiver or choice.receiver, choice.receiver)))
    return tuple(kept.values())


def _what_is_known(callee: Value) -> object:
    """What the effects of a call depend on."""
    match callee:
        case Unknown(symbol=SymbolId(key=("attribute", SymbolId(), name))) if name not in MAPPING_METHODS:
            return name, callee.label, callee.external
        case External(receiver=Run(site=site)):
            return callee.path, site
    return callee


def _call_one(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    if type(function) is Unknown:  # the most frequent kind
        return unknown_call(m, function, arguments, frame, span)
    if type(function) is External:
        return call_external(m, function, arguments, frame, span)
    if isinstance(function, Thunk):
        return _call_thunk(m, function, arguments, frame, span)
    if isinstance(function, Function):
        m.recorder.note_non_wandb_call(span)
        return call_function(m, function, arguments, frame, span)
    if isinstance(function, Class):
        return instantiate(m, function.info, arguments, frame, span)
    if isinstance(function, Partial):
        return call(m, function.function, _with_partial(function, arguments, span), frame, span)
    if isinstance(function, Ref):
        instance = m.heap[function]
        if isinstance(instance, Instance):
            for name in ("__call__", "forward"):
                method = find_in_class(instance.cls, name)
                if isinstance(method, Function):
                    return call_function(m, replace(method, receiver=function), arguments, frame, span)
    return unknown_call(m, function, arguments, frame, span)


def _call_thunk(m: Interpreter, function: Thunk, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of calling what is not known yet: deferred, unless it gets an object that it may change."""
    if passes_references(arguments):
        return call(m, m.force(function), arguments, frame, span)

    def let_escape() -> None:
        for option in options(m.force(function)):
            if isinstance(option, Function):
                let_escape_unfollowed(m, option, arguments, span)
        escape(m, arguments.values(), span)

    result = m.defer(
        frame,
        ("call", span, function.key),
        lambda: call(m, m.force(function), arguments, frame, span),
        let_escape,
    )
    attach_effect(m, thunks_in(arguments.values()), result)
    return result


def _with_partial(function: Partial, arguments: Arguments, span: Span) -> Arguments:
    keywords = {name: (value, span) for name, value in function.keywords}
    return Arguments(
        [*((value, span) for value in function.args), *arguments.positional],
        {**keywords, **arguments.keywords},
        arguments.more_positional,
        arguments.more_keywords,
    )


def unknown_call(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of an unknown call: of a run's method, a method of a project class, or neither.

    The callee may call its function arguments and change its dictionary arguments.
    """
    result = Unknown(
        SymbolId("call", frame.context, span),
        f"{function.label}()" if isinstance(function, Unknown) else "...",
        receivers.external_result(m, function, arguments) if isinstance(function, Unknown) else "",
    )
    if not (isinstance(function, Unknown) and opens_no_run(function.external)):
        run_state.note_unknown_code(m)
    handler = m.dispatch.handlers.get(function.external) if isinstance(function, Unknown) else None
    if handler is not None:
        return handler(m, arguments, frame, span)
    if isinstance(function, Unknown) and function.symbol.key[0] == ATTRIBUTE_OF_NONE:
        m.dispatch.observers.method_of_unknown_called(m, function, arguments, frame, span)
    elif isinstance(function, Unknown) and function.symbol.key[0] == "attribute":
        run_state.may_close(m, function.name, span)
        if m.dispatch.observers.method_of_unknown_called(m, function, arguments, frame, span):
            return result
        resolved = mapping_method(m, function, arguments, frame, span)
        if resolved is None:
            resolved = receivers.call_by_name(m, function, arguments, frame, span)
            if resolved is not None and passes_run(m, arguments):
                # The receiver may be of another class, and what that does with a run is not known.
                run_state.give_away_run(m, span)
        if resolved is not None:
            return resolved
    escape_to_unknown(m, function, arguments, frame, span)
    return result


def call_function(
    m: Interpreter, function: Function, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """Enters a project function, or defers the call where only its result can matter."""
    info = function.info
    m.budget.calls += 1
    if m.active_functions.count(info) > 1 or len(m.active_functions) >= m.entry.max_depth:
        unknown = recursion_result(m, function, arguments, span)
        _note_raise(m, info)
        return unknown
    m.dispatch.observers.function_called(m, info, span)
    context = _context_of_call(m, function, frame, span)
    if is_deferrable(m, function, arguments):
        if runs_unknown_code(m, function):
            run_state.note_unknown_code(m)
        result = m.defer(
            frame,
            ("function", context),
            lambda: _thunk_result(m, function, arguments, context, span),
            lambda: let_escape_unfollowed(m, function, arguments, span),
            scope=function.frame or m.modules.get(info.path),
        )
        attach_effect(m, waiting_for(m, function, arguments), result)
        return result
    if info.path in m.relevant:
        return _run_body(m, function, arguments, context, span)
    limit = budget.STEPS_PER_HELPER if may_log(m, function, arguments) else budget.STEPS_PER_IRRELEVANT_CALL
    outcome = None
    if not m.budget.attempted.is_too_long(info.id, limit) and not _exceeds(info, limit):
        outcome = m.run_with_budget(
            m.budget.irrelevant_call(limit), lambda: _run_body(m, function, arguments, context, span)
        )
    if outcome is not None:
        return outcome
    m.budget.calls_cut_off += 1
    let_escape_unfollowed(m, function, arguments, span)
    _note_raise(m, info)
    unknown = Unknown(SymbolId("not followed", frame.context, span), function.info.name)
    scope = Frame(info.path, context, outer=function.frame, info=info, globals=m.modules.get(info.path))
    return _as_declared(m, info, unfollowed_result(m, function, arguments, unknown), scope)


def _as_declared(m: Interpreter, info: FunctionInfo, result: Value, scope: Frame) -> Value:
    """What a function returns: where it is unknown, as the function declares it."""
    declared = info.node.returns if isinstance(info.node, facts.FunctionDef) else None
    return result if declared is None or info.yields else receivers.of_type(m, result, declared, scope)


def _note_raise(m: Interpreter, info: FunctionInfo) -> None:
    """Ends the branch after a call that is not followed, if its function always raises an error."""
    if only_raises(info) and not is_abstract(info) and not info.facts_by_kind.of(facts.Return):
        m.raised_on = (m.branch,)


def _context_of_call(m: Interpreter, function: Function, frame: Frame, span: Span) -> int:
    """The context of a call: functions that are called at one place have different ones."""
    receiver = function.receiver.address if isinstance(function.receiver, Ref) else 0
    key: tuple[object, ...] = ("call", frame.context, frame.path, span.start, *function.info.id)
    if receiver or function.defaults or function.context:
        key = (*key, receiver, function.context, stable_hash(function.defaults))
    return m.context(*key)


def _exceeds(info: FunctionInfo, limit: int) -> bool:
    """Whether a function has more than `limit` statements: with unknown conditions, all of them would run."""
    body = [] if isinstance(info.node, facts.Lambda) else info.node.body
    return next(islice(statements(*body, into_scopes=False), limit, None), None) is not None


def _thunk_result(
    m: Interpreter, function: Function, arguments: Arguments, context: int, span: Span
) -> Value:
    """The result of a deferred call; a function known to be uninformative is not run again."""
    function_id, attempted = function.info.id, m.budget.attempted
    if attempted.is_too_long(function_id, budget.STEPS_PER_THUNK):
        m.budget.calls_cut_off += 1
        return Unknown(SymbolId("too long", context), function.info.name)
    if function_id not in attempted.uninformative:
        before = m.budget.steps
        result = _run_body(m, function, arguments, context, span)
        is_known = any(type(option) is not Unknown for option in options(result))
        if is_known or m.budget.steps - before < budget.STEPS_UNINFORMATIVE:
            return result
        attempted.uninformative[function_id] = result
    # A new symbol per call: two calls need not return the same value.
    return join(
        replace(option, symbol=SymbolId("uninformative", context, number))
        for number, option in enumerate(options(attempted.uninformative[function_id]))
    )


def _run_body(m: Interpreter, function: Function, arguments: Arguments, context: int, span: Span) -> Value:
    info = function.info
    module = module_loader.module(m, info.path)
    inner = Frame(info.path, context, outer=function.frame, info=info, globals=module)
    bind_parameters(m, function, arguments, inner, span)
    m.enter_function(info, span)
    before = m.branch
    if guard := m.functions.guards.get((info, function.context)):
        m.branch = Branch(before, info.path, kind=BranchKind.DECORATOR, text=guard)
    live = True
    if isinstance(info.node, facts.Lambda):
        result = m.evaluate(info.node.body, inner)
    else:
        live = m.execute(info.node.body, inner)
        if info.yields:
            result = m.new_items(inner, info.node.start, [], join(inner.yielded) if inner.yielded else None)
            note_sources(m, result, objects_of_call(m, function, arguments))
            _note_active_runs(m, result, inner)
        else:
            returned = [*inner.returned, *([NONE] if live or not inner.returned else [])]
            result = _as_declared(m, info, join(returned), inner)
    may_continue = live or inner.returned or info.yields
    # Without a `return` the end is the only way out, and all tests that lead there hold from now on.
    is_only_way = live and not (inner.returned or info.yields or guard)
    # In a loop another test may come out differently in each iteration.
    keeps_tests = is_only_way and (not m.loops or asks_rank_on(m, (m.branch,)))
    m.branch = m.branch if keeps_tests else before
    m.raised_on = () if may_continue or is_abstract(info) else (before,)
    m.leave_function()
    return result


def _note_active_runs(m: Interpreter, result: Value, inner: Frame) -> None:
    """Keeps what `wandb.run` is in the `with` of a generator, which has run to its end already."""
    sequence, before = m.heap_sequence(result), inner.run_at_yield
    after = m.entry.session.attributes["run"]
    if sequence is not None and before is not None and before != after:
        sequence.active_runs = before, after


def instantiate(m: Interpreter, cls: ClassInfo, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """A new instance of a project class; deferred where its creation has no relevant effect."""
    if is_deferrable_instance(m, cls, arguments):
        instance = m.defer(
            frame,
            ("instance", span),
            lambda: make_instance(m, cls, arguments, frame, span),
            lambda: escape(m, arguments.values(), span),
        )
        # It may keep a thunk that it gets, and its methods may change that.
        attach_effect(m, thunks_in(arguments.values()), instance)
        return instance
    made = make_instance(m, cls, arguments, frame, span)
    if find_in_class(cls, "__del__") is not None:
        # Python calls it at a time that nobody sees.
        run_state.may_close_active(m, span)
    return made
