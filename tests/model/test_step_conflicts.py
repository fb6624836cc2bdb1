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
    "a while loop that counts to more than one": """
        EPOCHS, epoch = 2, 0
        while epoch < EPOCHS:
            epoch += 1
            for i in range(10):
                run.log({"a": 1}, step=i)
        """,
    "a flag that the loop may set again": """
        done = False
        epoch = 0
        while not done:
            done = True
            epoch += 1
            if epoch < 3:
                done = False
            for i in range(10):
                run.log({"a": 1}, step=i)
        """,
    "a flag that holds in two epochs": """
        warm = True
        for epoch in range(3):
            if epoch > 1:
                warm = False
            for i in range(10):
                if warm:
                    run.log({"a": 1}, step=i)
        """,
    "a field that some code may turn on": """
        from dataclasses import dataclass
        @dataclass
        class Config:
            evaluate: bool = False
        cfg = Config()
        if load():
            cfg.evaluate = True
        for epoch in range(3):
            for i in range(10):
                run.log({"a": 1}, step=epoch * 10 + i)
            if cfg.evaluate:
                run.log({"b": 1}, step=epoch)
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
    "a stage without epochs": """
        PRE = 0
        for epoch in range(PRE):
            run.log({"a": 1}, step=epoch)
        for epoch in range(3):
            run.log({"b": 1}, step=epoch)
        """,
    "a stage without epochs, through a parameter": """
        def stage(name, epochs):
            for epoch in range(epochs):
                run.log({name: 1}, step=epoch)
        stage("a", 0)
        stage("b", 3)
        """,
    "a stage without epochs, by a setting": """
        cfg = {"pre": 0, "main": 3}
        [run.log({"a": 1}) for epoch in range(cfg["pre"])]
        for epoch in range(cfg["main"]):
            run.log({"b": 1}, step=epoch)
        """,
    "a while loop that counts to one": """
        EPOCHS = 1
        epoch = 0
        while epoch < EPOCHS:
            for i in range(10):
                run.log({"a": 1}, step=i)
            epoch += 1
        """,
    "a while loop that counts down from one": """
        left = 1
        while left > 0 and run is not None:
            for i in range(10):
                run.log({"a": 1}, step=i)
            left -= 1
        """,
    "a while loop that has nothing to count": """
        epoch = 3
        while epoch < 3:
            run.log({"a": 1})
            epoch += 1
        for epoch in range(3):
            run.log({"b": 1}, step=epoch)
        """,
    "a flag that ends the first iteration": """
        done = False
        while not done:
            for i in range(10):
                if i == 20:
                    continue
                run.log({"a": 1}, step=i)
            done = True
        """,
    "a flag for the first epoch": """
        first, warm = True, False
        for epoch in range(3):
            for i in range(10):
                if first:
                    run.log({"a": 1}, step=i)
                if not warm:
                    run.log({"b": 1}, step=i)
            first = False
            warm = True
        """,
    "a field whose default turns it off": """
        from dataclasses import dataclass
        @dataclass
        class Config:
            evaluate: bool = False
            epochs: int = 3
        def train(cfg):
            for epoch in range(cfg.epochs):
                for i in range(10):
                    run.log({"a": 1}, step=epoch * 10 + i)
                if epoch > 0 and cfg.evaluate:
                    run.log({"b": 1}, step=epoch)
        train(Config(epochs=4))
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
