"""WB201: a logged key that no definition covers although definitions cover its siblings.

Keys on the default axis are legal: `wandblint.model.coverage` says which of them stand out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Define, Finding, Fix, Names, Related, Severity
from wandblint.infra.words import pluralize
from wandblint.model import TrackingModel
from wandblint.model.coverage import UncoveredKey, ends_within_word, has_keys, namespace, uncovered_keys
from wandblint.rule import OptionValue, Rule
from wandblint.template import template


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log call and namespace."""
    groups: dict[tuple[object, str], dict[str, UncoveredKey]] = {}
    for session in model.sessions():
        for uncovered in uncovered_keys(session, strict=bool(options["strict"])):
            group = groups.setdefault((uncovered.call.span, namespace(uncovered.key.name)), {})
            group.setdefault(str(uncovered.key.name), uncovered)
    for group in groups.values():
        first, *others = group.values()
        yield _finding(first, len(others))


def _finding(uncovered: UncoveredKey, others: int) -> Finding:
    name, nearest = str(uncovered.key.name), uncovered.nearest
    more = f" or {pluralize(others, 'sibling key')}" if others else ""
    glob = f"{namespace(uncovered.key.name)}*" if "/" in name else name
    return rule.finding(
        uncovered.key.span,
        f"`{name}` has no x-axis: no define_metric covers this key{more}, "
        f"so wandb plots {'them' if others else 'it'} over `_step`",
        _advice(uncovered, glob),
        (
            *(Related(step.span, step.words, is_step=True) for step in uncovered.key.name.provenance),
            Related(nearest.name_span, f"nearest definition: `{nearest.name}`"),
        ),
        fix=_fix(uncovered, glob),
    )


def _fix(uncovered: UncoveredKey, glob: str) -> Fix | None:
    """Rename the nearest definition, or add one next to it.

    If the axis of the nearest is in its own namespace, the new axis is in the key's namespace.
    """
    nearest = uncovered.nearest
    old, axis = nearest.name.literal, None if nearest.step_metric is None else nearest.step_metric.literal
    if old is None or axis is None or nearest.step_span is None or uncovered.key.name.literal is None:
        return None
    new_axis = _axis_for(uncovered, axis, old.removesuffix("*"), glob.removesuffix("*"))
    if new_axis is None:
        return None
    is_rename = _is_outdated(uncovered)
    change = Define(
        nearest.span, nearest.name_span, nearest.step_span, Names(old, axis), Names(glob, new_axis), is_rename
    )
    message = f"rename the definition of `{old}`" if is_rename else f"define `{glob}` next to `{old}`"
    return Fix(Applicability.UNSAFE, message, (change,))


def _axis_for(uncovered: UncoveredKey, axis: str, old: str, new: str) -> str | None:
    """An axis with data: in the key's namespace if it is or can be logged (WB202), else the old one."""
    own = new + axis.removeprefix(old) if axis.startswith(old) else axis
    if uncovered.session.is_logged(template(own)) or (own != axis and uncovered.call.step is not None):
        return own
    return axis if uncovered.session.is_logged(template(axis)) else None


def _is_outdated(uncovered: UncoveredKey) -> bool:
    """Whether the nearest definition has an outdated name of the key, which nothing logs any more."""
    return ends_within_word(uncovered.nearest.name, uncovered.key.name) and not has_keys(
        uncovered.session, uncovered.nearest
    )


def _advice(uncovered: UncoveredKey, glob: str) -> str:
    old = str(uncovered.nearest.name)
    axis = str(uncovered.nearest.step_metric)
    axis = _axis_for(uncovered, axis, old.removesuffix("*"), glob.removesuffix("*")) or axis
    call = f'define_metric("{glob}", step_metric="{axis}")'
    return f"rename the definition of `{old}`: {call}" if _is_outdated(uncovered) else f"add {call}"


rule = Rule(
    code="WB201",
    name="metric-not-covered",
    severity=Severity.WARNING,
    summary="A logged key that no `define_metric` covers, although its siblings are covered",
    check=check,
    options={"strict": False},
)
