"""The parts of the interpreter, tied together."""

from __future__ import annotations

from wandblint.linking import (
    branches,
    comprehensions,
    conditions,
    definitions,
    expressions,
    loops,
    operators,
    statements,
)
from wandblint.linking.calls import call
from wandblint.linking.classes import attribute
from wandblint.linking.machine import Dispatch
from wandblint.linking.receivers import open_field

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
