"""What looks like an API key of wandb is masked, and nothing else."""

from __future__ import annotations

import json

import pytest

from wandblint.infra.secrets import has_key, masked

DIGITS = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'login("{DIGITS}")', f'login("0123{"*" * 36}")'),
        (DIGITS.upper(), f"0123{'*' * 36}"),
        (f"0{DIGITS}", f"0012{'*' * 37}"),
        (f"local-{DIGITS}", f"local-0123{'*' * 36}"),
        (f"wandb_v1_Ab-c{'x' * 40}", f"wandb_v1_Ab-c{'x' * 40}"),
        (f"wandb_v1_Abcd{'x' * 40}", f"wandb_v1_Abcd{'*' * 40}"),
        (f"wandb_v1_Abcd{'x' * 20}-_{'y' * 20}.", f"wandb_v1_Abcd{'*' * 42}."),
        (f"{DIGITS} and {DIGITS}", f"0123{'*' * 36} and 0123{'*' * 36}"),
    ],
)
def test_keys_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected
    assert has_key(text) == (text != expected)


@pytest.mark.parametrize(
    "text",
    [
        DIGITS[:-1],
        f"snapshots/{DIGITS}/train.py",
        f"{'0' * 5000}/",
        "wandb_v1_client",
        "local-process",
        "0123456789abcdef" * 2,
    ],
)
def test_other_text_stays(text: str) -> None:
    assert masked(text) == text
    assert not has_key(text)


@pytest.mark.parametrize("before", ["\n", "\b", "\f", "é", "\N{GRINNING FACE}", '"', "\x01"])
def test_masked_json_is_json(before: str) -> None:
    text = before + DIGITS
    shown = json.loads(masked(json.dumps(text)))
    assert DIGITS[8:] not in shown
    assert shown[: len(before)] == before
