"""Logged keys that no definition matches although their siblings are matched.

A glob is a plain prefix (docs/wandb-semantics.md, Globs 2). Keys on the default axis are legal, so only
three shapes stand out: a glob that stops short of a longer word, a key alone among covered ones, and a
namespace beside others that have globs.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import msgspec

from wandblint.model.events import Definition, LogCall, LoggedKey, ValueKind
from wandblint.model.sessions import Session
from wandblint.semantics.axes import covers
from wandblint.semantics.heuristics import COUNTER_WORDS
from wandblint.semantics.metrics import HIDDEN_FROM_GLOBS
from wandblint.template import Template, Verdict, equal

ENOUGH_SIBLINGS = 2
"""So many namespaces of one parent with globs of their own make a habit, from which a further one departs."""


class UncoveredKey(msgspec.Struct, frozen=True):
    """An uncovered key and the definition that it should have met."""

    session: Session
    call: LogCall
    key: LoggedKey
    nearest: Definition


def uncovered_keys(session: Session, *, strict: bool = False) -> Iterator[UncoveredKey]:
    """The uncovered keys of a session that stand out, each with the definition it misses."""
    axes = [d for d in session.definitions if d.step_metric is not None and d.step_metric.parts]
    if not axes or session.may_define_unseen:
        return
    for call in session.log_calls:
        for key in call.keys:
            if _needs_axis(key) and not session.is_covered(key):
                miss = _uncovered_key(session, call, key, axes, strict=strict)
                if miss is not None:
                    yield miss


def _needs_axis(key: LoggedKey) -> bool:
    return key.kind is ValueKind.NUMBER and not key.name.prefix.startswith(HIDDEN_FROM_GLOBS)


def has_keys(session: Session, definition: Definition) -> bool:
    """Whether the definition may apply to a key that is logged."""
    return any(
        covers(definition.name, key.name) is not Verdict.NO for call in session.rows for key in call.keys
    )


def namespace(key: Template) -> str:
    """The part of a key before its last word: `train/` of `train/loss`."""
    head, slash, _ = str(key).rpartition("/")
    return head + slash


def _uncovered_key(
    session: Session, call: LogCall, key: LoggedKey, axes: list[Definition], *, strict: bool
) -> UncoveredKey | None:
    short = [d for d in axes if stops_short(d.name, key.name)]
    if short:
        return UncoveredKey(session, call, key, max(short, key=lambda d: len(str(d.name))))
    siblings = _siblings(key.name, axes)
    if len({str(d.name) for d in siblings}) >= ENOUGH_SIBLINGS or _is_one_off(session, call, key, axes):
        return UncoveredKey(session, call, key, _nearest(key.name, siblings or axes))
    return UncoveredKey(session, call, key, _nearest(key.name, axes)) if strict else None


def _words(name: Template) -> list[str] | None:
    """The words of a glob or a key between slashes; None where a hole comes before the last slash."""
    text = str(name)
    head = text.rpartition("/")[0]
    return text.split("/") if len(name.prefix) >= len(head) else None


def stops_short(glob: Template, key: Template) -> bool:
    """Whether a glob's last word is a proper prefix of the key's word: `a/ctc/*`, `a/ctc_distill/loss`."""
    have, want = _words(key), _words(glob)
    if have is None or want is None or want[-1] != "*" or len(want) != len(have):
        return False
    *parents, word, _ = want if len(want) > 1 else ["", "", ""]
    place = len(parents)
    return bool(word) and have[:place] == parents and have[place].startswith(word) and have[place] != word


def _siblings(key: Template, axes: list[Definition]) -> list[Definition]:
    """Globs of other namespaces under the key's parent: `a/b/*` for `a/c/loss`."""
    words = _words(key)
    if words is None or len(words) < 3:  # noqa: PLR2004 - parent, namespace, metric
        return []
    parent = words[:-2]
    found = []
    for definition in axes:
        others = _words(definition.name)
        if others is not None and others[-1] == "*" and len(others) == len(words) and others[:-2] == parent:
            found.append(definition)
    return found


def _is_one_off(session: Session, call: LogCall, key: LoggedKey, axes: list[Definition]) -> bool:
    """Whether every other key of the call has an axis and the call holds that axis."""
    if call.is_open or str(key.name).rpartition("/")[2].lower() in COUNTER_WORDS:
        return False
    steps = [d.step_metric for d in axes if d.step_metric is not None]
    others = [other for other in call.keys if other is not key and other.kind is ValueKind.NUMBER]
    is_axis = [any(equal(step, other.name) is Verdict.YES for step in steps) for other in others]
    rest = [other for other, axis in zip(others, is_axis, strict=True) if not axis]
    return any(is_axis) and bool(rest) and all(session.axis_definition(other) is not None for other in rest)


def _nearest(key: Template, axes: list[Definition]) -> Definition:
    return max(axes, key=lambda d: difflib.SequenceMatcher(None, str(d.name), str(key)).ratio())
