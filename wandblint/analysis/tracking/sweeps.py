"""Sweeps: an agent calls a function once per run, with the configuration that the sweep chose."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import DictEntry, Dictionary
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Frame, Function, Partial, Value
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking.run_events import argument
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


def parts_of_sweep(m: Interpreter, arguments: Arguments) -> Iterator[tuple[str, Argument]]:
    """What the dictionary for `wandb.sweep` certainly holds, as far as rules ask for it.

    These are `method`, `metric.name`, `early_terminate`, and the parameters that it searches, such as
    `parameters.lr`, each at its key.
    """
    config = _single_dictionary(m, arguments.get(0, "sweep"))
    for key in ("method", "early_terminate"):
        if (value := _item(config, key)) is not None:
            yield key, argument(m, value.value, value.span)
    metric = _single_dictionary(m, _value(config, "metric"))
    if (name := _item(metric, "name")) is not None:
        yield "metric.name", argument(m, name.value, name.span)
    parameters = _single_dictionary(m, _value(config, "parameters"))
    for entry in () if parameters is None or parameters.is_open else parameters.entries.values():
        if isinstance(entry.key, Template) and entry.key.literal is not None and entry.is_must:
            specs = m.dictionaries(entry.value)
            if specs and all(_is_searched(m, spec) for spec in specs):
                yield f"parameters.{entry.key.literal}", Argument(entry.span)


def _single_dictionary(m: Interpreter, value: Value | None) -> Dictionary | None:
    found = [] if value is None else m.dictionaries(value)
    return found[0] if len(found) == 1 else None


def _item(owner: Dictionary | None, key: str) -> DictEntry | None:
    """What a dictionary certainly has under a key: what opens it may have replaced any value."""
    entry = None if owner is None or owner.is_open else owner.entries.get(template(key))
    return entry if entry is not None and entry.is_must else None


def _value(owner: Dictionary | None, key: str) -> Value | None:
    entry = _item(owner, key)
    return None if entry is None else entry.value


def _is_searched(m: Interpreter, spec: Dictionary) -> bool:
    """Whether the sweep tries several values: one that is always the same may only be a label."""
    values = spec.entries.get(template("values"))
    listed = None if values is None else m.heap_sequence(m.force(values.value))
    is_single = listed is not None and listed.tail is None and len(listed.items) <= 1
    keys = {entry.key.literal for entry in spec.entries.values() if isinstance(entry.key, Template)}
    return not spec.is_open and not keys.isdisjoint(SEARCHED) and "value" not in keys and not is_single
