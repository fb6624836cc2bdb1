"""Which log calls provably drop rows by their step.

All of these scripts were run offline with wandb 0.31.0: it drops rows at the last lines of the scripts in
`DROPPING`, and none in the others.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.analysis.projects import model_of
from wandblint.model.questions.step_conflicts import step_conflicts

DROPPING = {
    "an epoch after a while loop that counts": """
        step, epoch = 0, 0
        while step < 50:
            for _ in range(10):
                run.log({"a": 1}, step=step)
                step += 1
            epoch += 1
            run.log({"b": 1}, step=epoch)
        """,
    "a fraction of the step": """
        for step in range(100):
            run.log({"a": 1}, step=step)
            run.log({"b": 1}, step=step // 10)
        """,
    "rows of an inner loop": """
        for epoch in range(5):
            for b in range(10):
                run.log({"a": 1})
            run.log({"b": 1}, step=epoch)
        """,
    "an unrolled loop": """
        for stage in ("a", "b"):
            for i in range(10):
                run.log({stage: 1}, step=i)
        """,
    "a multiple in a dictionary, and the number itself": """
        for epoch in range(3):
            metrics = {"a": 1, "step": epoch * 100}
            run.log(metrics, step=metrics["step"])
            run.log({"b": 1}, step=epoch)
        """,
    "one ahead": """
        for i in range(10):
            run.log({"b": 1}, step=i + 1)
            run.log({"a": 1}, step=i)
        """,
    "two iterations": """
        for i in range(2):
            run.log({"b": 1})
            run.log({"a": 1}, step=i)
        """,
    "one of several parallel runs": """
        other = wandb.init(reinit="create_new")
        for epoch in range(3):
            for i in range(5):
                other.log({"a": 1}, step=i)
        """,
}

CLEAN = {
    "a step that is counted over the epochs": """
        loader = load()
        for epoch in range(5):
            for i, x in enumerate(loader):
                run.log({"a": 1}, step=epoch * len(loader) + i)
            run.log({"b": 1}, step=(epoch + 1) * len(loader))
        """,
    "stages that continue the count": """
        def train(n, step):
            for i in range(n):
                run.log({"a": 1}, step=step)
                step += 1
            return step
        step = train(10, 0)
        train(20, step)
        """,
    "an inner loop that leaves the row open": """
        for epoch in range(5):
            for b in range(10):
                run.log({"a": 1}, commit=False)
            run.log({"b": 1}, step=epoch)
        """,
    "one iterator for all": """
        import itertools
        counter = itertools.count()
        for epoch in range(3):
            for b in range(5):
                run.log({"a": 1}, step=next(counter))
            run.log({"b": 1}, step=next(counter))
        """,
    "branches that exclude each other": """
        for i in range(20):
            if i % 5 == 0:
                run.log({"a": 1}, step=i)
            else:
                run.log({"b": 1}, step=i)
        """,
    "one epoch": """
        for epoch in range(1):
            for i in range(10):
                run.log({"a": 1}, step=i)
        """,
    "a loop that ends after its first iteration": """
        for attempt in range(5):
            for i in range(10):
                run.log({"a": 1}, step=i)
            break
        """,
    "attempts until one succeeds": """
        while True:
            try:
                for i in range(10):
                    run.log({"a": 1}, step=i)
                break
            except RuntimeError:
                continue
        """,
    "a reset in the first iteration only": """
        class Trainer:
            step = 0
            def train(self, fresh):
                if fresh:
                    self.step = 0
                for b in range(5):
                    run.log({"a": 1}, step=self.step)
                    self.step += 1
        trainer = Trainer()
        for epoch in range(3):
            trainer.train(epoch == 0)
        """,
    "parallel runs": """
        runs = [wandb.init(reinit="create_new", name=name) for name in ("x", "y")]
        for one in runs:
            for i in range(5):
                one.log({"a": 1}, step=i)
        """,
    "parallel runs with unknown names": """
        runs = [wandb.init(reinit="create_new", name=name) for name in load()]
        for one in runs:
            for i in range(5):
                one.log({"a": 1}, step=i)
        """,
    "counted from one": """
        for epoch, x in enumerate(["a"] * 5, 1):
            run.log({"a": 1})
            run.log({"b": 1}, step=epoch)
        """,
}


def dropping_lines(body: str) -> set[int]:
    """The lines of a script where rows are dropped."""
    text = "import wandb\nfrom data import load\nrun = wandb.init()\n" + dedent(body)
    return {text.count("\n", 0, conflict.spans[0].start) + 1 for conflict in step_conflicts(model_of(text))}


@pytest.mark.parametrize("body", DROPPING.values(), ids=DROPPING)
def test_a_dropped_row_is_proven(body: str) -> None:
    text = dedent(body).rstrip()
    assert dropping_lines(body) == {3 + len(text.splitlines())}, "the last line drops rows"


@pytest.mark.parametrize("body", CLEAN.values(), ids=CLEAN)
def test_scripts_without_dropped_rows(body: str) -> None:
    assert dropping_lines(body) == set()
