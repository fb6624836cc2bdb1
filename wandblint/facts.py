"""FileFacts: the syntax of one Python file as plain data.

`syntax` builds them from Python's own parse tree, `analysis` interprets them, the cache stores them. They
hold no tree, no text and no absolute path, and round-trip through msgspec.

Positions are character offsets into the decoded text without a BOM: `start` inclusive, `end` exclusive.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Node(msgspec.Struct, array_like=True, gc=False):
    """A piece of source with its position."""

    start: int
    end: int


# --- expressions ---------------------------------------------------------------------------------


class Const(Node, tag="const"):
    """A literal: string (implicit concatenations joined), int that fits 64 bits, float, bool or None."""

    value: str | int | float | bool | None


class Name(Node, tag="name"):
    id: str


class Attr(Node, tag="attr"):
    """`value.attr`."""

    value: Expr
    attr: str


class Arg(Node):
    """One argument of a call or base of a class: `star` is 0, 1 for `*value`, 2 for `**value`."""

    value: Expr
    keyword: str | None = None
    star: int = 0


class Call(Node, tag="call"):
    func: Expr
    args: list[Arg]


class FormattedString(Node, tag="template"):
    """An f-string: literal text (escapes decoded) and expressions, in order.

    A field with a conversion other than `!s` or with a format spec is an `Other`: its text is unknown.
    """

    parts: list[str | Expr]


class Binary(Node, tag="binary"):
    """`left op right`; op as written: `+ - * / // % ** @ & | ^ << >>`."""

    op: str
    left: Expr
    right: Expr


class Bool(Node, tag="bool"):
    """`a and b`, `a or b`: `op` is `and` or `or`."""

    op: str
    values: list[Expr]


class Not(Node, tag="not"):
    value: Expr


class Compare(Node, tag="compare"):
    """`left ops[0] rights[0] ...`; ops as written, `is not` and `not in` with one space."""

    left: Expr
    ops: list[str]
    rights: list[Expr]


class Conditional(Node, tag="ifexp"):
    """`body if test else orelse`."""

    test: Expr
    body: Expr
    orelse: Expr


class Item(Node):
    """`key: value` of a dict literal, or `**value` with no key."""

    key: Expr | None
    value: Expr


class DictLiteral(Node, tag="dict"):
    items: list[Item]


class Sequence(Node, tag="seq"):
    """A list, tuple or set display: `kind` is `list`, `tuple` or `set`."""

    kind: str
    items: list[Expr]


class Starred(Node, tag="star"):
    """`*value` inside a display or an assignment target."""

    value: Expr


class CompLoop(Node):
    """`for target in iter if conditions` of a comprehension."""

    target: Expr
    iter: Expr
    conditions: list[Expr]


class Comprehension(Node, tag="comp"):
    """`kind` is `list`, `set`, `dict` or `generator`; `key` only for `dict`."""

    kind: str
    key: Expr | None
    value: Expr
    loops: list[CompLoop]


class Subscript(Node, tag="sub"):
    """`value[index]`; a slice is an `Other`, several indices are a tuple `Sequence`."""

    value: Expr
    index: Expr


class Lambda(Node, tag="lambda"):
    params: list[Param]
    body: Expr


class Walrus(Node, tag="walrus"):
    """`target := value`."""

    target: Name
    value: Expr


class Wrapped(Node, tag="wrapped"):
    """`await value`, `yield value`, `yield from value`: `kind` is `await`, `yield` or `from`."""

    kind: str
    value: Expr | None


class Other(Node, tag="other"):
    """Any other expression, of unknown value. `parts` are the sub-expressions that contain calls, lambdas,
    walruses, awaits or yields, in order of evaluation; with an `op` (`-`, `+`, `~`, `slice`, or `format` for
    a field of an f-string), all operands."""

    parts: list[Expr]
    op: str = ""


Expr: TypeAlias = (
    Const
    | Name
    | Attr
    | Call
    | FormattedString
    | Binary
    | Bool
    | Not
    | Compare
    | Conditional
    | DictLiteral
    | Sequence
    | Starred
    | Comprehension
    | Subscript
    | Lambda
    | Walrus
    | Wrapped
    | Other
)


# --- statements ----------------------------------------------------------------------------------
# A simple statement spans all of its text, a compound statement only its header: from the first decorator
# or the keyword to the character before the colon.


class Param(Node):
    """A parameter. `kind` is empty (plain), `/` (positional only), `*`, `k` (keyword only) or `**`."""

    name: str
    kind: str = ""
    default: Expr | None = None
    annotation: Expr | None = None


class ExprStmt(Node, tag="expr"):
    """An expression statement; an `assert` is one with its test as the value."""

    value: Expr


class Assign(Node, tag="assign"):
    """`targets[0] = targets[1] = ... = value`; an annotated one has one target, and perhaps no value."""

    targets: list[Expr]
    value: Expr | None
    annotation: Expr | None = None


class AugAssign(Node, tag="aug"):
    """`target op= value`; `op` without the `=`."""

    target: Expr
    op: str
    value: Expr


class Return(Node, tag="return"):
    value: Expr | None


class Raise(Node, tag="raise"):
    value: Expr | None


class Delete(Node, tag="del"):
    targets: list[Expr]


class Jump(Node, tag="jump"):
    """`break` or `continue` (`kind`)."""

    kind: str


class ScopeDeclaration(Node, tag="scope"):
    """`global` or `nonlocal` (`kind`) names."""

    kind: str
    names: list[str]


class If(Node, tag="if"):
    """An `if` statement; an `elif` is the only statement in `orelse`."""

    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]


class For(Node, tag="for"):
    target: Expr
    iter: Expr
    body: list[Stmt]
    orelse: list[Stmt]


class While(Node, tag="while"):
    test: Expr
    body: list[Stmt]
    orelse: list[Stmt]


class Handler(Node):
    """`except type as name:`."""

    type: Expr | None
    name: str | None
    body: list[Stmt]


class Try(Node, tag="try"):
    body: list[Stmt]
    handlers: list[Handler]
    orelse: list[Stmt]
    final: list[Stmt]


class WithItem(Node):
    value: Expr
    target: Expr | None


class With(Node, tag="with"):
    items: list[WithItem]
    body: list[Stmt]


class MatchCase(Node):
    """`case pattern if guard:`; `names` are what the pattern binds.

    `values` are the alternatives of a pattern of plain values (`1 | 2`), else empty.
    """

    values: list[Expr]
    names: list[str]
    guard: Expr | None
    body: list[Stmt]


class Match(Node, tag="match"):
    subject: Expr
    cases: list[MatchCase]


class FunctionDef(Node, tag="function"):
    """A `def` or `async def`. `name_at` is the offset of the name."""

    name: str
    name_at: int
    params: list[Param]
    body: list[Stmt]
    decorators: list[Expr]
    returns: Expr | None = None


class ClassDef(Node, tag="class"):
    name: str
    name_at: int
    bases: list[Arg]
    body: list[Stmt]
    decorators: list[Expr]


class Import(Node, tag="import"):
    """`import module as asname`: one statement per module."""

    module: str
    asname: str | None


class ImportFrom(Node, tag="from"):
    """`from ..module import name as asname`: `level` dots; a star import has `names == [("*", None)]`."""

    module: str
    level: int
    names: list[tuple[str, str | None]]


Stmt: TypeAlias = (
    ExprStmt
    | Assign
    | AugAssign
    | Return
    | Raise
    | Delete
    | Jump
    | ScopeDeclaration
    | If
    | For
    | While
    | Try
    | With
    | Match
    | FunctionDef
    | ClassDef
    | Import
    | ImportFrom
)


class NewerSyntax(Node):
    """An expression that the running Python cannot parse; its fact is an `Other`. `python` is the first
    version that can, empty if none is known."""

    python: str


class FileFacts(msgspec.Struct, array_like=True, gc=False):
    """The facts of one file. `path` is relative to the project's root, with `/`."""

    path: str
    body: list[Stmt]
    newer_syntax: list[NewerSyntax] = []


def source_form(expr: Expr | None) -> str:
    """The source of a name or dotted name, such as `self._run`; empty for other expressions."""
    if isinstance(expr, Name):
        return expr.id
    if isinstance(expr, Attr) and (base := source_form(expr.value)):
        return f"{base}.{expr.attr}"
    return ""
