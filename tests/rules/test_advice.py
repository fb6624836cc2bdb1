"""The help of WB202: the logged key that was probably meant, or to log the axis itself."""

from __future__ import annotations

import pytest

from tests.analysis.projects import FilesInMemory
from wandblint.analysis import analyze
from wandblint.app import registry


@pytest.mark.parametrize(
    ("axis", "logged", "advice"),
    [
        ("val/step", "val_step", "`val_step` is logged: use one name for both"),
        ("val/step", "val/steps", "`val/steps` is logged: use one name for both"),
        ("val/step", "Step", "did you mean `Step`? The same rows hold it"),
        ("val/step", "epoch", 'log it in the same call: `{..., "val/step": step}`'),
        ("val/epoch", "val/global_step", "did you mean `val/global_step`? The same rows hold it"),
        (
            "training/consistency_distill/step",
            "training/consistency_distill/loss",
            'log it in the same call: `{..., "training/consistency_distill/step": step}`',
        ),
    ],
)
def test_advice(axis: str, logged: str, advice: str) -> None:
    define = f'run = wandb.init()\nrun.define_metric("a", step_metric="{axis}")\n'
    model = analyze(
        FilesInMemory({"train.py": f'import wandb\n{define}run.log({{"a": 1, "{logged}": 2}})\n'})
    )
    (rule,) = registry.resolve("WB202")
    assert rule.check is not None
    (finding,) = rule.check(model, rule.options)
    assert finding.help == advice
