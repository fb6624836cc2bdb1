"""Names: from a word in the source to what it means."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import join
from wandblint.analysis.domain.values import External, Frame, Imported, Module, Union, Unknown, Value
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.template import SymbolId


def look_up(m: Interpreter, name: str, frame: Frame) -> Value | None:
    """What a name means in a scope; None where nothing binds it."""
    value = _bound(m, name, frame)
    if value is None:
        return None
    if type(value) is Imported:
        return resolve(m, value)
    if type(value) is Union and any(type(option) is Imported for option in value.options):
        return join(resolve(m, option) for option in value.options)
    return value


def imported_as(m: Interpreter, name: str, frame: Frame) -> Imported | None:
    """The import that a name certainly means in a scope; None where it means something else."""
    value = _bound(m, name, frame)
    return value if isinstance(value, Imported) else None


def _bound(m: Interpreter, name: str, frame: Frame) -> Value | None:
    scope: Frame | None = frame
    if name not in frame.global_names:
        while scope is not None and scope is not scope.globals:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
    module = frame.globals or frame
    value = module_loader.variable(m, module, name)
    if m.entry.main or (seen := m.read_other_entries("global", module.path, name)) is None:
        return value
    # A function that nobody calls: what other call paths made of the variable may be what it meets.
    return seen if value is None else join((value, seen))


def resolve(m: Interpreter, value: Value) -> Value:
    """The value behind an import."""
    if not isinstance(value, Imported):
        return value
    return member(m, value.path, value.name)


def member(m: Interpreter, path: str, name: str) -> Value:
    """`name` of the module in a file: a global, else a submodule, else unknown."""
    frame = module_loader.module(m, path)
    if frame is not None and (path, name) not in m.entry.resolving:
        # Two modules that star-import each other lead back here.
        m.entry.resolving.add((path, name))
        found = look_up(m, name, frame)
        m.entry.resolving.discard((path, name))
        if found is not None:
            return found
    inner = m.project.submodule(path, name)
    if inner is not None:
        return Module(inner)
    return Unknown(SymbolId("member", path, name), name)


def import_module(m: Interpreter, dotted: str, importer: str) -> Value:
    """What `import dotted as name` binds."""
    found = m.project.find_module(dotted, importer)
    return External(dotted) if found is None else Module(found)


def bind(m: Interpreter, name: str, value: Value, frame: Frame) -> None:
    """`name = value` in a scope."""
    if name in frame.global_names and frame.globals is not None:
        _bind_elsewhere(m, name, value, frame.globals)
        m.shared_facts.publish(value, "global", frame.globals.path, name)
        return
    if name in frame.outer_names:
        scope = frame.outer
        while scope is not None:
            if name in scope.names:
                _bind_elsewhere(m, name, value, scope)
                return
            scope = scope.outer
    frame.names[name] = value


def _bind_elsewhere(m: Interpreter, name: str, value: Value, frame: Frame) -> None:
    """A write into another scope: when it happens is not known, so the old value stays an alternative."""
    is_module = frame.globals is frame
    old = module_loader.variable(m, frame, name) if is_module else frame.names.get(name)
    new = value if old is None else join((old, value))
    if new == old:
        return
    if is_module:
        module_loader.set_variable(m, frame, name, new)
    else:
        frame.names[name] = new
    # A loop around this write has something new to meet.
    m.heap.note_change(None)
