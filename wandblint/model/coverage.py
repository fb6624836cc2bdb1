"""Logged keys that no definition covers although definitions cover their siblings.

A glob is a plain prefix (docs/wandb-semantics.md, Globs 2). Keys on the default axis are legal, so only
four patterns stand out: a glob that ends within a longer word, a single uncovered key in a row of covered
ones, a namespace whose sibling namespaces have globs, and a context that a call logs beside others that have
an axis.
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
from wandblint.template import Template, Verdict

MIN_SIBLINGS = 2
"""How many namespaces of one parent need their own glob before a namespace without one stands out."""


class UncoveredKey(msgspec.Struct, frozen=True):
    """An uncovered key and the definition that probably should cover it."""

    session: Session
    call: LogCall
    key: LoggedKey
    nearest: Definition


def uncovered_keys(session: Session, *, strict: bool = False) -> Iterator[UncoveredKey]:
    """The uncovered keys of a session that stand out; with `strict`, all uncovered keys."""
    axes = [d for d in session.definitions if d.step_metric is not None and d.step_metric.parts]
    if not axes or session.may_define_unseen:
        return
    for call in session.log_calls:
        for key in call.keys:
            if _needs_axis(key) and not session.is_covered(key):
                uncovered = _uncovered_key(session, call, key, axes, strict=strict)
                if uncovered is not None:
                    yield uncovered


def _needs_axis(key: LoggedKey) -> bool:
    return key.kind is ValueKind.NUMBER and not key.name.prefix.startswith(HIDDEN_FROM_GLOBS)


def has_keys(session: Session, definition: Definition) -> bool:
    """Whether the definition may apply to a logged key."""
    return any(
        covers(definition.name, key.name) is not Verdict.NO for call in session.rows for key in call.keys
    )


def namespace(key: Template) -> str:
    """The key without its last word: `train/` of `train/loss`."""
    head, slash, _ = str(key).rpartition("/")
    return head + slash


def _uncovered_key(
    session: Session, call: LogCall, key: LoggedKey, axes: list[Definition], *, strict: bool
) -> UncoveredKey | None:
    within_word = [d for d in axes if ends_within_word(d.name, key.name)]
    if within_word:
        return UncoveredKey(session, call, key, max(within_word, key=lambda d: len(str(d.name))))
    siblings = _siblings(key.name, axes)
    if (
        len({str(d.name) for d in siblings}) >= MIN_SIBLINGS
        or _is_only_uncovered(session, call, key, axes)
        or _is_new_context(session, call, key, axes)
    ):
        return UncoveredKey(session, call, key, _nearest(key.name, siblings or axes))
    return UncoveredKey(session, call, key, _nearest(key.name, axes)) if strict else None


def _words(name: Template) -> list[str] | None:
    """The words of a glob or key between slashes; None if there is a hole before the last slash."""
    text = str(name)
    head = text.rpartition("/")[0]
    return text.split("/") if len(name.prefix) >= len(head) else None


def ends_within_word(glob: Template, key: Template) -> bool:
    """Whether a glob's last word is a proper prefix of the key's word: `a/ctc/*`, `a/ctc_distill/loss`."""
    key_words, glob_words = _words(key), _words(glob)
    if key_words is None or glob_words is None or len(glob_words) != len(key_words):
        return False
    if len(glob_words) == 1 or glob_words[-1] != "*":
        return False
    *parents, prefix, _ = glob_words
    word = key_words[len(parents)]
    in_parents = key_words[: len(parents)] == parents
    return bool(prefix) and in_parents and word.startswith(prefix) and word != prefix


def _siblings(key: Template, axes: list[Definition]) -> list[Definition]:
    """Globs of other namespaces under the key's parent: `a/b/*` for `a/c/loss`."""
    words = _words(key)
    if words is None or len(words) < 3:  # noqa: PLR2004 - parent, namespace, metric
        return []
    siblings = []
    for definition in axes:
        glob = _words(definition.name)
        if glob is not None and glob[-1] == "*" and len(glob) == len(words) and glob[:-2] == words[:-2]:
            siblings.append(definition)
    return siblings


def _is_only_uncovered(session: Session, call: LogCall, key: LoggedKey, axes: list[Definition]) -> bool:
    """Whether every other key of the call has an axis and the call also logs that axis."""
    if call.is_open or _is_counter(key):
        return False
    steps = {d.step_metric for d in axes}
    logs_axis = has_metric = False
    for other in call.keys:
        if other is key or other.kind is not ValueKind.NUMBER:
            continue
        if other.name in steps:
            logs_axis = True
        elif session.axis_definition(other) is None:
            return False
        else:
            has_metric = True
    return logs_axis and has_metric


def _is_new_context(session: Session, call: LogCall, key: LoggedKey, axes: list[Definition]) -> bool:
    """Whether the same call logs the key's siblings in other contexts, all of which have an axis.

    A context is the first section of a key: `train` and `val` have one, `throughput` was added later.
    """
    context = _context(key)
    rows = [other for other in session.log_calls if other.span == call.span]
    if not context or any(row.is_open for row in rows) or _is_counter(key):
        return False
    steps = {d.step_metric for d in axes}
    if not any(_is_counter(other) or other.name in steps for other in call.keys):
        return False
    contexts: set[str] = set()
    for other in (other for row in rows for other in row.keys):
        section = _context(other)
        if not section or section == context or other.kind is not ValueKind.NUMBER or _is_counter(other):
            continue
        if session.axis_definition(other) is None:
            return False
        contexts.add(section)
    return len(contexts) >= MIN_SIBLINGS


def _context(key: LoggedKey) -> str:
    """The first section of a key: `train` of `train/loss`; empty if it has none or is not known."""
    section, slash, _ = str(key.name).partition("/")
    return section if slash and key.name.prefix.startswith(section + slash) else ""


def _is_counter(key: LoggedKey) -> bool:
    return str(key.name).rpartition("/")[2].lower() in COUNTER_WORDS


def _nearest(key: Template, axes: list[Definition]) -> Definition:
    return max(axes, key=lambda d: difflib.SequenceMatcher(None, str(d.name), str(key)).ratio())
