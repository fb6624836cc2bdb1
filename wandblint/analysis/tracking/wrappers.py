"""Functions that log and take a step which never reaches wandb."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from wandblint import facts
from wandblint.analysis.domain.values import ClassInfo, Function, FunctionInfo
from wandblint.analysis.effects.escape import has_library_base
from wandblint.analysis.interpreter.receivers import subclasses
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import identifiers, last_word, mentions, statements, walk
from wandblint.model.events import StepUse, UnusedStepParameter
from wandblint.semantics.axes import is_step_name
from wandblint.semantics.heuristics import CALLBACK_NAMES, LOGGER_NAMES, OTHER_LOGGERS
from wandblint.semantics.ranks import asks_rank
from wandblint.span import Span


def unused_step_parameter(m: Interpreter, span: Span) -> UnusedStepParameter | None:
    """The unused step parameter of the function around the call."""
    info = m.active_functions[-1] if m.active_functions else None
    if info is None or info.path != span.path:
        return None
    unused = _unused_step(info)
    if unused is None or not _controls_signature(m, info):
        return None
    param, use = unused
    if use is StepUse.OTHER_LOGGER and _may_log_to_wandb(m, info):
        return None
    call = _call_at(info, span)
    if call is None or not (LOGGER_NAMES.search(info.name) or _forwards_row(info, call)):
        return None
    param_span = Span(info.path, param.start, param.end)
    signature_is_fixed = m.shared_facts.read("escaped", *info.id) is not None
    return UnusedStepParameter(info.name, param.name, param_span, signature_is_fixed, use)


def _controls_signature(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether neither a framework nor a base class fixes the parameters of a function."""
    if CALLBACK_NAMES.search(info.name) or any(
        decorator not in {"staticmethod", "classmethod"} and not asks_rank(decorator)
        for decorator in info.decorators
    ):
        return False
    if info.owner is None:
        return True
    return not has_library_base(info.owner) and not any(map(_logs_its_step, _siblings(m, info, info.owner)))


def _siblings(m: Interpreter, info: FunctionInfo, owner: ClassInfo) -> Iterator[FunctionInfo]:
    """The methods of other classes that implement the same interface as a method."""
    bases = [base for base in mro(owner)[1:] if info.name in base.attributes]
    family: dict[ClassInfo, None] = dict.fromkeys([owner, *bases])
    waiting = list(family)
    while waiting:
        for cls in subclasses(m, waiting.pop()):
            if cls not in family:
                family[cls] = None
                waiting.append(cls)
    for cls in family:
        method = cls.attributes.get(info.name)
        if isinstance(method, Function) and method.info is not info:
            yield method.info


def _logs_its_step(info: FunctionInfo) -> bool:
    """Whether a method uses its step and may log to wandb: by `x.log(step=)`, or its class mentions it.

    Its interface needs the step.
    """
    params = [param.name for param in info.params if is_step_name(param.name)]
    uses = _uses(info)
    return any(uses[name] for name in params) and (
        any(
            last_word(call.func) == "log" and any(arg.keyword == "step" for arg in call.args)
            for call in info.facts_by_kind.of(facts.Call)
        )
        or any(
            "wandb" in name.lower()
            for cls in (mro(info.owner) if info.owner is not None else ())
            for name in identifiers(cls.node)
        )
    )


@cache
def _unused_step(info: FunctionInfo) -> tuple[facts.Param, StepUse] | None:
    """The step parameter that does not reach wandb, if there is one, and what its uses do."""
    if not isinstance(info.node, facts.FunctionDef) or not any(is_step_name(p.name) for p in info.params):
        return None
    uses = _uses(info)
    if uses["locals"] or uses["vars"]:
        return None
    in_checks = _names_in(_interval_checks(info.node))
    in_loggers = _names_in([argument for call in _other_loggers(info) for argument in call.args])
    for param in info.params:
        name = param.name
        is_unused = uses[name] == in_checks[name] + in_loggers[name]
        if is_unused and param.kind in {"", "/", "k"} and is_step_name(name):
            if in_loggers[name]:
                return param, StepUse.OTHER_LOGGER
            return param, StepUse.INTERVAL if in_checks[name] else StepUse.NOTHING
    return None


def _names_in(nodes: Iterable[facts.Node]) -> Counter[str]:
    """The number of occurrences of each name."""
    return Counter(node.id for node in walk(*nodes) if isinstance(node, facts.Name))


def _interval_checks(function: facts.FunctionDef) -> Iterator[facts.Expr]:
    """The expressions of a function that decide when to log: tests, and remainders outside of them."""
    tests = [node.test for node in statements(*function.body) if isinstance(node, facts.If)]
    yield from tests
    in_tests = {id(node) for node in walk(*tests)}
    for node in walk(*function.body):
        if isinstance(node, facts.Binary) and node.op == "%" and id(node) not in in_tests:
            yield node.left


def _other_loggers(info: FunctionInfo) -> list[facts.Call]:
    """The calls of a function that log elsewhere."""
    return [
        node
        for node in walk(info.node)
        if isinstance(node, facts.Call) and OTHER_LOGGERS.search(facts.source_form(node.func))
    ]


def _may_log_to_wandb(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a class of the project has a method of that name, which may lead to wandb."""
    return any(m.project.methods(last_word(call.func)) for call in _other_loggers(info))


@cache
def _uses(info: FunctionInfo) -> Counter[str]:
    """The number of occurrences of each name in the body of a function."""
    return _names_in(info.node.body if isinstance(info.node, facts.FunctionDef) else [])


def _call_at(info: FunctionInfo, span: Span) -> facts.Call | None:
    for node in walk(info.node):
        if isinstance(node, facts.Call) and (node.start, node.end) == (span.start, span.end):
            return node
    return None


def _forwards_row(info: FunctionInfo, call: facts.Call) -> bool:
    """Whether a log call passes a parameter of the function as its row, or a row made of parameters."""
    first = call.args[0].value if call.args else None
    params = {param.name for param in info.params}
    made, rows = set(params), dict[str, bool]()
    body = info.node.body if isinstance(info.node, facts.FunctionDef) else []
    for node in statements(*body, into_scopes=False):
        match node:
            case facts.Assign(targets=[facts.Name(id=name)], value=facts.DictLiteral() as value) if (
                value.items
            ):
                rows[name] = _is_made_of(made, value)
            case facts.Assign(targets=[facts.Subscript(value=facts.Name(id=name), index=key)], value=value):
                rows[name] = rows.get(name, True) and mentions(key, made) and mentions(value, made)
            case facts.Assign(targets=[facts.Name(id=name)], value=value) if mentions(value, made):
                made.add(name)
    if isinstance(first, facts.DictLiteral):
        return bool(first.items) and _is_made_of(made, first)
    if not isinstance(first, facts.Name):
        return False
    changes = (node for node in walk(*body) if isinstance(node, facts.Attr))
    is_row = rows.get(first.id, False) and not any(mentions(node.value, {first.id}) for node in changes)
    return first.id in params or is_row


def _is_made_of(names: set[str], row: facts.DictLiteral) -> bool:
    return all(
        mentions(item.value, names) and (item.key is None or mentions(item.key, names)) for item in row.items
    )
