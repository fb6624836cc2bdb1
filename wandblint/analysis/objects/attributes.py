"""Assignment to attributes, and their deletion: of instances, classes, modules, libraries and runs."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Instance
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    Class,
    External,
    Frame,
    Module,
    Property,
    Ref,
    Run,
    Unknown,
    Value,
)
from wandblint.analysis.objects.classes import find_in_class, patch_name
from wandblint.analysis.objects.rebinding import after_assignment
from wandblint.analysis.objects.special_methods import call_special, special_method
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import template


def set_attribute(m: Interpreter, owner: Value, name: str, value: Value, frame: Frame, span: Span) -> None:
    """`owner.name = value` for a single alternative of the owner."""
    instance = m.heap_instance(owner)
    if instance is not None:
        if call_special(m, owner, ("__setattr__",), (template(name), value), frame, span) is not None:
            return
        setter = _descriptor_method(m, instance, name, "__set__")
        if setter is None:
            set_own_attribute(m, instance, name, value)
        else:
            m.call(setter, Arguments([(owner, span), (value, span)]), frame, span)
    elif isinstance(owner, Class):
        module_loader.note_assignment(m, owner.info.owner, owner.info.attributes, name)
        old = owner.info.attributes.get(name)
        new = owner.info.attributes[name] = after_assignment(m, old, value)
        if new != old:
            m.heap.note_change(None, (owner.info.id, name, value))
    elif isinstance(owner, Module) and (module := module_loader.module(m, owner.path)) is not None:
        old = module_loader.variable(m, module, name)
        module_loader.set_variable(m, module, name, after_assignment(m, old, value))
    elif isinstance(owner, (External, Run)):
        m.dispatch.observers.attribute_assigned(m, owner, name, value, frame, span)
        _patch(m, owner, name, value)
    else:
        if isinstance(owner, Unknown):
            m.module_cache.apply(("changes", name), lambda: m.entry.changed_attributes.add(name))
        m.dispatch.keep(m, [value], span)


def _patch(m: Interpreter, owner: External | Run, name: str, value: Value) -> None:
    """Assigns to an attribute of a library or a run."""
    # Where nothing is assigned, the name is looked up again: before `wandb.init` it is another function.
    if isinstance(owner, Run):
        m.module_cache.mark_path_dependent()
        before = External(f"wandb.Run.{name}", owner)
    else:
        before = External(f"{owner.path}.{name}")
    key, branch = patch_name(owner, name), m.branch

    def patch() -> None:
        m.entry.patches.attributes.setdefault(key, before)
        m.heap.set_attribute(m.entry.patches, key, value, branch)
        m.entry.last_patches[key] = branch, value

    m.module_cache.apply(("patches", key, value, branch), patch)


def set_own_attribute(m: Interpreter, instance: Instance, name: str, value: Value) -> None:
    """Sets an attribute in the dictionary of an instance, as `object.__setattr__` does."""
    m.heap.set_attribute(instance, name, value, m.branch)
    m.shared_facts.publish_attribute(instance.cls, name, value)


def delete_attribute(m: Interpreter, owner: Value, name: str, frame: Frame, span: Span) -> None:
    """`del owner.name`."""
    for option in options(owner):
        instance = m.heap_instance(option)
        if instance is None:
            continue
        if call_special(m, option, ("__delattr__",), (template(name),), frame, span) is not None:
            continue
        deleter = _descriptor_method(m, instance, name, "__delete__")
        if deleter is None:
            m.heap.remove_attribute(instance, name, m.branch)
        else:
            m.call(deleter, Arguments([(option, span)]), frame, span)


def _descriptor_method(m: Interpreter, instance: Instance, name: str, method: str) -> Value | None:
    """What Python calls to set or delete an attribute that the class defines as a property or descriptor."""
    found = find_in_class(instance.cls, name)
    if isinstance(found, Property):
        return found.setter if method == "__set__" else found.deleter
    return special_method(m, found, method) if isinstance(found, Ref) else None
