"""Branches that no test decides: one of several objects, an iteration that may be skipped."""

from __future__ import annotations

from tests.analysis.projects import model_of
from wandblint.model import BranchKind


def test_a_filtered_comprehension_is_an_alternative() -> None:
    model = model_of(
        """\
        import sys
        import wandb

        run = wandb.init()
        [run.log({"loss": 1}) for name in sys.argv if name.isidentifier()]
        """
    )
    (call,) = model.log_calls
    assert [condition.kind for condition in call.point.conditions] == [BranchKind.ALTERNATIVE]


def test_an_alternative_need_not_hold_in_every_iteration() -> None:
    model = model_of(
        """\
        import sys
        import wandb

        for seed in range(3):
            runs = [wandb.init(config={"seed": seed}) for name in sys.argv if name.isidentifier()]
        """
    )
    assert len({init.span for init in model.inits}) == 1
    assert model.inits_while_active == []
