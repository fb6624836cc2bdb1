"""The model as bytes: a decoded model gives the same findings, and other bytes are rejected."""

from __future__ import annotations

import msgspec
import pytest

from tests.analysis.projects import model_of
from wandblint.analysis.domain.values import NONE
from wandblint.app.registry import page, rules
from wandblint.app.settings import Settings, rule_options
from wandblint.findings.finding import Finding
from wandblint.model.codec import MODEL, NotAModel, decode, encode
from wandblint.model.events import ApiUse, Argument
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunStatus
from wandblint.pages.page import Case, parse
from wandblint.rule import Rule
from wandblint.span import Span

CASES = [(rule, parse(page(rule)).cases) for rule in rules() if rule.check is not None]


@pytest.mark.parametrize(("rule", "cases"), CASES, ids=[rule.code for rule, _ in CASES])
def test_rules_find_the_same_in_a_decoded_model(rule: Rule, cases: list[Case]) -> None:
    for case in cases:
        python = {name: text for name, text in case.files.items() if name.endswith(".py")}
        model = model_of(python)

        expected = findings_in(model)

        assert findings_in(decode(encode(model))) == expected, case.name
        assert findings_in(decode(encode(decode(encode(model))))) == expected, case.name


def findings_in(model: TrackingModel) -> list[Finding]:
    """The findings of all rules in a model."""
    return [
        finding
        for rule in rules()
        if rule.check is not None
        for finding in rule.check(model, rule_options(rule, Settings()))
    ]


def test_plain_values_of_equal_hash_stay_apart() -> None:
    argument = Argument(Span("a.py", 0, 1), alternatives=(1, True, 1.0))
    call = Call("f", Span("a.py", 0, 1), 0, RunStatus(), (("x", argument),))
    model = TrackingModel(induction_events={1: (), 0: ()}, calls_cut_off=1, calls=[call])

    decoded = decode(encode(model))

    assert decoded.calls_cut_off == 1
    assert [type(value) for value in decoded.calls[0].arguments[0][1].alternatives] == [int, bool, float]
    assert list(decoded.induction_events) == [1, 0]


def test_values_that_a_model_cannot_hold_are_refused() -> None:
    with pytest.raises(TypeError, match="is not part of a model"):
        encode(TrackingModel(non_wandb_calls=frozenset([NONE])))  # type: ignore[list-item]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ["only text"],
        [[99, 0]],
        [[0, 5]],
        ["a", 1, [0, 0, -3]],
        {"not": "rows"},
    ],
    ids=["empty", "not a model", "unknown type", "unknown part", "cycle", "not rows"],
)
def test_invalid_bytes_are_rejected(rows: object) -> None:
    with pytest.raises(NotAModel):
        decode(msgspec.msgpack.encode(rows))


def test_bytes_cannot_name_a_type() -> None:
    use = ApiUse(Span("a.py", 1, 2), "name", is_guarded=False)
    rows = msgspec.msgpack.decode(encode(TrackingModel(api_uses=[use])))

    assert all(isinstance(part, int) for row in rows if isinstance(row, list) for part in row)


def test_a_field_of_another_class_is_rejected() -> None:
    use = ApiUse(Span("a.py", 1, 2), "name", is_guarded=False)
    rows = msgspec.msgpack.decode(encode(TrackingModel(api_uses=[use])))
    kind = MODEL.numbers[Span]
    (span,) = [number for number, row in enumerate(rows) if isinstance(row, list) and row[0] == kind]

    rows[span] = "a.py"

    with pytest.raises(NotAModel, match="another class"):
        decode(msgspec.msgpack.encode(rows))
