"""The variables of modules: a module runs slice by slice, as its names are needed."""

from __future__ import annotations

from collections.abc import Callable

from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.domain.values import Frame, Value
from wandblint.analysis.project.module_slices import ModuleSlice
from wandblint.analysis.state import budget
from wandblint.analysis.state.dependencies import Dependencies, ModuleInitState
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.module_frame import ModuleFrame
from wandblint.template import template


def module(m: Interpreter, path: str) -> ModuleFrame | None:
    """A module of the project, loaded when it is first needed; None where it cannot be read.

    Only the file that runs as a script runs from top to bottom.
    """
    if path == m.entry.main:
        # For other entry points it is a module like any other.
        m.module_cache.mark_path_dependent()
    if path not in m.modules:
        return _script(m) if path == m.entry.main else _imported(m, path)
    frame = m.modules[path]
    if frame.init_state is None:
        m.project.record("file", path)
    else:
        _reuse(m, frame.init_state.eager)
    return frame


def _reuse(m: Interpreter, deps: Dependencies) -> None:
    """Uses a slice that has run, and repeats its effects if that was for another entry point."""
    m.module_cache.current_deps.use(deps)
    if deps not in m.entry.used_slices:
        for used in reversed(deps.transitive(known=m.entry.used_slices)):
            m.entry.used_slices.add(used)
            for effect in used.effects.values():
                effect()


def _script(m: Interpreter) -> ModuleFrame | None:
    file = m.project.facts(m.entry.main)
    if file is None:
        return None
    frame = _frame(m, m.entry.main)
    _run(m, frame, ModuleSlice(file.body, frozenset(), is_eager=True), m.module_cache.entry_deps)
    return frame


def _imported(m: Interpreter, path: str) -> ModuleFrame | None:
    slices = m.project.slices(path)
    if slices is None:
        m.project.record("file", path)
        return None
    frame = _frame(m, path)
    state = frame.init_state = ModuleInitState(Dependencies(path, {("module", path): None}))
    m.module_cache.current_deps.use(state.eager)
    m.entry.used_slices.add(state.eager)
    frame.slices = slices.by_name
    for part in slices.eager:
        _run_slice(m, frame, state, part)
    return frame


def _frame(m: Interpreter, path: str) -> ModuleFrame:
    is_main = path == m.entry.main
    frame = m.modules[path] = ModuleFrame(path, m.context("module", path, is_main))
    frame.globals = frame
    frame.initialized["__name__"] = template("__main__" if is_main else path)
    return frame


def _run_slice(m: Interpreter, frame: ModuleFrame, state: ModuleInitState, part: ModuleSlice) -> None:
    """Runs a slice of an imported module, unless it has started before."""
    if part.names and next(iter(part.names)) in state.slices:
        return
    deps = m.module_cache.start_slice(frame.path, part)
    deps.use(state.eager)
    for name in part.names:
        state.slices[name] = deps
    (state.eager if part.is_eager else m.module_cache.current_deps).use(deps)
    m.entry.used_slices.add(deps)
    _run(m, frame, part, deps)


def _run(m: Interpreter, frame: ModuleFrame, part: ModuleSlice, deps: Dependencies) -> None:
    """Runs statements as Python runs a module: outside the loops, branches and hypotheses of the importer."""
    outer, frame.names = frame.names, {}
    branch, m.branch = m.branch, None
    loops, m.loops = m.loops, []
    hypotheses, m.hypotheses = m.hypotheses, {}
    try:
        with m.running_slice(deps, budget.STEPS_PER_SLICE):
            m.execute(part.statements, frame)
    finally:
        frame.initialized.update(frame.names)
        frame.names = outer
        m.branch, m.loops, m.hypotheses = branch, loops, hypotheses


def variable(m: Interpreter, frame: Frame, name: str) -> Value | None:
    """A variable of a loaded module; None where the module does not bind the name."""
    if not isinstance(frame, ModuleFrame):  # the file of this code cannot be read
        return frame.names.get(name)
    state = frame.init_state
    if state is not None:
        if name in state.slices:
            _reuse(m, state.slices[name])
        elif name in frame.slices:
            _run_slice(m, frame, state, frame.slices[name])
        else:
            m.project.record("name", frame.path, name)
            m.module_cache.current_deps.use(state.eager)
    value = frame.names.get(name)
    return frame.initialized.get(name) if value is None else value


def is_defined(m: Interpreter, frame: ModuleFrame, name: str, function: FunctionId) -> bool:
    """Whether the code that binds a module's name has executed the definition of a function.

    A script that is running may not have reached it yet.
    """
    variable(m, frame, name)
    state = frame.init_state
    deps = m.module_cache.entry_deps if state is None else state.slices.get(name)
    return deps is not None and function in deps.defined


def set_variable(m: Interpreter, frame: Frame, name: str, value: Value) -> None:
    """Assigns to a variable of a module from outside, after the slice that binds it has run."""
    variable(m, frame, name)
    names = frame.initialized if isinstance(frame, ModuleFrame) and name in frame.initialized else frame.names
    state = frame.init_state if isinstance(frame, ModuleFrame) else None
    if state is not None:
        note_assignment(m, state.slices.get(name, state.eager), names, name)
    if names.get(name) != value:
        names[name] = value
        # So that a loop around the assignment does not stop at a fixpoint.
        m.heap.note_change(None, (frame.path, name, value))


def note_assignment(m: Interpreter, owner: object, names: dict[str, Value], name: str) -> None:
    """Records that a name gets another value in a scope or class that belongs to a module slice."""
    if m.module_cache.note_change(owner):
        m.module_cache.undo_later(_undoing(names, name))


def give_up(m: Interpreter, frame: Frame) -> None:
    """Records that any variable of a module may get another value."""
    if isinstance(frame, ModuleFrame) and frame.init_state is not None:
        m.module_cache.give_up(frame.init_state.eager)


def _undoing(names: dict[str, Value], name: str) -> Callable[[], None]:
    """What gives a variable its present value back."""
    value = names.get(name)

    def undo() -> None:
        if value is None:
            names.pop(name, None)
        else:
            names[name] = value

    return undo


def variables(m: Interpreter, frame: ModuleFrame) -> list[str]:
    """The names of a module's variables."""
    m.project.record("names", frame.path)
    return [*dict.fromkeys([*frame.initialized, *frame.names, *frame.pending()])]
