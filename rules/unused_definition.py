"""WB211: a definition that no logged key can match, usually because the metric was renamed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, Related, RemoveStatement, Severity
from wandblint.model import Definition, LoggedKey, Session, TrackingModel
from wandblint.model.coverage import has_keys, namespace, uncovered_keys
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.metrics import HIDDEN_FROM_GLOBS, NESTING, glob_prefix, is_glob
from wandblint.template import Verdict, equal

NEAR = 0.6
"""The minimum similarity of a suggested key: `valid/` is suggested for `val/`."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per definition that no session uses."""
    used: set[Definition] = set()
    unused: dict[tuple[object, str], tuple[Session, Definition]] = {}
    for session in model.sessions():
        nearest = {uncovered.nearest for uncovered in uncovered_keys(session)}
        may_log_anything = session.is_open or not session.log_calls
        for definition in session.definitions:
            if may_log_anything or definition in nearest or _is_used(session, definition):
                used.add(definition)
            else:
                unused.setdefault((definition.span, str(definition.name)), (session, definition))
    used_identities = {(definition.span, str(definition.name)) for definition in used}
    used_spans = {definition.span for definition in used}
    for identity, (session, definition) in unused.items():
        if identity not in used_identities:
            yield _finding(session, definition, is_alone=definition.span not in used_spans)


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
    nearest_key = _nearest(name, keys)
    fix = None
    # A similar logged key is probably the new name; a call in a loop may define other metrics too.
    if nearest_key is None and is_alone:
        fix = Fix(Applicability.UNSAFE, "delete the definition", (RemoveStatement(definition.span),))
    return rule.finding(
        definition.name_span,
        f"`{name}` matches no logged key, so the definition has no effect",
        _advice(name, nearest_key),
        (Related(keys[nearest_key].span, f"`{nearest_key}` is logged here"),) if nearest_key else (),
        fix=fix,
    )


def _nearest(name: str, keys: Mapping[str, LoggedKey]) -> str | None:
    """The logged key most similar to the name; for a glob, the one with the most similar prefix."""
    prefix = name.removesuffix("*").lower()

    def similarity(key: str) -> float:
        beginning = key if prefix == name.lower() else namespace(keys[key].name) or key[: len(prefix)]
        return difflib.SequenceMatcher(None, prefix, beginning.lower()).ratio()

    nearest = max(keys, key=similarity, default=None)
    return nearest if nearest is not None and similarity(nearest) >= NEAR else None


def _advice(name: str, nearest_key: str | None) -> str:
    if nearest_key is None:
        return "delete it, or rename it to match the metric that is logged now"
    if is_glob(name) and nearest_key.startswith(HIDDEN_FROM_GLOBS):
        return f"no glob matches a key that begins with `_`: define `{nearest_key}` by name, or delete this"
    if is_glob(name) and nearest_key.startswith(glob_prefix(name).rstrip("/") + NESTING):
        dotted = f"{glob_prefix(name).rstrip('/')}{NESTING}*"
        return f"wandb joins the keys of nested dicts with a dot: write `{dotted}`"
    return f"rename it to match `{nearest_key}`, or delete it"


rule = Rule(
    code="WB211",
    name="unused-definition",
    severity=Severity.NOTE,
    summary="A `define_metric` whose name no logged key matches",
    check=check,
)
