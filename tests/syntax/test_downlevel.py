"""Every Python reads newer syntax, with the facts that a Python gives which knows it.

The facts are written out, so that they do not depend on the Python that runs the tests.
"""

from __future__ import annotations

import ast
import sys
import warnings

import pytest

from tests.syntax.fact_text import statements, text_of, walk
from tests.syntax.python_positions import library_texts, python_tree
from wandblint import facts
from wandblint.syntax import ParseError, downlevel, read
from wandblint.syntax.parsing import facts_of

LIBRARY = library_texts(step=60)

PEP_646 = {  # variadic generics, Python 3.11
    "x = a[*b]": ["Assign([x], Subscript(a, Sequence(tuple, [Starred(b)])))"],
    "x = a[*b,]": ["Assign([x], Subscript(a, Sequence(tuple, [Starred(b)])))"],
    "x = a[1:2, *b(c), d]": [
        "Assign([x], Subscript(a, Sequence(tuple, [Other([1, 2], slice), Starred(Call(b, [Arg(c)])), d])))"
    ],
    "x = a[*b[*(c)], f'{d[*e]}']": [
        "Assign([x], Subscript(a, Sequence(tuple, [Starred(Subscript(b, Sequence(tuple, [Starred(c)]))), "
        "Template([Subscript(d, Sequence(tuple, [Starred(e)]))])])))"
    ],
    "def f(*args: *tuple[int, *Ts], **k): pass": [
        "FunctionDef(f, 4, [Param(args, '*', Starred(Subscript(tuple, Sequence(tuple, [int, Starred(Ts)]))))"
        ", Param(k, '**')], [], [])"
    ],
}
PEP_654 = {  # exception groups, Python 3.11
    "try: f()\nexcept* A: g()\nexcept *(B, C) as e: h()\nelse: i()": [
        "Try([ExprStmt(Call(f, []))], [Handler(A, None, [ExprStmt(Call(g, []))]), "
        "Handler(Sequence(tuple, [B, C]), e, [ExprStmt(Call(h, []))])], [ExprStmt(Call(i, []))], [])"
    ],
    "try: pass\nexcept*A.b: pass": ["Try([], [Handler(Attr(A, b), None, [])], [], [])"],
}
PEP_695 = {  # type parameters and aliases, Python 3.12
    "def f[T: (int, str), *Ts, **P](a: T) -> T: return a": [
        "FunctionDef(f, 4, [Param(a, T)], [Return(a)], [], T)"
    ],
    "async def f[\n  T,\n](): await g()": [
        "FunctionDef(f, 10, [], [ExprStmt(Wrapped(await, Call(g, [])))], [])"
    ],
    "@d\nclass C[T](B[T], k=1): x: T": [
        "ClassDef(C, 9, [Arg(Subscript(B, T)), Arg(1, k)], [Assign([x], None, T)], [d])"
    ],
    "class C[T]: pass": ["ClassDef(C, 6, [], [], [])"],
    "type X = int | str": ["Assign([X], Binary('|', int, str))"],
    "type X[T: int, *Ts, **P] = f(T)": ["Assign([X], Call(f, [Arg(T)]))"],
    "if a: type X = int; b()\nelse:\n\ttype \\\n Y = X": [
        "If(a, [Assign([X], int), ExprStmt(Call(b, []))], [Assign([Y], X)])"
    ],
    "type = 1; type.x": ["Assign([type], 1)", "ExprStmt(Attr(type, x))"],
}
PEP_696 = {  # defaults of type parameters, Python 3.13
    "def f[T = int, *Ts = *tuple[int, ...], **P = [int]](): pass": ["FunctionDef(f, 4, [], [], [])"],
    "class C[T: object = f'{int}'](B): pass": ["ClassDef(C, 6, [Arg(B)], [], [])"],
    "type X[T = int] = list[T]": ["Assign([X], Subscript(list, T))"],
}
PEP_701 = {  # f-strings with anything inside, Python 3.12
    "x = f'{d['a']}/{'\\n'.join(y)}'": [
        "Assign([x], Template([Subscript(d, 'a'), '/', Call(Attr('\\n', join), [Arg(y)])]))"
    ],
    "x = f'{f'{f'{y}'}'!s}'": ["Assign([x], Template([Template([Template([y])])]))"],
    "x = f'{y # why: }\n}' 'b'": ["Assign([x], Template([y, 'b']))"],
    "x = f'{\n  f(a,\n b)\n:>{'w'}}' f\"{'\"'}\"": [
        "Assign([x], Template([Other([Call(f, [Arg(a), Arg(b)])], format), '\"']))"
    ],
    "x = f'{a,\n b}{ c['d'] = !s:}'": [
        "Assign([x], Template([Sequence(tuple, [a, b]), \" c['d'] = \", Other([Subscript(c, 'd')], format)]))"
    ],
    "x = f'{y # no\n = !s}'": ["Assign([x], Template(['y \\n = ', y]))"],
    "x = f'{{{'a' 'b'}\\N{BULLET}\\x41}}'": ["Assign([x], Template(['{', 'ab', '•A}']))"],
    "x = rf'\\{a['b']}'": ["Assign([x], Template(['\\\\', Subscript(a, 'b')]))"],
    "run.log({f'{stage['name']}/loss': f(1)})": [
        "ExprStmt(Call(Attr(run, log), [Arg(DictLiteral([Item(Template([Subscript(stage, 'name'), '/loss']), "
        "Call(f, [Arg(1)]))]))]))"
    ],
}
PEP_750 = {  # t-strings, Python 3.14
    "x = t'a'": ["Assign([x], Other([]))"],
    "x = t'{a}{f()!r:{g()}}' rT\"\\{h['i']}\" Tr'{j()}'": [
        "Assign([x], Other([Call(f, []), Call(g, []), Call(j, [])]))"
    ],
    "x = f'{y}{t'{f()}'}'": ["Assign([x], Template([y, Other([Call(f, [])])]))"],
    "t'{a}'": [],
    "t'{f()}'": ["ExprStmt(Other([Call(f, [])]))"],
}
PEP_758 = {  # several exceptions without parentheses, Python 3.14
    "try: f()\nexcept A, b.C: g()\nexcept D: h()": [
        "Try([ExprStmt(Call(f, []))], [Handler(Sequence(tuple, [A, Attr(b, C)]), None, "
        "[ExprStmt(Call(g, []))]), Handler(D, None, [ExprStmt(Call(h, []))])], [], [])"
    ],
    "try: f()\nexcept* A, (B) , : g()\nx = 1": [
        "Try([ExprStmt(Call(f, []))], [Handler(Sequence(tuple, [A, B]), None, "
        "[ExprStmt(Call(g, []))])], [], [])",
        "Assign([x], 1)",
    ],
}
PEP_810 = {  # lazy imports, Python 3.15
    "lazy import a.b as c, d\nif e: lazy from f import g": [
        "Import('a.b', c)",
        "Import(d, None)",
        "If(e, [ImportFrom(f, 0, [('g', None)])], [])",
    ],
}
NEWER = {
    **PEP_646,
    **PEP_654,
    **PEP_695,
    **PEP_696,
    **PEP_701,
    **PEP_750,
    **PEP_758,
    **PEP_810,
    # several at once, next to syntax that LibCST cannot parse
    "(x): int = 3\ntype X[T] = int\nf(t'{y}', a[*b], '\\N{BULLET}')": [
        "Assign([x], 3, int)",
        "Assign([X], int)",
        "ExprStmt(Call(f, [Arg(Other([])), Arg(Subscript(a, Sequence(tuple, [Starred(b)]))), Arg('•')]))",
    ],
}


@pytest.mark.parametrize("source", NEWER)
def test_newer_syntax(source: str) -> None:
    for text in (source, source + "\n", f"é = 1\n{source}\n".replace("\n", "\r\n")):
        actual = statements(text)
        if text.startswith("é"):
            assert actual.pop(0) == "Assign([é], 1)"
            actual = [line.replace("\\r\\n", "\\n") for line in actual]
            assert len(actual) == len(NEWER[source])
        else:
            assert actual == NEWER[source]
        assert read("x.py", text).newer_syntax == []


# The marked texts are the facts of that kind.
POSITIONS: list[tuple[type[facts.Node], str]] = [
    (facts.Sequence, "x = a[ «* b» ]"),
    (facts.Sequence, "x = a[ «*b ,» ]"),
    (facts.Starred, "x = a[c, «* (b)» ]"),
    (facts.Param, "def f(«*a: *b[c]» ): pass"),
    (facts.Handler, "try: pass\n«except * A» : pass"),
    (facts.Handler, "try: pass\n«except*(A) as b» : pass\n«except* C»: pass"),
    (facts.FunctionDef, "«def f[T](a, *, b) -> (c)» : return"),
    (facts.FunctionDef, "«@d\nasync def f [\n T = int, # ]\n](\n)» : return"),
    (facts.ClassDef, "«class A [T, *U]» : pass"),
    (facts.ClassDef, "«class A[T: (a, b)](b, )» : pass"),
    (facts.Arg, "class A[T: (a, b)](«(b)», «*c», «k=d»): pass"),
    (facts.Assign, "if a:\n    «type X [T] = (int)» ;  # why\n"),
    (facts.Import, "«lazy  import a» ; «import b»\n"),
    (facts.FormattedString, "x = «f'{d[«f'{'b'}'»]}' 'c'» ; y"),
    (facts.Call, "x = f'é{ «f( '}' )» !r:{ «g()» }}{'''\n{'''}{\n«h()» # }\n}'"),
    (facts.Sequence, "x = f'{ # why\n «(a), b ,» # why\n }'"),
    (facts.Name, "«x» = t'{ «a»(«b») !r}' ; «c»"),
    (facts.Other, "x = «t'{a}' rt'{b}'» ; c"),
    (facts.Sequence, "try: pass\nexcept «A, (B)» : pass"),
    (facts.Sequence, "try: pass\nexcept* «(A) , B ,» : pass"),
    (facts.Handler, "try: pass\n«except A, B» : pass\n«except (C)» : pass"),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize(("kind", "marked"), POSITIONS, ids=lambda value: str(value)[:50])
def test_positions_of_newer_syntax(kind: type[facts.Node], marked: str, newline: str) -> None:
    text, spans, open_marks = "", [], []
    for character in marked.replace("\n", newline):
        if character == "«":
            open_marks.append(len(text))
        elif character == "»":
            spans.append((open_marks.pop(), len(text)))
        else:
            text += character
    actual = [(fact.start, fact.end) for fact in walk(read("x.py", text)) if type(fact) is kind]
    assert sorted(actual) == sorted(spans)


@pytest.mark.parametrize("name", LIBRARY)
def test_the_rewritten_text_gives_the_same_facts(name: str) -> None:
    _assert_rewritten_is_the_same(LIBRARY[name])


@pytest.mark.parametrize("source", NEWER)
def test_newer_syntax_gives_the_same_facts_where_python_knows_it(source: str) -> None:
    try:
        python_tree(source)
    except SyntaxError:
        assert sys.version_info < (3, 14) or source in PEP_810
    else:
        _assert_rewritten_is_the_same(source)


def _assert_rewritten_is_the_same(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rewritten = list(downlevel.rewritings(text))
        assert rewritten
        for source in rewritten:
            if source is rewritten[-1] or _parses(source.text):
                assert len(source.text) == len(text)
                assert facts_of("x.py", source) == read("x.py", text)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


# The offset is that of the error, not that of the newer syntax before it.
ERRORS = {
    "type X = int\ny = = 2": 17,
    "x = t'{a}'\ny = = 2": 15,
    'if a:\n    type X = int\n\nelse:\n    b\ny = """\n"""\nz = = 2': 52,
    "x = f'{d['a']}'\ny = (": 20,
    "x = f'{d['a']}{e f}'": None,
    "x = f'{a b}'": None,
    "x = f'{}'": None,
    "x = t'{}'": None,
    "x = t'{y!z}'": None,
    "x = f'{y:'a'}'": None,
    "x = f'{y:{}}'": None,
    "x = f'{lambda y: z}'": None,
    "x = f'{y; z}'": None,
    "x = f'{y\n; z}'": None,
    "x = a[*b:c]": None,
    "def f[T: int": None,
    "def f[](): pass": None,
    "try: pass\nexcept A, B as c: pass": None,
    "x = '\\x1'": None,
    "f(a=1, 2)": None,
    "t'{a}' b": 7,
}


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_is_not_newer_syntax(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        read("x.py", text)
    assert not caught.value.is_python
    assert 0 <= caught.value.offset <= len(text)
    assert ERRORS[text] in (None, caught.value.offset)


def test_syntax_of_a_newer_python_is_an_unknown_value() -> None:
    pytest.importorskip("libcst", "1.9", "no older one parses it")
    text = "x = [*f(a) for a in b]\ny = {**c for c in d}\nz = g(*h(i) for i in j)\n"
    file_facts = read("x.py", text)
    assert [text_of(statement) for statement in file_facts.body] == [
        "Assign([x], Other([Comprehension(list, None, Call(f, [Arg(a)]), [CompLoop(a, b, [])])]))",
        "Assign([y], Other([]))",
        "Assign([z], Call(g, [Arg(Other([Comprehension(generator, None, Call(h, [Arg(i)]), "
        "[CompLoop(i, j, [])])]))]))",
    ]
    assert [(text[newer.start : newer.end], newer.python) for newer in file_facts.newer_syntax] == [
        ("[*f(a) for a in b]", "3.15"),
        ("{**c for c in d}", "3.15"),
        ("*h(i) for i in j", "3.15"),
    ]


def test_a_character_name_of_a_newer_python_is_reported() -> None:
    file_facts = read("x.py", "x = '\\N{no such name}'\n")
    assert [(newer.start, newer.end, newer.python) for newer in file_facts.newer_syntax] == [(4, 22, "")]
