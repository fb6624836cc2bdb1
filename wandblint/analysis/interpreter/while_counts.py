"""How often a `while` loop repeats, where its test and its body show it: a counter, or a flag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wandblint import facts
from wandblint.analysis.domain.values import Frame
from wandblint.analysis.interpreter.induction import known_int
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import assignment_targets, jumps, statements, target_names


def while_count(m: Interpreter, node: facts.While, frame: Frame) -> int | None:
    """The maximum number of iterations of a loop that is about to start; None if it is unknown.

    An iteration that raises leaves the loop, and one that continues may skip what counts.
    """
    if jumps(node.body, "continue"):
        return None
    counts = [
        count
        for test in _operands(node.test)
        for count in (_count_of_flag(test, node.body), _count_of_counter(m, test, node.body, frame))
        if count is not None
    ]
    return min(counts, default=None)


def _operands(test: facts.Expr) -> Iterator[facts.Expr]:
    """The tests all of which must hold for another iteration."""
    if isinstance(test, facts.Bool) and test.op == "and":
        for value in test.values:
            yield from _operands(value)
    else:
        yield test


def _assigned(body: Sequence[facts.Stmt]) -> set[str]:
    nodes = statements(*body, into_scopes=False)
    return {name for node in nodes for name in target_names(*assignment_targets(node))}


def _count_of_flag(test: facts.Expr, body: Sequence[facts.Stmt]) -> int | None:
    """One, if each iteration ends by giving the flag that the test is a value with which it fails."""
    goes_on = True
    while isinstance(test, facts.Not):
        test, goes_on = test.value, not goes_on
    if not isinstance(test, facts.Name):
        return None
    for position, node in enumerate(body):
        match node:
            case facts.Assign(targets=[facts.Name(id=name)], value=facts.Const(value=value)):
                is_last = name == test.id and name not in _assigned(body[position + 1 :])
                if is_last and bool(value) is not goes_on:
                    return 1
    return None


def _count_of_counter(
    m: Interpreter, test: facts.Expr, body: Sequence[facts.Stmt], frame: Frame
) -> int | None:
    """How often a counter that each iteration changes by a constant stays on its side of a bound."""
    match test:
        case facts.Compare(
            left=facts.Name(id=name), ops=[op], rights=[facts.Const() | facts.Name() | facts.Attr() as bound]
        ):
            by = _change_of(name, body)
            start, stop = known_int(frame.names.get(name)), known_int(m.evaluate(bound, frame))
            if by is None or start is None or stop is None or _changes(bound, body):
                return None
            if (op in {"<", "<="} and by > 0) or (op in {">", ">="} and by < 0):
                last = 0 if op in {"<", ">"} else 1 if by > 0 else -1
                return len(range(start, stop + last, by))
    return None


def _change_of(name: str, body: Sequence[facts.Stmt]) -> int | None:
    """What each iteration adds to a name that it changes in one place only."""
    for position, node in enumerate(body):
        match node:
            case facts.AugAssign(
                target=facts.Name(id=target), op="+" | "-" as op, value=facts.Const(value=int(by))
            ) if target == name:
                is_only_one = name not in _assigned([*body[:position], *body[position + 1 :]])
                return (by if op == "+" else -by) if is_only_one else None
    return None


def _changes(bound: facts.Expr, body: Sequence[facts.Stmt]) -> bool:
    """Whether the loop assigns what its counter is compared with, judging by the name."""
    form = facts.source_form(bound)
    return form in _assigned(body) or any(
        facts.source_form(target) == form
        for node in statements(*body, into_scopes=False)
        for target in assignment_targets(node)
        if isinstance(target, facts.Attr)
    )
