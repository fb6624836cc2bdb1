"""WB201: a logged key that no definition matches although its siblings are matched.

Keys on the default axis are legal: `wandblint.model.tracking_model.coverage` tells which of them stand out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Define, Finding, Fix, Names, Related, Severity
from wandblint.infra.words import pluralize
from wandblint.model import TrackingModel
from wandblint.model.coverage import UncoveredKey, has_keys, namespace, ends_within_word, uncovered_keys
from wandblint.rule import OptionValue, Rule
from wandblint.template import template


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a log call and namespace."""
    found: dict[tuple[object, str], dict[str, UncoveredKey]] = {}
    for session in model.sessions():
        for miss in uncovered_keys(session, strict=bool(options["strict"])):
            place = found.setdefault((miss.call.span, namespace(miss.key.name)), {})
            place.setdefault(str(miss.key.name), miss)
    for misses_here in found.values():
        first, *others = misses_here.values()
        yield _finding(first, len(others))


def _finding(miss: UncoveredKey, others: int) -> Finding:
    name, nearest = str(miss.key.name), miss.nearest
    more = f" or {pluralize(others, 'sibling key')}" if others else ""
    glob = f"{namespace(miss.key.name)}*" if "/" in name else name
    return rule.finding(
        miss.key.span,
        f"`{name}` has no x-axis: no define_metric covers this key{more}, "
        f"so wandb plots {'them' if others else 'it'} over `_step`",
        _advice(miss, glob),
        (
            *(Related(step.span, step.words, is_step=True) for step in miss.key.name.provenance),
            Related(nearest.name_span, f"nearest definition: `{nearest.name}`"),
        ),
        fix=_fix(miss, glob),
    )


def _fix(miss: UncoveredKey, glob: str) -> Fix | None:
    """The nearest definition renamed, or one beside it; with the axis of the key's own namespace where the
    nearest has its own."""
    nearest = miss.nearest
    old, axis = nearest.name.literal, None if nearest.step_metric is None else nearest.step_metric.literal
    if old is None or axis is None or nearest.step_span is None or miss.key.name.literal is None:
        return None
    new_axis = _axis_for(miss, axis, old.removesuffix("*"), glob.removesuffix("*"))
    if new_axis is None:
        return None
    is_rename = _is_meant(miss)
    change = Define(
        nearest.span,
        nearest.name_span,
        nearest.step_span,
        Names(old, axis),
        Names(glob, new_axis),
        is_rename,
    )
    message = f"rename the definition of `{old}`" if is_rename else f"define `{glob}` next to `{old}`"
    return Fix(Applicability.UNSAFE, message, (change,))


def _axis_for(miss: UncoveredKey, axis: str, old: str, new: str) -> str | None:
    """An axis that has data: the key's own, which is logged or can be (WB202), else that of the nearest."""
    own = new + axis.removeprefix(old) if axis.startswith(old) else axis
    if miss.session.is_logged(template(own)) or (own != axis and miss.call.step is not None):
        return own
    return axis if miss.session.is_logged(template(axis)) else None


def _is_meant(miss: UncoveredKey) -> bool:
    """Whether the nearest definition is the key's own, under a name that is logged no more."""
    return ends_within_word(miss.nearest.name, miss.key.name) and not has_keys(miss.session, miss.nearest)


def _advice(miss: UncoveredKey, glob: str) -> str:
    old = str(miss.nearest.name)
    axis = str(miss.nearest.step_metric)
    axis = _axis_for(miss, axis, old.removesuffix("*"), glob.removesuffix("*")) or axis
    call = f'define_metric("{glob}", step_metric="{axis}")'
    return f"rename the definition of `{old}`: {call}" if _is_meant(miss) else f"add {call}"


rule = Rule(
    code="WB201",
    name="metric-not-covered",
    severity=Severity.WARNING,
    summary="A logged key that no `define_metric` covers, although its siblings are covered",
    check=check,
    options={"strict": False},
)
