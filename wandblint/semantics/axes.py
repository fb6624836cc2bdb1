"""Which definition applies to a logged key, where keys and names may be only partly known."""

from __future__ import annotations

from wandblint.semantics.heuristics import STEP_NAME
from wandblint.semantics.metrics import BUILT_IN_AXES, HIDDEN_FROM_GLOBS, matches
from wandblint.template import Template, Verdict, equal, starts_with, without_suffix


def is_step_name(name: str) -> bool:
    """Whether a name is conventional for the position of a row on the x-axis."""
    return STEP_NAME.fullmatch(name.lower()) is not None


def covers(name: Template, key: Template) -> Verdict:
    """Whether a definition of that name applies to a key: `metrics.matches` for templates."""
    known_name, known_key = name.literal, key.literal
    if known_name is not None and known_key is not None:
        return Verdict.YES if matches(known_name, known_key) else Verdict.NO
    prefix = without_suffix(name, "*")
    if prefix is None:
        return equal(name, key)
    if key.prefix.startswith(HIDDEN_FROM_GLOBS):
        return Verdict.NO
    verdict = starts_with(key, prefix)
    if verdict is Verdict.YES and not key.prefix:
        # The key starts with a hole, which may start with an underscore.
        return Verdict.MAYBE if prefix.literal != "" else Verdict.YES
    return verdict


def is_built_in(axis: Template) -> bool:
    """Whether every row has this axis although no code logs it."""
    return axis.literal in BUILT_IN_AXES
