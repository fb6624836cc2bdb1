"""The variables of modules: a module is run part by part, as its names are needed."""

from __future__ import annotations

from wandblint.linking import limits
from wandblint.linking.heap import Frame
from wandblint.linking.machine import Machine
from wandblint.linking.parts import Part, split
from wandblint.linking.values import Value
from wandblint.outline.mentions import is_seed
from wandblint.semantics.frameworks import logs_by_itself
from wandblint.template import template


def module(m: Machine, path: str) -> Frame | None:
    """A module of the project, loaded when it is first needed; None where it cannot be read.

    Only the file that runs as a script is run from top to bottom.
    """
    is_new = m.sharing.note_use(path)
    if path in m.modules:
        if is_new:
            m.recorder.started_before(m.sharing.deeds(path).starts)
        return m.modules[path]
    found = m.project.facts(path)
    if found is None:
        return None
    frame = m.modules[path] = Frame(path, m.context("module", path, path == m.main))
    frame.globals = frame
    frame.settled["__name__"] = template("__main__" if path == m.main else path)
    if path == m.main:
        _run(m, frame, Part(found.body, frozenset(), at_once=True))
        return frame
    if path not in m.parts:
        m.parts[path] = split(found, m.index, lambda word: word in m.interesting or _reaches(word))
    at_once = []
    for part in m.parts[path]:
        frame.waiting.update(dict.fromkeys(part.names, part))
        if part.at_once:
            at_once.append(part)
    for part in at_once:
        _run(m, frame, part)
    return frame


def _reaches(word: str) -> bool:
    return is_seed(word) or logs_by_itself(word)


def _run(m: Machine, frame: Frame, part: Part) -> None:
    """Runs a part as its module would be run: in no loop, behind no condition and under no supposition of
    whoever needs it."""
    if part.names and frame.waiting.get(next(iter(part.names))) is not part:
        return
    for name in part.names:
        del frame.waiting[name]
    outer, frame.names = frame.names, {}
    before, m.branch = m.branch, None
    loops, m.loops = m.loops, []
    assumed, m.assumed = m.assumed, {}
    try:
        with m.loading("" if frame.path == m.main else frame.path, limits.STEPS_PER_PART):
            m.execute(part.statements, frame)
    finally:
        frame.settled.update(frame.names)
        frame.names = outer
        m.branch, m.loops, m.assumed = before, loops, assumed


def variable(m: Machine, frame: Frame, name: str) -> Value | None:
    """A variable of a loaded module; None where it has none of that name."""
    if name in frame.waiting:
        _run(m, frame, frame.waiting[name])
    value = frame.names.get(name)
    return frame.settled.get(name) if value is None else value


def set_variable(m: Machine, frame: Frame, name: str, value: Value) -> None:
    """Gives a variable of a module a value from outside; its own statement counts as run before."""
    variable(m, frame, name)
    m.sharing.note_change(frame.path)
    (frame.settled if name in frame.settled else frame.names)[name] = value


def variables(frame: Frame) -> list[str]:
    """The names of a module's variables."""
    return [*dict.fromkeys([*frame.settled, *frame.names, *frame.waiting])]
