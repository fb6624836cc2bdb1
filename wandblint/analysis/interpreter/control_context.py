"""Program points and control contexts: the loops and conditions around the code that runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from wandblint import facts
from wandblint.analysis.domain.values import Branch, Frame, FunctionInfo
from wandblint.analysis.interpreter.iteration_tests import is_periodic, may_hold_once
from wandblint.analysis.interpreter.rank_tests import has_rank_value, holds_once_per_node, holds_without_group
from wandblint.analysis.interpreter.steadiness import is_steady
from wandblint.analysis.interpreter.tested_values import is_ruled_out, tested_values
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import assignment_targets, last_word, statements, target_names, walk
from wandblint.model.control_flow import BranchKind, Condition, ControlContext, ProgramPoint
from wandblint.semantics.heuristics import SETTINGS_NAME
from wandblint.semantics.ranks import asks_rank
from wandblint.span import Span

_ORDERS = frozenset({"<", ">", "<=", ">="})


def program_point(m: Interpreter, frame: Frame, *position: object) -> ProgramPoint:
    """The current point of the run; later iterations of a loop reach a position at the same point."""
    context = control_context(m, m.branch)
    sequence = m.recorder.sequence(frame.context, context, *position)
    return ProgramPoint(context, sequence, any(info.yields for info in m.active_functions))


def control_context(m: Interpreter, branch: Branch | None) -> ControlContext:
    """The loops and conditions around a branch, outermost first."""
    if branch is None:
        return ()
    if branch.control_context is None:
        outer = control_context(m, branch.parent)
        branch.control_context = (
            outer if branch.is_unconditional else (*outer, branch.loop or _condition(m, branch))
        )
    return branch.control_context


def varies_in_loop(m: Interpreter, test: facts.Expr, frame: Frame) -> bool:
    """Whether a test that is decided now may be decided otherwise in another iteration of a loop."""
    if not any(loop.frame is frame and not loop.is_unrolled for loop in m.loops):
        return False
    variants = _loop_variants(m, frame.path, frame.function)
    return any(
        (isinstance(node, facts.Name) and node.id in variants)
        or (isinstance(node, facts.Attr) and node.attr in variants)
        for node in walk(test)
    )


def asks_rank_on(m: Interpreter, branches: tuple[Branch | None, ...]) -> bool:
    """Whether a rank check decides whether the code on one of the branches runs."""
    return any(
        isinstance(step, Condition) and step.tests_rank
        for branch in branches
        for step in control_context(m, branch)
    )


def _condition(m: Interpreter, branch: Branch) -> Condition:
    test, holds = branch.test, branch.holds
    if test is None:
        span = branch.span or Span(branch.path, 0, 0)
        is_decorator = branch.kind is BranchKind.DECORATOR
        tests_rank = (is_decorator and asks_rank(branch.text)) or asks_rank_on(m, branch.carried)
        once = branch.is_taken_once
        return Condition(span, branch.text, True, True, tests_rank, False, branch.kind, branch.number, once)
    span = Span(branch.path, test.start, test.end)
    while isinstance(test, facts.Not):
        test, holds = test.value, not holds
    of_rank = m.project.asks_rank(branch.path, test) or has_rank_value(m, test, branch.frame)
    selects = branch.is_taken_once or (
        not of_rank and may_hold_once(m, test, branch.path, branch.scope, holds=holds)
    )
    return Condition(
        span,
        _text(m, branch, test),
        holds,
        of_rank or _is_loop_invariant(m, test, branch),
        of_rank,
        of_rank and holds_without_group(m, test, branch.path, branch.scope, holds=holds),
        may_hold_once=selects,
        is_periodic=is_periodic(test),
        operands=tuple(_operands(m, branch, test, holds)),
        needs_all=not isinstance(test, facts.Bool) or holds is (test.op == "and"),
        is_flag=not of_rank and _is_flag(test) and not _is_exclusive(m, branch.path, test),
        once_per_node=of_rank and holds_once_per_node(m, test, branch, holds=holds),
        values=tuple(tested_values(m, test, branch.frame, holds=holds)),
        is_ruled_out=is_ruled_out(m, test, branch.frame, holds=holds),
    )


def _text(m: Interpreter, branch: Branch, test: facts.Expr) -> str:
    return m.project.text(branch.path, test.start, test.end)


def _operands(m: Interpreter, branch: Branch, test: facts.Expr, holds: bool) -> Iterator[tuple[str, bool]]:
    """The tests that a test combines, each with the outcome that contributes to that of the whole."""
    if not isinstance(test, facts.Bool):
        return
    for value in test.values:
        operand, outcome = value, holds
        while isinstance(operand, facts.Not):
            operand, outcome = operand.value, not outcome
        needs_same = isinstance(operand, facts.Bool) and (
            (outcome is (operand.op == "and")) is (holds is (test.op == "and"))
        )
        if needs_same:
            yield from _operands(m, branch, operand, outcome)
        else:
            yield _text(m, branch, operand), outcome


def _asks_order(test: facts.Compare) -> bool:
    """Whether a test compares by order what may be a counter."""
    sides = (test.left, *test.rights)
    is_of_settings = all(isinstance(side, facts.Const) or _is_flag(side) for side in sides)
    return not _ORDERS.isdisjoint(test.ops) and not is_of_settings


def _is_flag(test: facts.Expr) -> bool:
    """Whether a test is a setting that is on or off by itself: `args.do_train`, `cfg["train"]`.

    So are `cfg.get("train", True)` and `"train" in args.stages`.
    """
    match test:
        case (
            facts.Attr(value=owner)
            | facts.Subscript(value=owner, index=facts.Const(value=str()))
            | facts.Call(func=facts.Attr(value=owner, attr="get"), args=[facts.Arg(value=facts.Const()), *_])
        ):
            return bool(SETTINGS_NAME.search(facts.source_form(owner)))
        case facts.Compare(left=facts.Const(value=str()), ops=["in"], rights=[container]):
            return isinstance(container, facts.Attr) and _is_flag(container)
    return False


def _is_exclusive(m: Interpreter, path: str, test: facts.Expr) -> bool:
    """Whether a test is an option of a group of which argparse lets only one through."""
    if not isinstance(test, facts.Attr):
        return False
    names = m.summaries.exclusive_options.get(path)
    if names is None:
        file = m.project.facts(path)
        names = m.summaries.exclusive_options[path] = _exclusive_options(() if file is None else file.body)
    return test.attr in names


def _exclusive_options(body: Sequence[facts.Stmt]) -> frozenset[str]:
    """The options that are added to an `add_mutually_exclusive_group()`, as attributes of the result."""
    nodes = [*walk(*body)]
    groups = {
        name
        for node in nodes
        if isinstance(node, facts.Assign) and isinstance(node.value, facts.Call)
        if last_word(node.value.func) == "add_mutually_exclusive_group"
        for name in target_names(*node.targets)
    }
    return frozenset(
        arg.value.value.lstrip("-").replace("-", "_")
        for node in nodes
        if isinstance(node, facts.Call) and isinstance(node.func, facts.Attr) and groups
        if node.func.attr == "add_argument" and facts.source_form(node.func.value) in groups
        for arg in node.args
        if isinstance(arg.value, facts.Const) and isinstance(arg.value.value, str) and arg.keyword is None
    )


def _is_loop_invariant(m: Interpreter, test: facts.Expr, branch: Branch) -> bool:
    """Whether, judging by its text, nothing in the test can change between the iterations of a loop.

    A call, arithmetic, a comparison by order, a name that a loop of the function assigns, and a parameter
    (the caller chooses it) may all change; but not settings that all iterations get.
    """
    scope = branch.scope
    variants = _loop_variants(m, branch.path, scope)
    params = [] if scope is None else [param.name for param in scope.params]
    receiver = params[:1] if scope is not None and scope.owner is not None else []
    settings = {name for name in params if SETTINGS_NAME.search(name) and _is_steady_name(m, branch, name)}
    for node in walk(test):
        if isinstance(node, facts.Binary) or (isinstance(node, facts.Call) and not _is_flag(node)):
            return False
        if isinstance(node, facts.Subscript) and not _is_flag(node):
            return False
        if isinstance(node, facts.Compare) and _asks_order(node):
            return False
        if isinstance(node, facts.Name) and (
            node.id in variants or (node.id in params and node.id not in {*receiver, *settings})
        ):
            return False
        if isinstance(node, facts.Attr) and node.attr in variants:
            return False
    return True


def _is_steady_name(m: Interpreter, branch: Branch, name: str) -> bool:
    value = None if branch.frame is None else branch.frame.names.get(name)
    return value is not None and is_steady(m, value)


def _loop_variants(m: Interpreter, path: str, scope: FunctionInfo | None) -> frozenset[str]:
    if scope is not None:
        return _loop_variants_of_function(scope)
    file = m.project.facts(path)
    if path not in m.summaries.loop_variants:
        m.summaries.loop_variants[path] = frozenset() if file is None else _assigned_in_loops(*file.body)
    return m.summaries.loop_variants[path]


@cache
def _loop_variants_of_function(scope: FunctionInfo) -> frozenset[str]:
    # A loop of a caller may call the function in every iteration, so attributes that it assigns vary.
    assigned_attributes = {
        target.attr
        for node in statements(scope.node)
        for target in (node.targets if isinstance(node, facts.Assign) else ())
        if isinstance(target, facts.Attr)
    }
    return _assigned_in_loops(scope.node) | assigned_attributes


def _assigned_in_loops(*nodes: facts.Node) -> frozenset[str]:
    """The names and attributes that loops assign."""
    names: set[str] = set()
    inner_loops: set[int] = set()
    for loop in statements(*nodes):
        if isinstance(loop, (facts.For, facts.While)) and id(loop) not in inner_loops:
            for node in (loop, *statements(*loop.body)):
                for target in assignment_targets(node):
                    names.update(_assigned(target))
                if isinstance(node, (facts.For, facts.While)):
                    inner_loops.add(id(node))
    return frozenset(names)


def _assigned(target: facts.Expr) -> Iterator[str]:
    if isinstance(target, facts.Name):
        yield target.id
    elif isinstance(target, facts.Attr):
        yield target.attr
    elif isinstance(target, (facts.Sequence, facts.Starred)):
        for item in target.items if isinstance(target, facts.Sequence) else [target.value]:
            yield from _assigned(item)
