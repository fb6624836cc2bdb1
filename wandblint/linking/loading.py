"""The variables of modules: a module is run part by part, as its names are needed."""

from __future__ import annotations

from wandblint.linking import limits
from wandblint.linking.deeds import Deeds, Loaded, Place
from wandblint.linking.heap import Frame
from wandblint.linking.machine import Machine
from wandblint.linking.parts import Part
from wandblint.linking.values import Value
from wandblint.template import template


def module(m: Machine, path: str) -> Frame | None:
    """A module of the project, loaded when it is first needed; None where it cannot be read.

    Only the file that runs as a script is run from top to bottom.
    """
    is_new = m.sharing.note_use(path)
    if path not in m.modules:
        return _script(m) if path == m.main else _imported(m, path)
    frame = m.modules[path]
    if is_new:
        m.recorder.started_before(m.sharing.starts(path))
    if frame.loaded is None:
        m.project.note("file", path)
    else:
        m.sharing.note_part(frame.loaded.at_once)
    return frame


def _script(m: Machine) -> Frame | None:
    found = m.project.facts(m.main)
    if found is None:
        return None
    frame = _frame(m, m.main)
    _run(m, frame, Part(found.body, frozenset(), at_once=True), m.sharing.own)
    return frame


def _imported(m: Machine, path: str) -> Frame | None:
    parts = m.project.parts(path)
    if parts is None:
        m.project.note("file", path)
        return None
    frame = _frame(m, path)
    loaded = frame.loaded = Loaded(Deeds(path, {("module", path): None}))
    m.sharing.note_part(loaded.at_once)
    for part in parts:
        frame.waiting.update(dict.fromkeys(part.names, part))
    for part in parts:
        if part.at_once:
            _run_part(m, frame, loaded, part)
    return frame


def _frame(m: Machine, path: str) -> Frame:
    frame = m.modules[path] = Frame(path, m.context("module", path, path == m.main))
    frame.globals = frame
    frame.settled["__name__"] = template("__main__" if path == m.main else path)
    return frame


def _run_part(m: Machine, frame: Frame, loaded: Loaded, part: Part) -> None:
    """Runs a part of an imported module, unless that has begun."""
    if part.names and frame.waiting.get(next(iter(part.names))) is not part:
        return
    deeds = Deeds(frame.path, {("part", frame.path, part.number): None}, {loaded.at_once: None})
    for name in part.names:
        del frame.waiting[name]
        loaded.parts[name] = deeds
    (loaded.at_once if part.at_once else m.sharing.now).parts[deeds] = None
    _run(m, frame, part, deeds)


def _run(m: Machine, frame: Frame, part: Part, deeds: Deeds) -> None:
    """Runs statements as their module would be run: in no loop, behind no condition and under no supposition
    of whoever needs them."""
    outer, frame.names = frame.names, {}
    before, m.branch = m.branch, None
    loops, m.loops = m.loops, []
    assumed, m.assumed = m.assumed, {}
    try:
        with m.loading(deeds, limits.STEPS_PER_PART):
            m.execute(part.statements, frame)
    finally:
        frame.settled.update(frame.names)
        frame.names = outer
        m.branch, m.loops, m.assumed = before, loops, assumed


def variable(m: Machine, frame: Frame, name: str) -> Value | None:
    """A variable of a loaded module; None where it has none of that name."""
    loaded = frame.loaded
    if loaded is not None:
        if name in frame.waiting:
            _run_part(m, frame, loaded, frame.waiting[name])
        elif name in loaded.parts:
            m.sharing.note_part(loaded.parts[name])
        else:
            m.project.note("name", frame.path, name)
    value = frame.names.get(name)
    return frame.settled.get(name) if value is None else value


def has_met(m: Machine, frame: Frame, name: str, place: Place) -> bool:
    """Whether what a loaded module binds a name to has met the definition of a function; a script that is run
    may not have come there yet."""
    variable(m, frame, name)
    deeds = m.sharing.own if frame.loaded is None else frame.loaded.parts.get(name)
    return deeds is not None and place in deeds.defined


def set_variable(m: Machine, frame: Frame, name: str, value: Value) -> None:
    """Gives a variable of a module a value from outside; its own statement counts as run before."""
    variable(m, frame, name)
    m.sharing.note_change(frame.path)
    (frame.settled if name in frame.settled else frame.names)[name] = value


def variables(m: Machine, frame: Frame) -> list[str]:
    """The names of a module's variables."""
    m.project.note("names", frame.path)
    return [*dict.fromkeys([*frame.settled, *frame.names, *frame.waiting])]
