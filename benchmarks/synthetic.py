"""Projects for the benchmark, the same each time."""

from __future__ import annotations

from pathlib import Path

EVERY = 20
"""One in this many files mentions wandb."""
WRAPPER = """\
import wandb


class Logger{number}:
    def __init__(self, stage):
        self.stage = stage
        self.run = wandb.init(project="bench")
        self.run.define_metric(f"{{stage}}/*", step_metric=f"{{stage}}/step")

    def log(self, name, value, step):
        self.run.log({{f"{{self.stage}}/{{name}}": value, f"{{self.stage}}/step": step}})
"""
PLAIN = """\
import math


def work_{number}(values, scale=1.0):
    total = 0.0
    for index, value in enumerate(values):
        total += math.sqrt(abs(value)) * scale + index
    return {{"total": total, "mean": total / max(len(values), 1)}}


class Layer{number}:
    def __init__(self, width, depth=3):
        self.width, self.depth = width, depth

    def forward(self, batch):
        return [row[: self.width] for row in batch for _ in range(self.depth)]
"""
USER = """\
from package_{folder}.module_{number} import Logger{number}

logger = Logger{number}("train_{number}")
for step in range(100):
    logger.log("loss", 1.0 / (step + 1), step)
"""


FORWARD = "def log_{level}(run, name, value, step):\n    log_{below}(run, name, value, step)\n"


def make(root: Path, size: int, depth: int = 1, lines: int = 0) -> None:
    """Writes a project of `size` files, the same each time.

    Its rows are logged through `depth` calls, and its scripts have `lines` further lines of computations.
    """
    (root / "pyproject.toml").write_text("")
    for number in range(size):
        folder = root / f"package_{number // 100}"
        folder.mkdir(exist_ok=True)
        # One in forty files is a wrapper, and another one uses it.
        if number % (2 * EVERY) == 0:
            text = WRAPPER.format(number=number) if depth == 1 else _deep(number, depth)
        elif number % (2 * EVERY) == EVERY:
            text = USER.format(number=number - EVERY, folder=(number - EVERY) // 100) + "# wandb\n"
            text += "".join(f"total_{line} = step * {line} + len(str(step))\n" for line in range(lines))
        else:
            text = PLAIN.format(number=number) * 4
        (folder / f"module_{number}.py").write_text(text)


def _deep(number: int, depth: int) -> str:
    """The wrapper with functions between its method and wandb: `depth` calls in all."""
    last = "def log_0(run, name, value, step):\n    run.log({name: value, step[0]: step[1]})\n"
    forwarding = "".join(FORWARD.format(level=level, below=level - 1) for level in range(1, depth - 1))
    row = 'self.run.log({{f"{{self.stage}}/{{name}}": value, f"{{self.stage}}/step": step}})'
    key, step = 'f"{{self.stage}}/{{name}}"', '(f"{{self.stage}}/step", step)'
    call = f"log_{depth - 2}(self.run, {key}, value, {step})"
    return last + forwarding + WRAPPER.replace(row, call).format(number=number)


TRAINER = """\
import wandb
from loaders import load


class Meter:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def update(self, value):
        self.total += value
        self.count += 1

    def mean(self):
        return self.total / max(self.count, 1)


class Trainer{number}:
    def __init__(self, config):
        self.config, self.epoch, self.meters = config, 0, {{}}
        self.run = wandb.init(project="bench", config=config)

    def meter(self, name):
        if name not in self.meters:
            self.meters[name] = Meter()
        return self.meters[name]

    def batch(self, batch):
        for name in ("loss", "accuracy", "grad_norm"):
            for value in batch[name]:
                self.meter(name).update(value)

    def fit(self, loader):
        for self.epoch in range(self.config["epochs"]):
            for batch in loader:
                self.batch(batch)
                if self.config.get("verbose"):
                    self.report("batch")
            self.report("train")

    def report(self, stage):
        row = {{f"{{stage}}/{{name}}": meter.mean() for name, meter in self.meters.items()}}
        self.run.log({{**row, "epoch": self.epoch}})


if __name__ == "__main__":
    for epochs in (1, 2, 3):
        trainer = Trainer{number}({{"epochs": epochs, "verbose": epochs > 1}})
        trainer.fit(load("train"))
        trainer.run.finish()
"""


def make_trainers(root: Path, number: int) -> None:
    """Writes scripts with loops and small methods: to run them takes much longer than to read them."""
    (root / "pyproject.toml").write_text("")
    for script in range(number):
        (root / f"train_{script}.py").write_text(TRAINER.format(number=script))
