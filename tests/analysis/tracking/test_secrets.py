"""Keys of wandb's API: the model has their place and never their value, whatever it looks like."""

from __future__ import annotations

import pytest

from tests.analysis.projects import model_of
from wandblint.model.codec import encode
from wandblint.model.events import Argument
from wandblint.model.tracking_model import TrackingModel

VALUE = "not-like-a-key"


def arguments(model: TrackingModel) -> list[Argument]:
    """All arguments of calls, and the values of writes."""
    passed = [argument for call in model.calls for _, argument in call.arguments]
    return [*passed, *(write.value for write in model.writes)]


@pytest.mark.parametrize(
    "code",
    [
        f"wandb.login(key='{VALUE}')",
        f"wandb.login('{VALUE}')",
        f"wandb.login('must', '{VALUE}')",
        f"KEY = '{VALUE}'\nwandb.login(key=KEY, relogin=True)",
        f"os.environ['WANDB_API_KEY'] = '{VALUE}'",
        f"os.environ.setdefault('WANDB_API_KEY', '{VALUE}')",
        f"os.putenv('WANDB_API_KEY', '{VALUE}')",
    ],
)
def test_a_secret_is_recorded_without_its_value(code: str) -> None:
    model = model_of({"train.py": f"import os\nimport wandb\n{code}\nwandb.init().log({{'loss': 1}})\n"})
    assert [argument.literal for argument in arguments(model) if argument.is_secret] == [None]
    assert b"loss" in encode(model)
    assert VALUE.encode() not in encode(model)


@pytest.mark.parametrize("code", ["wandb.login(relogin=True)", "os.environ['WANDB_MODE'] = 'offline'"])
def test_other_arguments_are_no_secrets(code: str) -> None:
    model = model_of({"train.py": f"import os\nimport wandb\n{code}\nwandb.init()\n"})
    assert not any(argument.is_secret for argument in arguments(model))
