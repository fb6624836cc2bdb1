"""Guards on variables that can only be None (WB110).

Which variables can only be None is read from all assignments in the project; what the guarded branch
would do is found by running it once with the variable supposed to be a run, recording nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from wandblint import facts
from wandblint.analysis.domain.heap import Frame
from wandblint.analysis.domain.values import HYPOTHETICAL, Unknown
from wandblint.analysis.project.module_index import ProjectFiles
from wandblint.analysis.project.stable_positions import StablePositions
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.findings.finding import Span
from wandblint.index import FileIndex
from wandblint.index.bindings import MODULE, Bindings, Bound, guarded, is_private
from wandblint.index.walk import end_of, identifiers, walk
from wandblint.model.tracking_model import CalledFunction, NoneGuard
from wandblint.template import SymbolId


class NoneTable:
    """Every binding of the project's names and private attributes, as far as None is concerned."""

    def __init__(self, files: ProjectFiles, places: StablePositions, read: Mapping[str, FileIndex]) -> None:
        """`read` are the outlines of files; others are looked at where a name has to be known in all."""
        self._files = files
        self._places = places
        self._by_path: dict[str, Bindings] = {}
        self._attributes = Bound()
        self._assigned: dict[str, Span] = {}
        """Where private attributes are set to None first."""
        self._shared: set[str] = set()
        self._complete: set[str] = set()
        """Names for which every file of the project has been looked at."""
        for path, outline in read.items():
            self._add(path, outline.bindings)

    def _add(self, path: str, bindings: Bindings) -> None:
        self._by_path[path] = bindings
        self._attributes.others |= bindings.attributes.others
        for attr, place in bindings.attributes.to_none.items():
            self._assigned.setdefault(attr, Span(path, *place))
        self._shared |= bindings.shared

    def _read_all_files(self, name: str) -> None:
        """Reads the other files of the project whose text holds a name."""
        if name not in self._complete:
            self._complete.add(name)
            for path in self._files.names:
                if path not in self._by_path and name in self._files.code(path):
                    outline = self._places.index(path)
                    if outline is not None:
                        self._add(path, outline.bindings)

    def of_name(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """For a name of a scope that can only be None: the scope it belongs to and where it is assigned."""
        bindings = self._by_path.get(path)
        if bindings is None or not bindings.rebound.isdisjoint({name, ""}):
            return None
        for start in (scope, MODULE):
            bound = bindings.scopes.get(start)
            if bound is None or not (name in bound.others or name in bound.to_none):
                continue
            if name in bound.others:
                return None
            if start == MODULE:
                self._read_all_files(name)
                if name in self._shared:
                    return None
            # The scope's first character: an empty place at the start of a file would stand for all of it.
            return Span(path, start, start + 1), Span(path, *bound.to_none[name])
        return None

    def of_attribute(self, attr: str) -> tuple[Span, Span] | None:
        """For an attribute that can only be None on any object, the same."""
        others = self._attributes.others
        if "" in others or attr in others:
            return None
        self._read_all_files(attr)
        if attr not in self._assigned or not others.isdisjoint({attr, ""}):
            return None
        return Span("", MODULE, MODULE), self._assigned[attr]


class PendingGuard(msgspec.Struct, frozen=True):
    """A guard that was met, until it is known whether its branch reaches wandb."""

    expr: facts.Name | facts.Attr
    scope: Span
    assigned: Span
    holds: bool


def enter_guard(m: Interpreter, node: facts.If, frame: Frame, verdict: bool | None) -> PendingGuard | None:
    """Whether the test of an `if` is a guard on a variable that can only be None."""
    if verdict is None:
        return None
    for expr, none_makes_it in guarded(node.test):
        found = _only_none(m, expr, frame)
        if found is not None:
            return PendingGuard(expr, found[0], found[1], none_makes_it)
    return None


def _only_none(m: Interpreter, expr: facts.Name | facts.Attr, frame: Frame) -> tuple[Span, Span] | None:
    if isinstance(expr, facts.Name):
        scope = frame
        while scope.info is None and scope.outer is not None and scope is not frame.globals:
            scope = scope.outer
        return m.project.only_none_name(
            frame.path, MODULE if scope.info is None else scope.info.node.start, expr.id
        )
    if is_private(expr.attr) and isinstance(expr.value, facts.Name):
        return m.project.only_none_attribute(expr.attr)
    return None


def leave_guard(
    m: Interpreter, watch: PendingGuard | None, node: facts.If, frame: Frame, *, reached: bool
) -> None:
    """Records a guard after the branch that it lets through was run; the branch that it shuts is tried."""
    if watch is None:
        return
    shut = node.orelse if watch.holds else node.body
    used_as_run, reaches = _try_branch(m, watch, shut, frame)
    is_setting = (
        isinstance(watch.expr, facts.Name) and watch.scope.start == MODULE and watch.expr.id.isupper()
    )
    # `RESUME_ID = None` on top of a script is edited by hand: only its use as a run tells a run variable.
    stands_apart = not reaches and _source_form(watch.expr).rpartition(".")[2] not in identifiers(*shut)
    is_live = reached and stands_apart and not is_setting
    # Beside a live branch a variable is a run's only if the shut one uses it so.
    matters = used_as_run or is_live or (reaches and not watch.holds and not is_setting)
    span = Span(frame.path, node.test.start, node.test.end)
    variable = _source_form(watch.expr)
    called = tuple(_functions_called(m, shut, frame.path)) if matters and not is_live else ()
    m.recorder.guard(
        NoneGuard(span, variable, watch.scope, watch.assigned, watch.holds, matters, is_live, called)
    )


def _functions_called(m: Interpreter, body: list[facts.Stmt], path: str) -> Iterator[CalledFunction]:
    """The plain functions of a file that a branch calls by their names."""
    names = {
        node.func.id
        for node in walk(*body)
        if isinstance(node, facts.Call) and isinstance(node.func, facts.Name)
    }
    file = m.project.facts(path) if names else None
    for function in [] if file is None else file.body:
        if isinstance(function, facts.Function) and function.name in names and not function.decorators:
            word = re.compile(rf"\b{re.escape(function.name)}\b")
            in_branch, in_itself = (
                len(word.findall(m.project.text(path, *_extent(*nodes)))) for nodes in (body, [function])
            )
            anywhere = m.project.count_word(function.name)
            name = Span(path, function.name_at, function.name_at + len(function.name))
            yield CalledFunction(name, in_branch, anywhere - in_itself)


def _extent(*nodes: facts.Node) -> tuple[int, int]:
    return nodes[0].start, end_of(nodes[-1])


def _source_form(expr: facts.Name | facts.Attr) -> str:
    if isinstance(expr, facts.Name):
        return expr.id
    base = _source_form(expr.value) if isinstance(expr.value, (facts.Name, facts.Attr)) else "..."
    return f"{base}.{expr.attr}"


def _try_branch(
    m: Interpreter, watch: PendingGuard, body: list[facts.Stmt], frame: Frame
) -> tuple[bool, bool]:
    """Whether a branch that never runs would use the variable as a run, and whether it would reach wandb."""
    effects, uses = m.recorder.effect_count, m.recorder.hypothetical_uses
    names, assumed = frame.names, m.hypotheses
    supposed = Unknown(SymbolId("supposed", watch.assigned), _source_form(watch.expr), HYPOTHETICAL)
    frame.names = dict(names)
    m.hypotheses = {**assumed, _source_form(watch.expr): supposed}
    m.recorder.hypothetical_depth += 1
    returned, yielded = len(frame.returned), len(frame.yielded)
    with m.on_branch():
        m.execute(body, frame)
    del frame.returned[returned:], frame.yielded[yielded:]
    m.recorder.hypothetical_depth -= 1
    frame.names, m.hypotheses = names, assumed
    return m.recorder.hypothetical_uses > uses, m.recorder.effect_count > effects
