"""The fact of each kind of expression."""

from __future__ import annotations

import ast

import pytest

from tests.syntax.fact_text import expression
from wandblint.syntax import parsing  # noqa: F401 (fills the tables of nodes)
from wandblint.syntax.dispatch import EXPRESSIONS

CASES = {
    # constants
    "True": "True",
    "None": "None",
    "0xff": "255",
    "1_000": "1000",
    ".5": "0.5",
    "1e3": "1000.0",
    "-1": "-1",
    "- 1.5": "-1.5",
    "9223372036854775807": "9223372036854775807",
    "-9223372036854775808": "-9223372036854775808",
    # unknown values
    "9223372036854775808": "Other([])",
    "9" * 5000: "Other([])",
    "1j": "Other([])",
    "...": "Other([])",
    "b'a'": "Other([])",
    "+1": "Other([1], '+')",
    "-x": "Other([x], '-')",
    "~f()": "Other([Call(f, [])], '~')",
    "-(y := 1)": "Other([Walrus(y, 1)], '-')",
    # names and calls
    "(a)": "a",
    "((a).b).c": "Attr(Attr(a, b), c)",
    "f(a, *b, k=1, **c)": "Call(f, [Arg(a), Arg(b, 1), Arg(1, k), Arg(c, 2)])",
    "f()()": "Call(Call(f, []), [])",
    "match(case, _, type)": "Call(match, [Arg(case), Arg(_), Arg(type)])",
    # operators
    "a + b * c": "Binary('+', a, Binary('*', b, c))",
    "a ** -b": "Binary('**', a, Other([b], '-'))",
    "a // b @ c": "Binary('@', Binary('//', a, b), c)",
    "not a": "Not(a)",
    "a and b and c": "Bool(and, [a, b, c])",
    "a and (b and c)": "Bool(and, [a, Bool(and, [b, c])])",
    "a or b and c": "Bool(or, [a, Bool(and, [b, c])])",
    "a < b <= c": "Compare(a, ['<', '<='], [b, c])",
    "a not  in b": "Compare(a, ['not in'], [b])",
    "a is not None": "Compare(a, ['is not'], [None])",
    "a if b else c": "Conditional(b, a, c)",
    # displays
    "{'a': 1, **b}": "DictLiteral([Item('a', 1), Item(None, b)])",
    "{}": "DictLiteral([])",
    "[1, *a]": "Sequence(list, [1, Starred(a)])",
    "*a, b": "Sequence(tuple, [Starred(a), b])",
    "()": "Sequence(tuple, [])",
    "{1, 2}": "Sequence(set, [1, 2])",
    # comprehensions
    "[x for x in y if p if q for z in x]": (
        "Comprehension(list, None, x, [CompLoop(x, y, [p, q]), CompLoop(z, x, [])])"
    ),
    "{k: v for k, v in y}": ("Comprehension(dict, k, v, [CompLoop(Sequence(tuple, [k, v]), y, [])])"),
    "{x async for x in y}": "Comprehension(set, None, x, [CompLoop(x, y, [])])",
    "f(x for x in y)": "Call(f, [Arg(Comprehension(generator, None, x, [CompLoop(x, y, [])]))])",
    # subscripts
    "a[1]": "Subscript(a, 1)",
    "a[b, c]": "Subscript(a, Sequence(tuple, [b, c]))",
    "a[b,]": "Subscript(a, Sequence(tuple, [b]))",
    "a[*b]": "Subscript(a, Sequence(tuple, [Starred(b)]))",
    "a[1:2]": "Subscript(a, Other([1, 2], slice))",
    "a[f():, 2]": "Subscript(a, Sequence(tuple, [Other([Call(f, [])], slice), 2]))",
    # lambdas, and what awaits or yields
    "lambda a, /, b=1, *c, d, e=2, **g: a": (
        "Lambda([Param(a, '/'), Param(b, 1), Param(c, '*'), Param(d, k), Param(e, k, 2), Param(g, '**')], a)"
    ),
    "lambda *, a: 0": "Lambda([Param(a, k)], 0)",
    "(y := 1)": "Walrus(y, 1)",
    "await f()": "Wrapped(await, Call(f, []))",
    "yield": "Wrapped(yield, None)",
    "yield a, b": "Wrapped(yield, Sequence(tuple, [a, b]))",
    "yield from a": "Wrapped(from, a)",
}


@pytest.mark.parametrize("source", CASES, ids=lambda source: source[:40])
def test_expression(source: str) -> None:
    assert expression(source) == CASES[source]


def test_each_expression_of_this_python_has_a_reader() -> None:
    only_in_strings = {"FormattedValue", "Interpolation"}
    kinds = {kind for kind in ast.expr.__subclasses__() if kind.__module__ == "ast"}
    assert {kind.__name__ for kind in kinds} - {kind.__name__ for kind in EXPRESSIONS} <= only_in_strings
