"""The parts of the interpreter, tied together."""

from __future__ import annotations

from wandblint.linking.calls import call
from wandblint.linking.classes import attribute
from wandblint.linking.expressions import EVALUATORS
from wandblint.linking.machine import Hooks
from wandblint.linking.statements import execute

HOOKS = Hooks(EVALUATORS, execute, call, attribute)
