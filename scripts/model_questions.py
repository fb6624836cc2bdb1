"""The page docs/what-a-rule-can-ask.md: what `wandblint.model` exports, from its docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_HEAD = """\
# What a rule can ask

<!-- written by scripts/generate_docs.py -->

A rule reads the model, which it gets as its first argument, and nothing else.
`wandblint.model` exports each name of this page. The model says where it does not know something: a rule that
reads `is_must`, the state of the run and `dominates` claims only what must happen.

[CONTRIBUTING.md](../CONTRIBUTING.md) shows how to write a rule.
"""


def page() -> str:
    """The page: first the questions, then the model, then what the answers consist of."""
    exported = list(_exported())
    functions = [node for node in exported if isinstance(node, ast.FunctionDef)]
    classes = [node for node in exported if isinstance(node, ast.ClassDef)]
    classes.sort(key=lambda node: (node.name != "TrackingModel", node.name))
    meanings = {node.name: _doc(node) for node in classes}
    lines = [_HEAD, "## Questions", "", "| Question | Answer |", "| --- | --- |"]
    lines += [f"| {_signature(node)} | {_doc(node)} |" for node in sorted(functions, key=lambda f: f.name)]
    for node in classes:
        lines += ["", f"## {node.name}", "", _doc(node)]
        if rows := list(_members(node, meanings)):
            lines += ["", "| Name | Type | Meaning |", "| --- | --- | --- |", *rows]
    return "\n".join([*lines, ""])


def _exported() -> Iterator[ast.stmt]:
    """The definitions of the names that the package exports."""
    for node in ast.parse((ROOT / "wandblint" / "model" / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            module = ROOT / f"{node.module.replace('.', '/')}.py"
            names = {alias.name for alias in node.names}
            for found in ast.parse(module.read_text(encoding="utf-8")).body:
                if isinstance(found, (ast.FunctionDef, ast.ClassDef)) and found.name in names:
                    yield found


def _members(node: ast.ClassDef, meanings: Mapping[str, str]) -> Iterator[str]:
    """The rows of the public fields and methods of a class; a field may mean what its items do."""
    for member, following in zip(node.body, [*node.body[1:], None], strict=True):
        text = _text(following)
        if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
            is_property = any(ast.unparse(found) == "property" for found in member.decorator_list)
            name = f"`{member.name}`" if is_property else _signature(member)
            yield f"| {name} | {_type(member.returns)} | {_doc(member)} |"
        elif isinstance(member, ast.AnnAssign) and not ast.unparse(member.target).startswith("_"):
            items = ast.unparse(member.annotation).removeprefix("list[").removesuffix("]")
            meaning = text or meanings.get(items, "")
            yield f"| `{ast.unparse(member.target)}` | {_type(member.annotation)} | {meaning} |"
        elif isinstance(member, ast.Assign):
            yield f"| `{ast.unparse(member.targets[0])}` | | {text} |"


def _signature(node: ast.FunctionDef) -> str:
    names = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs) if argument.arg != "self"]
    return f"`{node.name}({', '.join(names)})`"


def _type(annotation: ast.expr | None) -> str:
    return "" if annotation is None else f"`{ast.unparse(annotation)}`".replace("|", "\\|")


def _doc(node: ast.FunctionDef | ast.ClassDef) -> str:
    return _in_cell(ast.get_docstring(node) or "")


def _text(node: ast.stmt | None) -> str:
    """The docstring of a field: the string after it."""
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return _in_cell(node.value.value)
    return ""


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
