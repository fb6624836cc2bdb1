"""WB211: a definition that no logged key can match, usually of a renamed metric."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, Related, RemoveStatement, Severity
from wandblint.model import Definition, LoggedKey, Session, TrackingModel
from wandblint.model.coverage import has_keys, namespace, uncovered_keys
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.metrics import HIDDEN_FROM_GLOBS, NESTING, glob_prefix, is_glob
from wandblint.span import Span
from wandblint.template import Verdict, equal

NEAR = 0.6
"""How alike a logged key must be to be shown as the one that may have been meant: `valid/` and `val/`."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a definition that no session uses."""
    used: set[Definition] = set()
    unused: dict[tuple[object, str], tuple[Session, Definition]] = {}
    for session in model.sessions():
        named = {miss.nearest for miss in uncovered_keys(session)}
        may_log_anything = session.is_open or not session.log_calls
        for definition in session.definitions:
            if may_log_anything or definition in named or _is_used(session, definition):
                used.add(definition)
            else:
                unused.setdefault((definition.span, str(definition.name)), (session, definition))
    kept = {(definition.span, str(definition.name)) for definition in used}
    useful = {definition.span for definition in used}
    for identity, (session, definition) in unused.items():
        if identity not in kept:
            yield _finding(session, definition, is_alone=definition.span not in useful)


def _is_used(session: Session, definition: Definition) -> bool:
    """Whether a key may match, or the name is the axis of another definition (declared for itself)."""
    is_axis = any(
        other.step_metric is not None and equal(other.step_metric, definition.name) is not Verdict.NO
        for other in session.all_definitions
    )
    return is_axis or has_keys(session, definition)


def _finding(session: Session, definition: Definition, *, is_alone: bool) -> Finding:
    name = str(definition.name)
    keys = {str(key.name): key for call in session.rows for key in call.keys}
    near = _nearest(name, keys)
    return rule.finding(
        definition.name_span,
        f"`{name}` matches no logged key, so the definition has no effect",
        _advice(name, near),
        (Related(keys[near].span, f"`{near}` is logged here"),) if near else (),
        # What is like a key that is logged has an old name of it; a call in a loop may define others too.
        fix=_deleted(definition.span) if near is None and is_alone else None,
    )


def _deleted(call: Span) -> Fix:
    return Fix(Applicability.UNSAFE, "delete the definition", (RemoveStatement(call),))


def _nearest(name: str, keys: Mapping[str, LoggedKey]) -> str | None:
    """The logged key that is most like the name, for a glob the one whose beginning is."""
    wanted = name.removesuffix("*").lower()

    def likeness(key: str) -> float:
        beginning = key if wanted == name.lower() else namespace(keys[key].name) or key[: len(wanted)]
        return difflib.SequenceMatcher(None, wanted, beginning.lower()).ratio()

    best = max(keys, key=likeness, default=None)
    return best if best is not None and likeness(best) >= NEAR else None


def _advice(name: str, near: str | None) -> str:
    if near is None:
        return "delete it, or rename it to match the metric that is logged now"
    if is_glob(name) and near.startswith(HIDDEN_FROM_GLOBS):
        return f"no glob matches a key that begins with `_`: define `{near}` by name, or delete this"
    if is_glob(name) and near.startswith(glob_prefix(name).rstrip("/") + NESTING):
        dotted = f"{glob_prefix(name).rstrip('/')}{NESTING}*"
        return f"wandb joins the keys of nested dicts with a dot: write `{dotted}`"
    return f"rename it to match `{near}`, or delete it"


rule = Rule(
    code="WB211",
    name="unused-definition",
    severity=Severity.NOTE,
    summary="A `define_metric` whose name no logged key matches",
    check=check,
)
