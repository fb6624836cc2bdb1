"""The positions of expressions according to Python's own `ast`, to compare with those of the facts."""

from __future__ import annotations

import ast
import re
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from wandblint import facts

Position: TypeAlias = "tuple[str, int, int]"
"""Kind, start and end of an expression, as offsets in characters."""

_KINDS: dict[type[facts.Node], str] = {
    facts.Attr: "Attribute",
    facts.Binary: "BinOp",
    facts.Bool: "BoolOp",
    facts.Call: "Call",
    facts.Compare: "Compare",
    facts.Conditional: "IfExp",
    facts.Const: "Constant",
    facts.DictLiteral: "Dict",
    facts.Lambda: "Lambda",
    facts.Name: "Name",
    facts.Starred: "Starred",
    facts.Subscript: "Subscript",
    facts.Walrus: "NamedExpr",
}


def positions_of_facts(fact: object) -> Iterator[Position]:
    """The positions of expressions that both facts and `ast` have, outside f-strings."""
    if isinstance(fact, list):
        for item in fact:
            yield from positions_of_facts(item)
    elif isinstance(fact, facts.Node) and not isinstance(fact, facts.FormattedString):
        if type(fact) in _KINDS:
            yield (_KINDS[type(fact)], fact.start, fact.end)
        elif isinstance(fact, facts.Sequence):
            yield (fact.kind.capitalize(), fact.start, fact.end)
        elif isinstance(fact, facts.Arg) and fact.keyword:
            yield ("keyword", fact.start, fact.end)
        for name in fact.__struct_fields__:
            yield from positions_of_facts(getattr(fact, name))


def python_tree(text: str) -> ast.Module:
    """Python's tree, without Python's warnings. Raises what `ast.parse` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def positions_of_python(text: str) -> set[Position]:
    """The positions of all expressions outside f-strings."""
    tree = python_tree(text)
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(row: int | None, column: int | None) -> int:
        assert row is not None, "a parsed node has a position"
        line = lines[row - 1]
        return starts[row - 1] + len(line.encode()[:column].decode())

    return {
        (kind, offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset))
        for kind, node in _nodes(tree)
    }


def _nodes(node: ast.AST) -> Iterator[tuple[str, ast.expr | ast.keyword | ast.pattern]]:
    if isinstance(node, ast.JoinedStr):
        if all(isinstance(value, ast.Constant) for value in node.values):
            yield ("Constant", node)
        return
    match node:
        case ast.MatchSingleton() | ast.UnaryOp(operand=ast.Constant()):
            yield ("Constant", node)
        case ast.expr() | ast.keyword():
            yield (type(node).__name__, node)
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child)


def evaluated_calls(text: str) -> int:
    """The number of calls outside f-strings, types, causes of exceptions and messages of assertions."""
    return sum(isinstance(node, ast.Call) for node in _evaluated(python_tree(text)))


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for name, field in ast.iter_fields(node):
        if (type(node).__name__, name) in _NOT_EVALUATED or isinstance(field, ast.JoinedStr):
            continue
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _evaluated(child)


_NOT_EVALUATED = {
    ("Assert", "msg"),
    ("Raise", "cause"),
    ("FunctionDef", "type_params"),
    ("AsyncFunctionDef", "type_params"),
    ("ClassDef", "type_params"),
    ("TypeAlias", "type_params"),
}


def library_texts(step: int) -> dict[str, str]:
    """Every `step`-th file of the standard library and its tests that this Python can parse."""
    folder = Path(sysconfig.get_path("stdlib"))
    files = [file for file in sorted(folder.rglob("*.py")) if "site-packages" not in file.parts]
    texts = {}
    for file in files[::step]:
        try:
            with tokenize.open(file) as stream:
                text = stream.read()
            python_tree(text)
        except (SyntaxError, UnicodeDecodeError):
            continue
        texts[file.relative_to(folder).as_posix()] = text
    return texts
