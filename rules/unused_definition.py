"""WB211: a definition that no logged key can match, usually of a renamed metric."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from wandblint.finding import Finding, Related, Severity
from wandblint.model import Definition, Session, TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import covers
from wandblint.template import Verdict, equal

from .metric_not_covered import misses


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a definition that no session uses."""
    used: set[Definition] = set()
    unused: dict[tuple[object, str], tuple[Session, Definition]] = {}
    for session in model.sessions():
        named = {miss.nearest for miss in misses(session)}
        may_log_anything = session.is_open or not session.log_calls
        for definition in session.definitions:
            if may_log_anything or definition in named or _is_used(session, definition):
                used.add(definition)
            else:
                unused.setdefault((definition.span, str(definition.name)), (session, definition))
    kept = {(definition.span, str(definition.name)) for definition in used}
    for identity, (session, definition) in unused.items():
        if identity not in kept:
            yield _finding(session, definition)


def _is_used(session: Session, definition: Definition) -> bool:
    """Whether a key may match, or the name is the axis of another definition (declared for itself)."""
    is_axis = any(
        other.step_metric is not None and equal(other.step_metric, definition.name) is not Verdict.NO
        for other in session.all_definitions
    )
    return is_axis or any(
        covers(definition.name, key.name) is not Verdict.NO for call in session.rows for key in call.keys
    )


def _finding(session: Session, definition: Definition) -> Finding:
    name = str(definition.name)
    keys = {str(key.name): key for call in session.rows for key in call.keys}
    near = difflib.get_close_matches(name.removesuffix("*"), keys, 1, 0.6)
    return rule.finding(
        definition.name_span,
        f"`{name}` matches no key that is logged: the definition has no effect",
        "delete it, or rename it after the metric that is logged now",
        tuple(Related(keys[key].span, f"`{key}` is logged here") for key in near),
    )


rule = Rule(
    code="WB211",
    name="unused-definition",
    severity=Severity.NOTE,
    summary="A `define_metric` whose name no logged key matches",
    check=check,
)
