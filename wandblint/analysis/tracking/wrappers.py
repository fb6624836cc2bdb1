"""Functions that log and take a step which they never use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from wandblint import facts
from wandblint.analysis.domain.values import ClassInfo, Function, FunctionInfo
from wandblint.analysis.effects.escape import has_library_base
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import identifiers, walk
from wandblint.model.events import UnusedStepParameter
from wandblint.semantics.axes import is_step_name
from wandblint.semantics.heuristics import CALLBACK_NAMES, LOGGER_NAMES
from wandblint.semantics.ranks import asks_rank
from wandblint.span import Span


def unused_step_parameter(m: Interpreter, span: Span) -> UnusedStepParameter | None:
    """The unused step parameter of the function around the call."""
    info = m.active_functions[-1] if m.active_functions else None
    if info is None or info.path != span.path:
        return None
    param = _unused_step(info)
    if param is None or not _controls_signature(info):
        return None
    call = _call_at(info, span)
    if call is None or not (LOGGER_NAMES.search(info.name) or _forwards_row(info, call)):
        return None
    param_span = Span(info.path, param.start, param.end)
    signature_is_fixed = m.shared_facts.read("escaped", *info.id) is not None
    has_interval_check = bool(_uses(info)[param.name])
    return UnusedStepParameter(info.name, param.name, param_span, signature_is_fixed, has_interval_check)


def _controls_signature(info: FunctionInfo) -> bool:
    """Whether neither a framework nor a base class fixes the parameters of a function."""
    if CALLBACK_NAMES.search(info.name) or any(
        decorator not in {"staticmethod", "classmethod"} and not asks_rank(decorator)
        for decorator in info.decorators
    ):
        return False
    if info.owner is None:
        return True
    return not has_library_base(info.owner) and not any(map(_logs_its_step, _siblings(info, info.owner)))


def _siblings(info: FunctionInfo, owner: ClassInfo) -> Iterator[FunctionInfo]:
    """The methods of other classes that implement the same interface as a method."""
    bases = [base for base in mro(owner)[1:] if info.name in base.attributes]
    family: dict[ClassInfo, None] = dict.fromkeys([owner, *bases])
    waiting = list(family)
    while waiting:
        for cls in waiting.pop().subclasses:
            if cls not in family:
                family[cls] = None
                waiting.append(cls)
    for cls in family:
        method = cls.attributes.get(info.name)
        if isinstance(method, Function) and method.info is not info:
            yield method.info


def _logs_its_step(info: FunctionInfo) -> bool:
    """Whether a method uses its step and belongs to a class that mentions wandb: its interface needs one."""
    params = [param.name for param in info.params if is_step_name(param.name)]
    uses = _uses(info)
    return any(uses[name] for name in params) and any(
        "wandb" in name.lower()
        for cls in (mro(info.owner) if info.owner is not None else ())
        for name in identifiers(cls.node)
    )


@cache
def _unused_step(info: FunctionInfo) -> facts.Param | None:
    """The step parameter that only interval checks use, like `step % 100 == 0`, if there is one."""
    if not isinstance(info.node, facts.FunctionDef) or not any(is_step_name(p.name) for p in info.params):
        return None
    uses = _uses(info)
    if uses["locals"] or uses["vars"]:
        return None
    interval_checks = Counter(
        node.left.id
        for node in walk(*info.node.body)
        if isinstance(node, facts.Binary) and node.op == "%" and isinstance(node.left, facts.Name)
    )
    for param in info.params:
        if (
            param.kind in {"", "/", "k"}
            and uses[param.name] == interval_checks[param.name]
            and is_step_name(param.name)
        ):
            return param
    return None


@cache
def _uses(info: FunctionInfo) -> Counter[str]:
    """The number of occurrences of each name in the body of a function."""
    body = info.node.body if isinstance(info.node, facts.FunctionDef) else []
    return Counter(node.id for node in walk(*body) if isinstance(node, facts.Name))


def _call_at(info: FunctionInfo, span: Span) -> facts.Call | None:
    for node in walk(info.node):
        if isinstance(node, facts.Call) and (node.start, node.end) == (span.start, span.end):
            return node
    return None


def _forwards_row(info: FunctionInfo, call: facts.Call) -> bool:
    """Whether a log call passes a parameter of the function as its row, or a row made of parameters."""
    first = call.args[0].value if call.args else None
    params = {param.name for param in info.params}

    def mentions_param(node: facts.Node | None) -> bool:
        return node is not None and any(isinstance(n, facts.Name) and n.id in params for n in walk(node))

    if isinstance(first, facts.DictLiteral):
        return bool(first.items) and all(
            mentions_param(item.value) and (item.key is None or mentions_param(item.key))
            for item in first.items
        )
    return isinstance(first, facts.Name) and first.id in params
