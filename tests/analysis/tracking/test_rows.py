"""Rows of nested dictionaries: what is too deep to be followed is open below its key, and nowhere else."""

from __future__ import annotations

import pytest

from tests.analysis.projects import model_of
from tests.oracle.judge import judge
from wandblint.analysis.tracking.rows import MAX_NESTED
from wandblint.app import registry
from wandblint.app.settings import Settings, rule_options

TRAIN = """
import wandb

def nested(depth, value):
    return {{"in": nested(depth - 1, value)}} if depth else value

def over(data, number):
    if isinstance(data, dict):
        return {{key: over(value, number) for key, value in data.items()}}
    return data / number

def flat(data, prefix):
    found = {{}}
    for key, value in data.items():
        if isinstance(value, dict):
            found.update(flat(value, prefix + key + "/"))
        else:
            found[prefix + key] = value
    return found

deep = {{"in": {{"in": {{"in": {{"in": {{"in": {{"in": {{"in": {{"epoch": 1}}}}}}}}}}}}}}}}
run = wandb.init()
run.define_metric("eval/*", step_metric={axis!r})
{body}
run.finish()
"""

UNLOGGED = {
    "a mean over a mapping": "run.log({'eval/loss': over({'a': 1, 'b': {'c': 2}}, 2)})",
    "each item of a mean": (
        "for key, value in over({'a': 1, 'b': {'c': 2}}, 2).items():\n    run.log({'eval/%s' % key: value})"
    ),
    "a deep dictionary": "run.log({'eval/loss': deep})",
    "a result of recursion under a key": "run.log({'eval/loss': nested(9, {'epoch': 1})})",
}
"""Rows that log no key outside of `eval/`."""

LOGGED = {
    "a key of a deep dictionary": ("in." * 7 + "epoch", "run.log({'eval/loss': 1, **deep})"),
    "below a key": ("eval/deep" + ".in" * 7 + ".epoch", "run.log({'eval/loss': 1, 'eval/deep': deep})"),
    "a result of recursion": ("in.in.in.epoch", "run.log({'eval/loss': 1, **nested(3, {'epoch': 1})})"),
    "a flat dictionary": ("a/b/epoch", "run.log({'eval/loss': 1, **flat({'a': {'b': {'epoch': 1}}}, '')})"),
    "a mean": ("a.epoch", "run.log({'eval/loss': 1, **over({'a': {'epoch': 1}}, 2)})"),
    "an unknown value": (
        "in.epoch",
        "import json\nrun.log({'eval/loss': 1, 'in': json.loads('{\"epoch\": 1}')})",
    ),
    "a dictionary filled by recursion": (
        "low.low.low.epoch",
        "def fill(row, n):\n    row['low'] = {}\n    if n:\n        fill(row['low'], n - 1)\n"
        "    else:\n        row['low']['epoch'] = 1\n"
        "row = {}\nfill(row, 2)\nrun.log({'eval/loss': 1, **row})",
    ),
}
"""Axes, and rows that log them."""


@pytest.mark.parametrize("name", UNLOGGED)
def test_another_key_stays_unlogged(name: str) -> None:
    files = {"train.py": TRAIN.format(axis="epoch", body=UNLOGGED[name])}
    assert not (verdict := judge(files)).is_wrong, verdict.failures
    (rule,) = registry.resolve("WB202")
    assert rule.check is not None
    assert list(rule.check(model_of(files), rule_options(rule, Settings())))


@pytest.mark.parametrize("name", LOGGED)
def test_an_axis_that_is_logged_deep_is_not_called_unlogged(name: str) -> None:
    axis, body = LOGGED[name]
    verdict = judge({"train.py": TRAIN.format(axis=axis, body=body)})
    assert not verdict.is_wrong, verdict.failures


def test_dictionaries_that_contain_one_another_are_followed_a_bounded_number_of_times() -> None:
    links = "".join(
        f"rows[{one!r}][{other!r}] = rows[{other!r}]\n" for one in "abcdefghij" for other in "abcdefghij"
    )
    rows = "".join(f"rows[{name!r}] = {{'loss': 1}}\n" for name in "abcdefghij")
    model = model_of(
        {"train.py": f"import wandb\nrows = {{}}\n{rows}{links}wandb.init()\nwandb.log(rows['a'])\n"}
    )
    (call,) = model.log_calls
    assert 100 < len(call.keys) < 100 * MAX_NESTED


def test_an_item_of_a_dictionary_without_items_is_unknown() -> None:
    program = "import wandb\ndef main(key):\n    wandb.init()\n    wandb.log({'a': {**{}}[key]})\n"
    (call,) = model_of({"train.py": program}).log_calls
    assert [str(key.name) for key in call.keys] == ["a"]
