"""The variables of modules: a module is run part by part, as its names are needed."""

from __future__ import annotations

from wandblint.analysis.domain.heap import Frame
from wandblint.analysis.domain.values import Value
from wandblint.analysis.project.module_slices import ModuleSlice
from wandblint.analysis.state import budget
from wandblint.analysis.state.dependencies import Dependencies, FunctionId, ModuleInitState
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.template import template


def module(m: Interpreter, path: str) -> Frame | None:
    """A module of the project, loaded when it is first needed; None where it cannot be read.

    Only the file that runs as a script is run from top to bottom.
    """
    is_new = m.module_cache.note_use(path)
    if path not in m.modules:
        return _script(m) if path == m.entry.main else _imported(m, path)
    frame = m.modules[path]
    if is_new:
        m.recorder.add_initializations(m.module_cache.initializations(path))
    if frame.init_state is None:
        m.project.record("file", path)
    else:
        m.module_cache.note_slice(frame.init_state.eager)
    return frame


def _script(m: Interpreter) -> Frame | None:
    found = m.project.facts(m.entry.main)
    if found is None:
        return None
    frame = _frame(m, m.entry.main)
    _run(m, frame, ModuleSlice(found.body, frozenset(), is_eager=True), m.module_cache.entry_deps)
    return frame


def _imported(m: Interpreter, path: str) -> Frame | None:
    parts = m.project.slices(path)
    if parts is None:
        m.project.record("file", path)
        return None
    frame = _frame(m, path)
    loaded = frame.init_state = ModuleInitState(Dependencies(path, {("module", path): None}))
    m.module_cache.note_slice(loaded.eager)
    for part in parts:
        frame.pending.update(dict.fromkeys(part.names, part))
    for part in parts:
        if part.is_eager:
            _run_slice(m, frame, loaded, part)
    return frame


def _frame(m: Interpreter, path: str) -> Frame:
    frame = m.modules[path] = Frame(path, m.context("module", path, path == m.entry.main))
    frame.globals = frame
    frame.initialized["__name__"] = template("__main__" if path == m.entry.main else path)
    return frame


def _run_slice(m: Interpreter, frame: Frame, loaded: ModuleInitState, part: ModuleSlice) -> None:
    """Runs a part of an imported module, unless that has begun."""
    if part.names and frame.pending.get(next(iter(part.names))) is not part:
        return
    deeds = Dependencies(frame.path, {("part", frame.path, part.fingerprint): None}, {loaded.eager: None})
    for name in part.names:
        del frame.pending[name]
        loaded.slices[name] = deeds
    (loaded.eager if part.is_eager else m.module_cache.current_deps).depends_on[deeds] = None
    _run(m, frame, part, deeds)


def _run(m: Interpreter, frame: Frame, part: ModuleSlice, deeds: Dependencies) -> None:
    """Runs statements as their module would be run: in no loop, behind no condition and under no supposition
    of whoever needs them."""
    outer, frame.names = frame.names, {}
    before, m.branch = m.branch, None
    loops, m.loops = m.loops, []
    assumed, m.hypotheses = m.hypotheses, {}
    try:
        with m.loading(deeds, budget.STEPS_PER_SLICE):
            m.execute(part.statements, frame)
    finally:
        frame.initialized.update(frame.names)
        frame.names = outer
        m.branch, m.loops, m.hypotheses = before, loops, assumed


def variable(m: Interpreter, frame: Frame, name: str) -> Value | None:
    """A variable of a loaded module; None where it has none of that name."""
    loaded = frame.init_state
    if loaded is not None:
        if name in frame.pending:
            _run_slice(m, frame, loaded, frame.pending[name])
        elif name in loaded.slices:
            m.module_cache.note_slice(loaded.slices[name])
        else:
            m.project.record("name", frame.path, name)
    value = frame.names.get(name)
    return frame.initialized.get(name) if value is None else value


def is_defined(m: Interpreter, frame: Frame, name: str, place: FunctionId) -> bool:
    """Whether what a loaded module binds a name to has met the definition of a function; a script that is run
    may not have come there yet."""
    variable(m, frame, name)
    deeds = m.module_cache.entry_deps if frame.init_state is None else frame.init_state.slices.get(name)
    return deeds is not None and place in deeds.defined


def set_variable(m: Interpreter, frame: Frame, name: str, value: Value) -> None:
    """Gives a variable of a module a value from outside; its own statement counts as run before."""
    variable(m, frame, name)
    m.module_cache.note_change(frame.path)
    (frame.initialized if name in frame.initialized else frame.names)[name] = value


def variables(m: Interpreter, frame: Frame) -> list[str]:
    """The names of a module's variables."""
    m.project.record("names", frame.path)
    return [*dict.fromkeys([*frame.initialized, *frame.names, *frame.pending])]
