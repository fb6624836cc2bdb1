"""The parts of the interpreter, tied together."""

from __future__ import annotations

from wandblint.analysis.interpreter import (
    branches,
    comprehensions,
    conditions,
    definitions,
    expressions,
    loops,
    operators,
    statements,
)
from wandblint.analysis.interpreter.calls import call
from wandblint.analysis.interpreter.receivers import open_field
from wandblint.analysis.objects.classes import attribute
from wandblint.analysis.state.interpreter import Dispatch

HOOKS = Dispatch(
    evaluators={
        **expressions.EVALUATORS,
        **operators.EVALUATORS,
        **conditions.EVALUATORS,
        **comprehensions.EVALUATORS,
    },
    executors={
        **statements.EXECUTORS,
        **branches.EXECUTORS,
        **loops.EXECUTORS,
        **definitions.EXECUTORS,
    },
    call=call,
    attribute=attribute,
    open_field=open_field,
)
