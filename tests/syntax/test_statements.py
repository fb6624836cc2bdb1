"""The fact of each kind of statement, and its position."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.syntax.fact_text import statements, walk
from wandblint import facts
from wandblint.syntax import read
from wandblint.syntax.dispatch import STATEMENTS

SIMPLE = {
    "f()": ["ExprStmt(Call(f, []))"],
    "assert a, b": ["ExprStmt(a)"],
    "x = 1; y = 2;": ["Assign([x], 1)", "Assign([y], 2)"],
    "a = b.c = d": ["Assign([a, Attr(b, c)], d)"],
    "*a, b = c": ["Assign([Sequence(tuple, [Starred(a), b])], c)"],
    "x: int": ["Assign([x], None, int)"],
    "x: int = 3": ["Assign([x], 3, int)"],
    "type X[T: int = str, *Ts, **P] = list[T]": ["Assign([X], Subscript(list, T))"],
    "x //= 1": ["AugAssign(x, '//', 1)"],
    "x -= -1": ["AugAssign(x, '-', -1)"],
    "return": ["Return(None)"],
    "return a, b": ["Return(Sequence(tuple, [a, b]))"],
    "raise": ["Raise(None)"],
    "raise E(x) from y": ["Raise(Call(E, [Arg(x)]))"],
    "del a, b[0]": ["Delete([a, Subscript(b, 0)])"],
    "del (a, b)": ["Delete([a, b])"],
    "break": ["Jump(break)"],
    "continue": ["Jump(continue)"],
    "global a, b": ["ScopeDeclaration(global, [a, b])"],
    "nonlocal a": ["ScopeDeclaration(nonlocal, [a])"],
    "import a.b as c, d": ["Import('a.b', c)", "Import(d, None)"],
    "from . import a": ["ImportFrom('', 1, [('a', None)])"],
    "from ....a . b import (c as d, e,)": ["ImportFrom('a.b', 4, [('c', 'd'), ('e', None)])"],
    "from a import *": ["ImportFrom(a, 0, [('*', None)])"],
    # a statement without effect gives no fact
    "'doc'": [],
    "('a' 'b')": [],
    "f'a'": [],
    "...": [],
    "-1": [],
    "pass": [],
}


@pytest.mark.parametrize("source", SIMPLE)
def test_simple_statement(source: str) -> None:
    assert statements(source + "\n") == SIMPLE[source]
    assert statements(source) == SIMPLE[source]


COMPOUND = {
    "if a: b\nelif c: d\nelse: e": "If(a, [ExprStmt(b)], [If(c, [ExprStmt(d)], [ExprStmt(e)])])",
    "for x in y: pass\nelse: a": "For(x, y, [], [ExprStmt(a)])",
    "async for a, b in c, d: pass": ("For(Sequence(tuple, [a, b]), Sequence(tuple, [c, d]), [], [])"),
    "while x: break\nelse: y": "While(x, [Jump(break)], [ExprStmt(y)])",
    "try: a\nexcept (B, C) as d: e\nexcept: f\nelse: g\nfinally: h": (
        "Try([ExprStmt(a)], [Handler(Sequence(tuple, [B, C]), d, [ExprStmt(e)]), "
        "Handler(None, None, [ExprStmt(f)])], [ExprStmt(g)], [ExprStmt(h)])"
    ),
    "try: a\nexcept* B: c": "Try([ExprStmt(a)], [Handler(B, None, [ExprStmt(c)])], [], [])",
    "with a() as b, c: pass": "With([WithItem(Call(a, []), b), WithItem(c, None)], [])",
    "async with (a as b, c as d,): pass": "With([WithItem(a, b), WithItem(c, d)], [])",
    "with (a, b) as c: pass": "With([WithItem(Sequence(tuple, [a, b]), c)], [])",
    "@d(1)\n@e\ndef g(a: int, /, b, *args: t, c: str = 'x', **kw) -> int:\n return a": (
        "FunctionDef(g, 13, [Param(a, '/', int), Param(b), Param(args, '*', t), Param(c, k, 'x', str), "
        "Param(kw, '**')], [Return(a)], [Call(d, [Arg(1)]), e], int)"
    ),
    "async def f[T: (int, str)](): await a": "FunctionDef(f, 10, [], [ExprStmt(Wrapped(await, a))], [])",
    "class A: 'doc'": "ClassDef(A, 6, [], [], [])",
    "class A(): x = 1": "ClassDef(A, 6, [], [Assign([x], 1)], [])",
    "@d\nclass A[T](B, *C, metaclass=M, **k):\n x: int = 1": (
        "ClassDef(A, 9, [Arg(B), Arg(C, 1), Arg(M, metaclass), Arg(k, 2)], [Assign([x], 1, int)], [d])"
    ),
}


@pytest.mark.parametrize("source", COMPOUND)
def test_compound_statement(source: str) -> None:
    assert statements(source + "\n") == [COMPOUND[source]]


PATTERNS = {
    "'a' | 'b' | None": "MatchCase(['a', 'b', None], [], None, [])",
    "-1": "MatchCase([-1], [], None, [])",
    "(1)": "MatchCase([1], [], None, [])",
    "((1) | 2)": "MatchCase([1, 2], [], None, [])",
    "ns.D": "MatchCase([Attr(ns, D)], [], None, [])",
    "x": "MatchCase([], [x], None, [])",
    "_": "MatchCase([], [], None, [])",
    "'a' as x": "MatchCase([], [x], None, [])",
    "'a' | x": "MatchCase([], [x], None, [])",
    "[a, *b] if a": "MatchCase([], [a, b], a, [])",
    "a, *_": "MatchCase([], [a], None, [])",
    "(1, (2) as y)": "MatchCase([], [y], None, [])",
    "{'k': v, **rest}": "MatchCase([], [v, rest], None, [])",
    "ns.C(1, [a], k=w) as z": "MatchCase([], [a, w, z], None, [])",
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pattern(pattern: str) -> None:
    assert statements(f"match x, y:\n    case {pattern}: pass\n") == [
        f"Match(Sequence(tuple, [x, y]), [{PATTERNS[pattern]}])"
    ]


def test_each_statement_of_this_python_has_a_reader() -> None:
    assert {kind.__name__ for kind in ast.stmt.__subclasses__()} == {kind.__name__ for kind in STATEMENTS}


# The marked text is the only fact of that kind.
POSITIONS = [
    (facts.Assign, "if a:\n    «x = f(1)» ;  # why\n"),
    (facts.Assign, "«*a, b = 1,» # ,\n"),
    (facts.Assign, "«x = (\n    1 # )\n)»;\n"),
    (facts.Assign, "«x: int = 1»"),
    (facts.AugAssign, "«x += \\\n  1»\n"),
    (facts.Return, "«return 1 ,» ;"),
    (facts.ExprStmt, "«assert (a), (b)»\n"),
    (facts.ExprStmt, "«yield 1,»\n"),
    (facts.Raise, "«raise A from (b)»\n"),
    (facts.Delete, "«del a,»\n"),
    (facts.Import, "«import  a . b»\n"),
    (facts.ImportFrom, "«from a import *» # *\n"),
    (facts.ImportFrom, "«from a import (b, # )\n)»\n"),
    (facts.If, "«if (a)» : pass\n"),
    (facts.If, "«if a and(b)»:pass\nelse: pass"),
    (facts.While, "«while not-a» : # :\n    pass\n"),
    (facts.For, "«async for a in b,» : pass"),
    (facts.With, "«with (a as b, c)» : pass"),
    (facts.Try, "«try» :\n    pass\nfinally: pass"),
    (facts.Handler, "try: pass\n«except A as b» : pass"),
    (facts.Handler, "try: pass\n«except» : pass"),
    (facts.Match, "«match *a, b,» :\n    case 1: pass"),
    (facts.MatchCase, "match a:\n    «case 1 ,» : pass"),
    (facts.MatchCase, "match a:\n    «case [1] if (b)» : pass"),
    (facts.FunctionDef, "x;\n«@ a # @\n@b\nasync def f(\n)» : pass"),
    (facts.FunctionDef, "«def f[T](a, *, b) -> (c)» : return"),
    (facts.ClassDef, "«class A» : pass"),
    (facts.ClassDef, "# @\n«@a\nclass A (b,)» : pass"),
    (facts.Param, "def f(«a: b = (1)» ): pass"),
    (facts.Param, "def f(«* # *\na : b» ,): pass"),
    (facts.Param, "f = lambda «** k» : 1"),
    (facts.Arg, "f(«k = (a)» )"),
    (facts.Arg, "f(«* # *\n a» )"),
    (facts.Arg, "f(«** a» )"),
    (facts.Item, "x = {«** (a)» , }"),
    (facts.Item, "x = {«(a) : (b)» , }"),
    (facts.Starred, "x = 1 * 2, «* a» ,"),
    (facts.Starred, "x = a[«* b» , ]"),
    (facts.CompLoop, "x = [a «for b in c if (d)» ]"),
    (facts.Comprehension, "f«( a for b in c )»"),
    (facts.Comprehension, "x = («(a for b in c)»)"),
    (facts.Sequence, "x = («(1, 2)»)"),
    (facts.Sequence, "x = a[ «(1) # ,\n ,» ]"),
    (facts.Sequence, "x = a[ «: , (1):» ]"),
    (facts.Other, "x = a[ «(1): : 2» ]"),
    (facts.Other, "x = a[ «:» ]"),
    (facts.Other, "x = «- a»"),
    (facts.WithItem, "with «(a) as (b)» : pass"),
    (facts.Walrus, "x = («y := (1)» )"),
    (facts.Subscript, "x = «(a) [1 # ]\n]»"),
    (facts.Binary, "x = «(a) + (b)»"),
    (facts.Binary, "x = «-.5 - +.5»"),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("kind", "marked"), POSITIONS, ids=lambda value: str(value)[:50])
def test_position(kind: type[facts.Node], marked: str, newline: str) -> None:
    marked = dedent(marked).replace("\n", newline)
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    assert [(fact.start, fact.end) for fact in walk(read("x.py", text)) if type(fact) is kind] == [
        (start, end)
    ]


def test_name_at_is_where_the_name_is() -> None:
    text = "@f\nasync def  f(f): pass\nclass  f(f): pass\n"
    function, class_ = read("x.py", text).body
    assert isinstance(function, facts.FunctionDef)
    assert isinstance(class_, facts.ClassDef)
    assert text[: function.name_at].endswith("def  ")
    assert text[: class_.name_at].endswith("class  ")


def test_form_feeds_tabs_and_unusual_letters_keep_positions() -> None:
    text = "\fx = 'é\U00010400'\n\x0c\nif \U00010400nicode:\n\tc\u0327a = \fnot'a'\n\ny=1if x else-2\n"
    written = [text[fact.start : fact.end] for fact in _names(text)]
    assert written == ["x", "\U00010400nicode", "c\u0327a", "y", "x"]


def test_names_are_normalized() -> None:
    text = "\u00b5 = a.\u00b5\ndef \ufb01(\u00b5): global \u00b5\nimport \ufb01.\ufb01 as \u00b5\n"
    assert [fact.id for fact in _names(text)] == ["\u03bc", "a"]
    assert statements(text)[1:] == [
        "FunctionDef(fi, 12, [Param(\u03bc)], [ScopeDeclaration(global, [\u03bc])], [])",
        "Import('fi.fi', \u03bc)",
    ]


def _names(text: str) -> list[facts.Name]:
    return [fact for fact in walk(read("x.py", text)) if isinstance(fact, facts.Name)]
