"""The model as bytes: what comes back gives the same findings, and nothing else comes back."""

from __future__ import annotations

import msgspec
import pytest

from tests.analysis.projects import model_of
from wandblint.analysis.domain.values import NONE
from wandblint.app.registry import page, rules
from wandblint.app.settings import Settings, rule_options
from wandblint.findings.finding import Finding
from wandblint.model.codec import NotAModel, decode, encode
from wandblint.model.events import ApiUse
from wandblint.model.tracking_model import TrackingModel
from wandblint.pages.page import Case, parse
from wandblint.rule import Rule
from wandblint.span import Span

CASES = [(rule, parse(page(rule)).cases) for rule in rules() if rule.check is not None]


@pytest.mark.parametrize(("rule", "cases"), CASES, ids=[rule.code for rule, _ in CASES])
def test_rules_say_the_same_of_what_comes_back(rule: Rule, cases: list[Case]) -> None:
    for case in cases:
        python = {name: text for name, text in case.files.items() if name.endswith(".py")}
        model = model_of(python)

        found = judged(model)

        assert judged(decode(encode(model))) == found, case.name
        assert judged(decode(encode(decode(encode(model))))) == found, case.name


def judged(model: TrackingModel) -> list[Finding]:
    """What all rules say of a model."""
    return [
        finding
        for rule in rules()
        if rule.check is not None
        for finding in rule.check(model, rule_options(rule, Settings()))
    ]


def test_plain_values_of_equal_hash_stay_apart() -> None:
    model = TrackingModel(induction_events={1: (), 0: ()}, entries_given_up=1, resumes_by_environment=True)

    found = decode(encode(model))

    assert (found.entries_given_up, found.resumes_by_environment) == (1, True)
    assert found.resumes_by_environment is True
    assert list(found.induction_events) == [1, 0]


def test_what_is_no_part_of_a_model_is_refused() -> None:
    with pytest.raises(TypeError, match="is no part of a model"):
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
    ids=["nothing", "no model", "no such kind", "no such part", "cycle", "no rows"],
)
def test_other_bytes_are_no_model(rows: object) -> None:
    with pytest.raises(NotAModel):
        decode(msgspec.msgpack.encode(rows))


def test_bytes_cannot_name_a_kind_of_their_own() -> None:
    use = ApiUse(Span("a.py", 1, 2), "name", is_guarded=False)
    rows = msgspec.msgpack.decode(encode(TrackingModel(api_uses=[use])))

    assert all(isinstance(part, int) for row in rows if isinstance(row, list) for part in row)
