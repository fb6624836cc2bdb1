"""Name resolution: scopes, modules and imports."""

from __future__ import annotations

import re

from wandblint.analysis.domain.lattice import MAX_ALTERNATIVES, join
from wandblint.analysis.domain.values import External, Frame, Imported, Module, Union, Unknown, Value
from wandblint.analysis.objects.rebinding import after_assignment
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.template import Hole, SymbolId, Template


def look_up(m: Interpreter, name: str, frame: Frame) -> Value | None:
    """The value of a name in a scope; None where it is unbound."""
    value = _bound(m, name, frame)
    if value is None:
        return None
    if type(value) is Imported:
        return resolve(m, value)
    if type(value) is Union and any(type(option) is Imported for option in value.options):
        return join(resolve(m, option) for option in value.options)
    return value


def imported_as(m: Interpreter, name: str, frame: Frame) -> Imported | None:
    """The import that a name certainly refers to; None for any other name."""
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
    if m.entry.main or (published := m.read_other_entries("global", module.path, name)) is None:
        return value
    # A function that nobody calls may run after other entry points have assigned the variable.
    return published if value is None else join((value, published))


def resolve(m: Interpreter, value: Value) -> Value:
    """The value that an import refers to."""
    if not isinstance(value, Imported):
        return value
    return member(m, value.path, value.name)


def member(m: Interpreter, path: str, name: str) -> Value:
    """`name` in a module: a global, else a submodule, else unknown."""
    frame = module_loader.module(m, path)
    if frame is not None and (path, name) not in m.entry.resolving:
        # The guard ends the recursion of two modules that star-import each other.
        m.entry.resolving.add((path, name))
        value = look_up(m, name, frame)
        m.entry.resolving.discard((path, name))
        if value is not None:
            return value
    submodule = m.project.submodule(path, name)
    if submodule is not None:
        return Module(submodule)
    return _missing(path, name)


def import_module(m: Interpreter, dotted: str, importer: str) -> Value:
    """The value that `import dotted as name` binds."""
    path = m.project.find_module(dotted, importer)
    return External(dotted) if path is None else Module(path)


def modules_matching(m: Interpreter, dotted: Template, importer: str, package: str | None) -> Value | None:
    """One of the modules of the project that a partly known name may mean; None if there are none, or many.

    `package` is what a relative name is relative to. An absolute name must begin with that of a package:
    `plugin` alone is as likely that of an installed module.
    """
    first, *others = dotted.parts
    if not isinstance(first, str):
        return None
    name = first
    if first.startswith(importer):
        # `__name__` of a package is its file here.
        name = importer.rpartition("/")[0].replace("/", ".") + first.removeprefix(importer)
    elif first.startswith("."):
        name = f"{package or ''}{first}"
    if "." not in name or ".." in name or name.startswith("."):
        return None
    pattern = re.escape(name) + "".join(_MODULES if isinstance(o, Hole) else re.escape(o) for o in others)
    paths = m.project.matching_modules(pattern, importer)
    if not paths or len(paths) > MAX_ALTERNATIVES:
        return None
    return join(Module(path) for path in paths)


_MODULES = r"\w+(\.\w+)*"
"""Matches a module below a package."""


def lacks(m: Interpreter, module: Value, name: str) -> bool:
    """Whether it is a module of the project that does not have a name."""
    return isinstance(module, Module) and member(m, module.path, name) == _missing(module.path, name)


def _missing(path: str, name: str) -> Unknown:
    return Unknown(SymbolId("member", path, name), name)


def bind(m: Interpreter, name: str, value: Value, frame: Frame) -> None:
    """`name = value` in a scope."""
    if name in frame.global_names and frame.globals is not None:
        _bind_elsewhere(m, name, value, frame.globals)
        m.shared_facts.publish(value, "global", frame.globals.path, name)
        rebound, path = m.entry.rebound_globals, frame.globals.path
        m.module_cache.apply(("rebinds", path, name), lambda: rebound.setdefault(path, {}).setdefault(name))
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
    """Assigns in another scope."""
    is_module = frame.globals is frame
    old = module_loader.variable(m, frame, name) if is_module else frame.names.get(name)
    new = after_assignment(m, old, value)
    if new == old:
        return
    if is_module:
        module_loader.set_variable(m, frame, name, new)
    else:
        frame.names[name] = new
        m.heap.note_change(None, (frame.context, name, new))
