"""Statements: what each does to names, and whether the code behind it is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import guards, tracking
from wandblint.linking.arguments import Arguments
from wandblint.linking.calls import call_function
from wandblint.linking.classes import find_in_class
from wandblint.linking.containers import iterate, merge
from wandblint.linking.expressions import MAX_UNROLL, combine, label_of, verdict_of
from wandblint.linking.heap import Branch, ClassInfo, Dictionary, Frame, FunctionInfo, Instance, Items
from wandblint.linking.machine import Machine
from wandblint.linking.names import bind, import_module
from wandblint.linking.targets import assign
from wandblint.linking.values import (
    NONE,
    Class,
    Function,
    Imported,
    Library,
    Module,
    Scalar,
    Unknown,
    Value,
    is_none,
    join,
    options,
    truth,
)
from wandblint.linking.walk import walk, yields
from wandblint.template import Origin

MAX_PASSES = 3
"""A loop is run until nothing new comes, at most so often. Three passes carry a value round two variables."""


def execute(m: Machine, body: list[facts.Stmt], frame: Frame) -> bool:
    """Runs statements in order; tells whether the code behind them can be reached."""
    for statement in body:
        m.tick()
        if not _EXECUTORS[type(statement)](m, statement, frame):
            return False
    return True


# --- simple statements ---


def _expr(m: Machine, node: facts.ExprStmt, frame: Frame) -> bool:
    m.evaluate(node.value, frame)
    return True


def _assign(m: Machine, node: facts.Assign, frame: Frame) -> bool:
    if node.value is None:
        return True
    value = m.evaluate(node.value, frame)
    for target in node.targets:
        assign(m, target, value, frame)
    return True


def _augment(m: Machine, node: facts.AugAssign, frame: Frame) -> bool:
    old = m.evaluate(node.target, frame)
    change = m.evaluate(node.value, frame)
    span = Span(frame.path, node.start, node.end)
    if node.op == "|" and (dictionaries := m.dictionaries(old)):
        for made in dictionaries:
            merge(m, made, change, span)
        return True
    value = combine(m, node.op, old, change, frame, node, (label_of(node.target), label_of(node.value)))
    assign(m, node.target, value, frame)
    return True


def _return(m: Machine, node: facts.Return, frame: Frame) -> bool:
    value = NONE if node.value is None else m.evaluate(node.value, frame)
    frame.returned.append(value)
    return False


def _raise(m: Machine, node: facts.Raise, frame: Frame) -> bool:
    if node.value is not None:
        m.evaluate(node.value, frame)
    return False


def _delete(m: Machine, node: facts.Delete, frame: Frame) -> bool:
    for target in node.targets:
        if isinstance(target, facts.Subscript):
            key = m.force(m.evaluate(target.index, frame))
            for made in m.dictionaries(m.evaluate(target.value, frame)):
                m.heap.remove_item(made, key, m.branch)
        elif isinstance(target, facts.Name):
            frame.names.pop(target.id, None)
    return True


def _jump(m: Machine, node: facts.Jump, frame: Frame) -> bool:
    if frame.exits:
        frame.exits[-1].append(dict(frame.names))
    return False


def _scope(m: Machine, node: facts.Scope, frame: Frame) -> bool:
    (frame.global_names if node.kind == "global" else frame.outer_names).update(node.names)
    return True


# --- branches and loops ---


def _if(m: Machine, node: facts.If, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    watch = guards.meet(m, node, frame, verdict)
    if verdict is not None:
        before = m.recorder.effects
        live = m.execute(node.body if verdict else node.orelse, frame)
        guards.settle(m, watch, node, frame, reached=m.recorder.effects > before)
        return live
    outer = m.branch
    names = frame.names
    frame.names = dict(names)
    m.branch = Branch(outer, frame.path, node.test)
    _narrow(m, node.test, frame, holds=True)
    body_live = m.execute(node.body, frame)
    body_names = frame.names
    frame.names = dict(names)
    m.branch = Branch(outer, frame.path, node.test, holds=False)
    _narrow(m, node.test, frame, holds=False)
    orelse_live = m.execute(node.orelse, frame)
    m.branch = outer
    if body_live and orelse_live:
        frame.names = join_names(body_names, frame.names)
    elif body_live or orelse_live:
        frame.names = body_names if body_live else frame.names
        # One side has left: what follows may not run although what came before did.
        m.branch = Branch(outer, frame.path, node.test, holds=body_live)
    return body_live or orelse_live


def join_names(left: dict[str, Value], right: dict[str, Value]) -> dict[str, Value]:
    """The names after one of two ways."""
    out = dict(left)
    for name, value in right.items():
        old = out.get(name)
        if old is None:
            out[name] = value
        elif old is not value:
            out[name] = join((old, value))
    return out


def _narrow(m: Machine, test: facts.Expr, frame: Frame, *, holds: bool) -> None:
    """What a condition tells about the variables in it: only names with known alternatives."""
    if isinstance(test, facts.Not):
        _narrow(m, test.value, frame, holds=not holds)
    elif isinstance(test, facts.Bool) and holds is (test.op == "and"):
        for part in test.values:
            _narrow(m, part, frame, holds=holds)
    elif (
        isinstance(test, facts.Compare) and len(test.ops) == 1 and test.ops[0] in {"is", "is not", "==", "!="}
    ):
        right = test.rights[0]
        if isinstance(right, facts.Const) and right.value is None:
            wanted = holds is (test.ops[0] in {"is", "=="})
            _keep(test.left, frame, lambda option: is_none(option) is not (not wanted))
    else:
        _keep(test, frame, lambda option: truth(option) is not (not holds))


def _keep(expr: facts.Expr, frame: Frame, fits: Callable[[Value], bool]) -> None:
    if isinstance(expr, facts.Name) and expr.id in frame.names:
        choices = options(frame.names[expr.id])
        kept = [option for option in choices if fits(option)]
        if kept and len(kept) < len(choices):
            frame.names[expr.id] = join(kept)


def _for(m: Machine, node: facts.For, frame: Frame) -> bool:
    items, rest = iterate(m, m.evaluate(node.iter, frame), frame, node.start)
    if len(items) > MAX_UNROLL:
        items, rest = [], join([*items, *(() if rest is None else (rest,))])
    context = frame.context
    for number, item in enumerate(items):
        frame.context = m.context("pass", context, frame.path, node.start, number)
        assign(m, node.target, item, frame)
        _pass(m, node.body, frame)
    frame.context = context
    if rest is not None:
        item = (
            Unknown(Origin("loop", context, frame.path, node.start), label_of(node.target))
            if isinstance(rest, Unknown) and isinstance(node.target, facts.Name)
            else rest
        )
        _repeat(m, node.body, frame, lambda: assign(m, node.target, item, frame))
    return m.execute(node.orelse, frame) if node.orelse else True


def _while(m: Machine, node: facts.While, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    if verdict is False:
        return m.execute(node.orelse, frame)
    _repeat(m, node.body, frame, lambda: None)
    return True


def _repeat(m: Machine, body: list[facts.Stmt], frame: Frame, start: Callable[[], None]) -> None:
    """A loop whose number of passes is not known: run until nothing new comes.

    Numbers that the loop changes are unknown from the first pass on, so that counting takes no second one.
    """
    for name in _assigned(m, body):
        value = frame.names.get(name)
        if value is not None and any(
            isinstance(option, Scalar) and option != NONE for option in options(value)
        ):
            frame.names[name] = join((value, Unknown(Origin("counted", frame.context, name), name)))
    m.in_loop += 1
    outer_change = m.heap.oldest_change
    for _ in range(MAX_PASSES):
        names, born = dict(frame.names), m.heap.clock
        m.heap.oldest_change = born + 1
        with m.maybe():
            start()
            _pass(m, body, frame)
        frame.names = join_names(names, frame.names)
        changed = m.heap.oldest_change <= born
        outer_change = min(outer_change, m.heap.oldest_change)
        if not changed and not any(_is_news(names[name], frame.names[name]) for name in names):
            break
    m.heap.oldest_change = outer_change
    m.in_loop -= 1


def _is_news(old: Value, new: Value) -> bool:
    """Whether a value has alternatives that another pass could do something with."""
    if old is new or old == new:
        return False
    known = set(options(old))
    return any(option not in known and not isinstance(option, (Unknown, Scalar)) for option in options(new))


def _assigned(m: Machine, body: list[facts.Stmt]) -> set[str]:
    """The names that a loop's body assigns."""
    key = id(body)
    if key not in m.assigned:
        m.assigned[key] = {
            target.id
            for node in walk(*body, into_scopes=False)
            for target in (
                node.targets
                if isinstance(node, facts.Assign)
                else [node.target]
                if isinstance(node, facts.AugAssign)
                else []
            )
            if isinstance(target, facts.Name)
        }
    return m.assigned[key]


def _pass(m: Machine, body: list[facts.Stmt], frame: Frame) -> None:
    """One pass of a loop; the names at each `break` and `continue` flow to its end."""
    frame.exits.append([])
    before = m.branch
    live = m.execute(body, frame)
    m.branch = before
    ends = frame.exits.pop()
    if not live and ends:
        frame.names = ends.pop()
    for names in ends:
        frame.names = join_names(frame.names, names)


def _try(m: Machine, node: facts.Try, frame: Frame) -> bool:
    if not node.handlers:
        live = m.execute(node.body, frame) and m.execute(node.orelse, frame)
        return m.execute(node.final, frame) and live
    start = dict(frame.names)
    outer = m.branch
    m.branch = Branch(outer)
    live = m.execute(node.body, frame)
    after_body = dict(frame.names)
    if live:
        live = m.execute(node.orelse, frame)
    ways = [dict(frame.names)] if live else []
    for handler in node.handlers:
        frame.names = join_names(start, after_body)
        m.branch = Branch(outer)
        if handler.name is not None:
            frame.names[handler.name] = Unknown(
                Origin("exception", frame.context, handler.start), handler.name
            )
        if m.execute(handler.body, frame):
            ways.append(dict(frame.names))
    m.branch = outer
    if ways:
        frame.names = ways[0]
        for names in ways[1:]:
            frame.names = join_names(frame.names, names)
    if not live or len(ways) <= len(node.handlers):
        m.branch = Branch(outer)
    return m.execute(node.final, frame) and bool(ways)


def _with(m: Machine, node: facts.With, frame: Frame) -> bool:
    entered: list[Value] = []
    for item in node.items:
        value = m.force(m.evaluate(item.value, frame))
        entered.append(value)
        inside = _enter(m, value, frame, Span(frame.path, item.start, item.end))
        if item.target is not None:
            assign(m, item.target, inside, frame)
    live = m.execute(node.body, frame)
    for value in reversed(entered):
        tracking.leave(m, value)
    return live


def _enter(m: Machine, value: Value, frame: Frame, span: Span) -> Value:
    """What `with value as x` binds."""
    found: list[Value] = []
    for option, made in m.objects(value):
        if isinstance(made, Items):
            # What a `@contextmanager` function yields.
            found.extend([*made.items, *(() if made.rest is None else (made.rest,))] or [NONE])
        elif isinstance(made, Instance):
            enter = find_in_class(m, made.cls, "__enter__")
            if isinstance(enter, Function):
                bound = Function(enter.info, option, enter.frame)
                found.append(call_function(m, bound, Arguments(), frame, span))
            else:
                found.append(option)
        elif isinstance(made, Dictionary):
            found.append(option)
        else:
            found.append(option)
    return join(found)


def _match(m: Machine, node: facts.Match, frame: Frame) -> bool:
    subject = m.evaluate(node.subject, frame)
    names, outer = dict(frame.names), m.branch
    ways = [names]
    for case in node.cases:
        frame.names = dict(names)
        m.branch = Branch(outer)
        for name in case.names:
            bind(m, name, Unknown(Origin("case", frame.context, case.start, name), name), frame)
        if case.guard is not None:
            m.evaluate(case.guard, frame)
        if m.execute(case.body, frame):
            ways.append(frame.names)
    m.branch = outer
    frame.names = ways[0]
    for way in ways[1:]:
        frame.names = join_names(frame.names, way)
    if len(ways) <= len(node.cases):
        m.branch = Branch(outer)
    del subject
    return True


# --- definitions and imports ---


def _function(m: Machine, node: facts.Function, frame: Frame) -> bool:
    owner = m.class_being_made(frame)
    key = (frame.path, node.start)
    info = m.functions.get(key)
    if info is None:
        info = m.functions[key] = FunctionInfo(frame.path, node.name, node, owner, yields=yields(node.body))
    closure = frame.outer if owner is not None else frame
    value: Value = Function(info, None, closure)
    m.definitions[info] = value
    words: list[str] = []
    for decorator in reversed(node.decorators):
        made = m.evaluate(decorator, frame)
        words.append(_last_word(decorator))
        if isinstance(made, Function) and made.info.path in m.relevant:
            # A project decorator: what it returns takes the function's place.
            result = m.force(
                call_function(
                    m, made, Arguments([(value, _span(frame, decorator))]), frame, _span(frame, decorator)
                )
            )
            if any(isinstance(option, (Function, Class)) for option in options(result)):
                value = result
    info.decorators = tuple(words)
    bind(m, node.name, value, frame)
    return True


def _span(frame: Frame, node: facts.Node) -> Span:
    return Span(frame.path, node.start, node.end)


def _last_word(decorator: facts.Expr) -> str:
    if isinstance(decorator, facts.Call):
        return _last_word(decorator.func)
    return (
        decorator.attr
        if isinstance(decorator, facts.Attr)
        else decorator.id
        if isinstance(decorator, facts.Name)
        else ""
    )


_RECORD_DECORATORS = frozenset({"dataclass", "define", "frozen", "attrs", "s", "mutable", "chex_dataclass"})
_RECORD_BASES = frozenset({"NamedTuple", "BaseModel", "Struct", "BaseSettings"})


def _class(m: Machine, node: facts.Class, frame: Frame) -> bool:
    key = (frame.path, node.start)
    info = m.classes.get(key)
    if info is None:
        info = m.classes[key] = ClassInfo(frame.path, node.name, node)
    info.bases = [
        m.evaluate(base.value, frame) for base in node.bases if base.keyword is None and not base.star
    ]
    body = Frame(
        frame.path,
        m.context("class", frame.context, frame.path, node.start),
        outer=frame,
        globals=frame.globals,
    )
    m.class_frames[body.context] = info
    m.execute(node.body, body)
    info.attributes = body.names
    info.fields = [
        statement.targets[0].id
        for statement in node.body
        if isinstance(statement, facts.Assign)
        and statement.annotation is not None
        and isinstance(statement.targets[0], facts.Name)
    ]
    bases = {_last_word(base.value) for base in node.bases}
    decorators = {_last_word(decorator) for decorator in node.decorators}
    info.is_dataclass = bool(decorators & _RECORD_DECORATORS or bases & _RECORD_BASES)
    bind(m, node.name, Class(info), frame)
    return True


def _import(m: Machine, node: facts.Import, frame: Frame) -> bool:
    if node.asname is not None:
        bind(m, node.asname, import_module(m, node.module, frame.path), frame)
    else:
        top = node.module.partition(".")[0]
        bind(m, top, import_module(m, top, frame.path), frame)
    return True


def _import_from(m: Machine, node: facts.ImportFrom, frame: Frame) -> bool:
    if node.level:
        target = m.index.relative(node.level, node.module, frame.path)
    else:
        target = m.index.find(node.module, frame.path)
    for name, asname in node.names:
        if name == "*":
            _import_star(m, target, frame)
        elif target is not None:
            bind(m, asname or name, Imported(target, name), frame)
        else:
            bind(m, asname or name, _outside(m, node, name, frame), frame)
    return True


def _outside(m: Machine, node: facts.ImportFrom, name: str, frame: Frame) -> Value:
    """A name from a namespace package of the project, or from outside."""
    if node.level:
        inner = m.index.relative(node.level, f"{node.module}.{name}".lstrip("."), frame.path)
    else:
        inner = m.index.folder_submodule(node.module, name, frame.path)
    if inner is not None:
        return Module(inner)
    if f"{node.module}.{name}" == "wandb.run":
        return m.active_run
    return (
        Library(f"{node.module}.{name}")
        if not node.level
        else Unknown(Origin("import", frame.path, name), name)
    )


def _import_star(m: Machine, target: str | None, frame: Frame) -> None:
    module = None if target is None else m.module(target)
    for name in [] if module is None else list(module.names):
        if not name.startswith("_") and target is not None:
            bind(m, name, Imported(target, name), frame)


_EXECUTORS: dict[type[facts.Node], Callable[[Machine, Any, Frame], bool]] = {
    facts.ExprStmt: _expr,
    facts.Assign: _assign,
    facts.AugAssign: _augment,
    facts.Return: _return,
    facts.Raise: _raise,
    facts.Delete: _delete,
    facts.Jump: _jump,
    facts.Scope: _scope,
    facts.If: _if,
    facts.For: _for,
    facts.While: _while,
    facts.Try: _try,
    facts.With: _with,
    facts.Match: _match,
    facts.Function: _function,
    facts.Class: _class,
    facts.Import: _import,
    facts.ImportFrom: _import_from,
}
