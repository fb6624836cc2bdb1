"""Sweeps: an agent calls a function once per run, with the configuration that the sweep chose."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Frame, Function, Partial, Value
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.events import Argument
from wandblint.semantics.sweeps import SEARCHED
from wandblint.span import Span
from wandblint.template import Template, template


def run_agent(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> None:
    """`wandb.agent` calls its function without arguments, after it has ended all runs (`wandb.teardown`)."""
    function = arguments.get(1, "function")
    before, m.entry.in_sweep = m.entry.in_sweep, True
    try:
        for option in options(function) if function is not None else ():
            if isinstance(option, (Function, Partial)):
                invoke_callback(m, option, frame, span, Arguments(), no_run_is_open=True)
    finally:
        m.entry.in_sweep = before


def searched(m: Interpreter, arguments: Arguments) -> Iterator[tuple[str, Argument]]:
    """The parameters that `wandb.sweep` certainly searches, such as `parameters.lr`, each at its key."""
    for parameters in _item(m, arguments.get(0, "sweep"), "parameters"):
        for entry in parameters.entries.values():
            if isinstance(entry.key, Template) and entry.key.literal is not None and entry.is_must:
                specs = m.dictionaries(entry.value)
                if specs and all(_is_searched(m, spec) for spec in specs):
                    yield f"parameters.{entry.key.literal}", Argument(entry.span)


def _item(m: Interpreter, value: Value | None, key: str) -> list[Dictionary]:
    """The dictionary that another one certainly has under a key."""
    owners = [] if value is None else m.dictionaries(value)
    entries = [owner.entries.get(template(key)) for owner in owners]
    if len(entries) != 1 or entries[0] is None or not entries[0].is_must:
        return []
    found = m.dictionaries(entries[0].value)
    return found if len(found) == 1 else []


def _is_searched(m: Interpreter, spec: Dictionary) -> bool:
    """Whether the sweep tries several values: one that is always the same may only be a label."""
    values = spec.entries.get(template("values"))
    listed = None if values is None else m.heap_sequence(m.force(values.value))
    is_single = listed is not None and listed.tail is None and len(listed.items) <= 1
    keys = {entry.key.literal for entry in spec.entries.values() if isinstance(entry.key, Template)}
    return not spec.is_open and not keys.isdisjoint(SEARCHED) and "value" not in keys and not is_single
