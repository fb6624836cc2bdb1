"""Ties the parts together: evaluators, executors, handlers by canonical name, observers."""

from __future__ import annotations

from functools import partial

from wandblint.analysis.effects.escape import escape
from wandblint.analysis.interpreter import (
    branches,
    comprehensions,
    conditions,
    context_managers,
    definitions,
    expressions,
    loops,
    operators,
    statements,
)
from wandblint.analysis.interpreter.calls import call
from wandblint.analysis.interpreter.receivers import open_field
from wandblint.analysis.objects.classes import attribute
from wandblint.analysis.overlays import (
    builtins,
    callbacks,
    copies,
    decorators,
    filled_records,
    higher_order,
    iteration,
    objects,
)
from wandblint.analysis.state.dispatch import Dispatch, Observers
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import (
    api_calls,
    api_uses,
    lightning,
    none_guards,
    processes,
    reads,
    run_events,
    run_lifetimes,
    trials,
    unknown_receivers,
)

DISPATCH: Dispatch[Interpreter] = Dispatch(
    evaluators={
        **expressions.EVALUATORS,
        **operators.EVALUATORS,
        **conditions.EVALUATORS,
        **comprehensions.EVALUATORS,
    },
    executors={**statements.EXECUTORS, **branches.EXECUTORS, **loops.EXECUTORS, **definitions.EXECUTORS},
    call=call,
    attribute=attribute,
    escape=escape,
    keep=partial(escape, changes=False),
    open_field=open_field,
    handlers={
        **objects.HANDLERS,
        **callbacks.HANDLERS,
        **builtins.HANDLERS,
        **copies.HANDLERS,
        **iteration.HANDLERS,
        **higher_order.HANDLERS,
        **decorators.HANDLERS,
        **filled_records.HANDLERS,
        **processes.HANDLERS,
        **lightning.HANDLERS,
        **trials.HANDLERS,
        **run_events.HANDLERS,
    },
    handlers_by_last_word=iteration.PROGRESS_BARS,
    function_wrappers=frozenset(higher_order.HANDLERS) | context_managers.WRAPPERS | trials.WRAPPERS,
    namespaces={"wandb": api_calls.call_wandb, "contextlib": context_managers.call_contextlib},
    observers=Observers(
        function_called=processes.note_function,
        method_of_unknown_called=unknown_receivers.call_on_unknown,
        attribute_read=reads.note_attribute,
        item_read=reads.note_item,
        called=reads.note_call,
        external_called=run_events.note_external,
        imported=api_uses.note_import,
        if_decided=none_guards.note_if,
        context_left=api_calls.leave_context,
        attribute_assigned=run_events.note_attribute,
        item_assigned=run_events.note_item,
        loop_left=run_lifetimes.end_loop,
    ),
)
