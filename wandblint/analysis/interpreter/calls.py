"""Calls: binding arguments, entering functions, making instances."""

from __future__ import annotations

from itertools import islice

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, Instance
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
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter import receivers
from wandblint.analysis.interpreter.argument_evaluation import through
from wandblint.analysis.interpreter.escape import escape_to_unknown
from wandblint.analysis.interpreter.external_calls import call_external
from wandblint.analysis.interpreter.instances import make
from wandblint.analysis.interpreter.side_effects import side_effect
from wandblint.analysis.objects.classes import find_in_class, mro
from wandblint.analysis.objects.containers import merge
from wandblint.analysis.objects.methods import mapping_method
from wandblint.analysis.state import budget, module_loader, run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.summaries import SideEffect
from wandblint.index.walk import statements
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.ranks import asks_rank
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template


def call(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of a call, with its effects, over all that may be called."""
    if has_thunk(function) and _passes_tracked(m, arguments):
        function = m.force(function)
    choices = options(function)
    if len(choices) == 1:
        return _call_one(m, function, arguments, frame, span)
    results: list[Value] = []
    for number, choice in enumerate(choices):
        if choice == NONE:
            continue
        with m.on_branch(frame, kind=BranchKind.CALLEE, number=number):
            results.append(_call_one(m, choice, arguments, frame, span))
    return join(results) if results else Unknown(SymbolId("call", frame.context, span))


def _call_one(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    if type(function) is Unknown:  # most are
        return unknown_call(m, function, arguments, frame, span)
    if type(function) is External:
        return call_external(m, function, arguments, frame, span)
    if isinstance(function, Thunk):
        # Of several that may be called only those wait that lead to no wandb call.
        at = ("call", span, function.key)
        return m.defer(frame, at, lambda: call(m, m.force(function), arguments, frame, span))
    if isinstance(function, Function):
        m.recorder.note_non_wandb_call(span)
        return call_function(m, function, arguments, frame, span)
    if isinstance(function, Class):
        return instantiate(m, function.info, arguments, frame, span)
    if isinstance(function, Partial):
        return _call_one(m, function.function, _with_partial(function, arguments, span), frame, span)
    if isinstance(function, Ref):
        made = m.heap[function]
        if isinstance(made, Instance):
            for name in ("__call__", "forward"):
                found = find_in_class(made.cls, name)
                if isinstance(found, Function):
                    return call_function(m, replace(found, receiver=function), arguments, frame, span)
    return unknown_call(m, function, arguments, frame, span)


def _with_partial(function: Partial, arguments: Arguments, span: Span) -> Arguments:
    keywords = {name: (value, span) for name, value in function.keywords}
    return Arguments(
        [*((value, span) for value in function.args), *arguments.positional],
        {**keywords, **arguments.keywords},
        arguments.more_positional,
        arguments.more_keywords,
    )


def unknown_call(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """A call of something unknown: it may be a run's method, a method of a project class, or neither.

    Functions given to it may be called, dictionaries given to it may be changed.
    """
    result = Unknown(
        SymbolId("call", frame.context, span),
        f"{function.label}()" if isinstance(function, Unknown) else "...",
        receivers.external_result(m, function, arguments) if isinstance(function, Unknown) else "",
    )
    if isinstance(function, Unknown) and function.symbol.key[0] == "attribute":
        run_state.may_close(m, str(function.symbol.key[-1]))
        if m.dispatch.observers.method_of_unknown_called(m, function, arguments, frame, span):
            return result
        found = mapping_method(m, function, arguments, frame, span)
        if found is None:
            found = receivers.call_by_name(m, function, arguments, frame, span)
        if found is not None:
            return found
    escape_to_unknown(m, function, arguments, frame, span)
    return result


def call_function(
    m: Interpreter, function: Function, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """Enters a project function, or puts the call off where only its result can matter."""
    info = function.info
    if m.active_functions.count(info) > 1 or len(m.active_functions) >= m.entry.max_depth:
        return Unknown(SymbolId("recursion", info.path, info.node.start), info.name)
    m.dispatch.observers.function_called(m, info)
    context = m.context("call", frame.context, frame.path, span.start, info.path, info.node.start)
    if _is_deferrable(m, function, arguments):
        return m.defer(
            frame, ("function", context), lambda: _thunk_result(m, function, arguments, context, span)
        )
    if info.path in m.relevant:
        return _run_body(m, function, arguments, context, span)
    most = budget.STEPS_PER_HELPER if _may_log(m, function, arguments) else budget.STEPS_PER_IRRELEVANT_CALL
    made = None
    if not m.budget.attempted.is_too_long(info.id, most) and not _exceeds(info, most):
        made = m.run_with_budget(
            m.budget.irrelevant_call(most), lambda: _run_body(m, function, arguments, context, span)
        )
    return _cut_off_result(m, function, arguments, frame, span) if made is None else made


def _exceeds(info: FunctionInfo, most: int) -> bool:
    """Whether a function has more statements: of most conditions nothing is known, so all would be run."""
    body = [] if isinstance(info.node, facts.Lambda) else info.node.body
    return next(islice(statements(*body, into_scopes=False), most, None), None) is not None


def _thunk_result(
    m: Interpreter, function: Function, arguments: Arguments, context: int, span: Span
) -> Value:
    """The result of a call that was put off; of a function that told nothing before, as unknown as then."""
    place, tried = function.info.id, m.budget.attempted
    if tried.is_too_long(place, budget.STEPS_PER_THUNK):
        return Unknown(SymbolId("too long", context), function.info.name)
    if place not in tried.uninformative:
        before = m.budget.steps
        made = _run_body(m, function, arguments, context, span)
        is_known = any(type(option) is not Unknown for option in options(made))
        if is_known or m.budget.steps - before < budget.STEPS_UNINFORMATIVE:
            return made
        tried.uninformative[place] = made
    # Another unknown each time: what two calls give need not be the same.
    return join(
        replace(option, symbol=SymbolId("uninformative", context, number))
        for number, option in enumerate(options(tried.uninformative[place]))
    )


def _cut_off_result(
    m: Interpreter, function: Function, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """The result of a call of code that leads to no wandb call, of which too much would have to be run.

    As of a library, it is not known what it did with what it was given; nor with its receiver.
    """
    unseen = Unknown(SymbolId("not followed", frame.context, span), function.info.name)
    if _may_log(m, function, arguments):
        m.recorder.mark_unseen_logging(span)
    escape_to_unknown(m, unseen, arguments, frame, span)
    if function.receiver is not None and side_effect(m, function.info) is not SideEffect.NONE:
        m.widen_instance(function.receiver)
    return unseen


def _is_deferrable(m: Interpreter, function: Function, arguments: Arguments) -> bool:
    """Whether the call has no effect that could matter.

    It then leads to no wandb call and gets nothing that it could change.
    """
    info = function.info
    if info.name in m.reaches_wandb or info.name.startswith("__") or _passes_tracked(m, arguments):
        return False
    change = side_effect(m, info)
    if change is SideEffect.ANY or (change is SideEffect.ARGUMENTS and _passes_objects(function, arguments)):
        return False
    return not _holds_functions(m, function)


def _passes_objects(function: Function, arguments: Arguments) -> bool:
    """Whether the callee gets anything of which it is known what changing it does."""
    given = [*arguments.values(), *(() if function.receiver is None else (function.receiver,))]
    return any(
        not isinstance(option, (Unknown, Template, Scalar)) for value in given for option in options(value)
    )


def _may_log(m: Interpreter, function: Function, arguments: Arguments) -> bool:
    """Whether the callee, or its receiver, has something that it could change or log with."""
    return _passes_tracked(m, arguments) or _holds_functions(m, function)


def _holds_functions(m: Interpreter, function: Function) -> bool:
    """Whether the receiver of a method keeps functions that the method may call."""
    return any(
        isinstance(option, (Function, Partial)) or _logs(option)
        for made in ([] if function.receiver is None else [m.heap_instance(function.receiver)])
        if made is not None
        for value in made.attributes.values()
        for option in options(value)
    )


def _passes_tracked(m: Interpreter, arguments: Arguments) -> bool:
    """Whether the callee gets something that it could change or log with."""
    return any(_is_tracked(m, option) for value in arguments.values() for option in options(value))


def _is_tracked(m: Interpreter, value: Value) -> bool:
    if isinstance(value, Ref):
        made = m.heap[value]
        return isinstance(made, Dictionary) or (
            isinstance(made, Instance) and made.cls.name in m.reaches_wandb
        )
    return isinstance(value, (Run, Partial, Function)) or _logs(value)


def _logs(value: Value) -> bool:
    """Whether calling the value would log: `run.log` as a value."""
    return isinstance(value, External) and (isinstance(value.receiver, Run) or value.path == "wandb.log")


def _run_body(m: Interpreter, function: Function, arguments: Arguments, context: int, span: Span) -> Value:
    info = function.info
    module = module_loader.module(m, info.path)
    inner = Frame(info.path, context, outer=function.frame, info=info, globals=module)
    bind_parameters(m, function, arguments, inner, span)
    m.enter_function(info, span)
    before = m.branch
    if guard := next((word for word in info.decorators if asks_rank(word)), ""):
        m.branch = Branch(before, info.path, kind=BranchKind.DECORATOR, text=f"@{guard}")
    if isinstance(info.node, facts.Lambda):
        result = m.evaluate(info.node.body, inner)
    else:
        live = m.execute(info.node.body, inner)
        if info.yields:
            result = m.new_items(inner, info.node.start, [], join(inner.yielded) if inner.yielded else None)
        else:
            returned = [*inner.returned, *([NONE] if live or not inner.returned else [])]
            result = join(returned)
    m.branch = before
    m.leave_function()
    return result


def bind_parameters(
    m: Interpreter, function: Function, arguments: Arguments, inner: Frame, span: Span
) -> None:
    """Gives each parameter its value: argument, default, or unknown where the caller is not seen."""
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, (function.receiver, span))
    keywords = dict(arguments.keywords)
    for param in function.info.params:
        if param.kind == "*":
            rest = arguments.more_positional
            inner.names[param.name] = m.new_items(
                inner, param.start, [value for value, _ in positional], rest
            )
            positional = []
        elif param.kind == "**":
            inner.names[param.name] = _rest_of_keywords(m, keywords, arguments, inner, param)
        else:
            given = None
            if positional and param.kind != "k":
                given = positional.pop(0)
            elif param.name in keywords and param.kind != "/":
                given = keywords.pop(param.name)
            inner.names[param.name] = _argument_value(m, given, param, arguments, function, inner)


def _argument_value(
    m: Interpreter,
    given: tuple[Value, Span] | None,
    param: facts.Param,
    arguments: Arguments,
    function: Function,
    inner: Frame,
) -> Value:
    if given is not None:
        return through(given[0], param.name, given[1])
    may_be_given = bool(arguments.more_keywords) or (
        param.kind != "k" and arguments.more_positional is not None
    )
    found: list[Value] = []
    if param.default is not None:
        where = Frame(function.info.path, inner.context, outer=function.frame, globals=inner.globals)
        found.append(m.evaluate(param.default, where))
    if may_be_given or not found:
        found.append(receivers.open_parameter(m, param, inner))
    return join(found)


def _rest_of_keywords(
    m: Interpreter,
    keywords: dict[str, tuple[Value, Span]],
    arguments: Arguments,
    inner: Frame,
    param: facts.Param,
) -> Value:
    ref, made = m.new_dict(inner, param.start)
    for name, (value, span) in keywords.items():
        m.heap.set_item(made, template(name, span=span), value, span, m.branch)
    for more in arguments.more_keywords:
        merge(m, made, more, Span(inner.path, param.start, param.end))
    return ref


def instantiate(m: Interpreter, cls: ClassInfo, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """An instance of a project class, its `__init__` run: put off where the class leads to no wandb call."""
    if not any(info.name in m.reaches_wandb for info in mro(cls)) and not _passes_tracked(m, arguments):
        return m.defer(frame, ("instance", span), lambda: make(m, cls, arguments, frame, span))
    return make(m, cls, arguments, frame, span)
