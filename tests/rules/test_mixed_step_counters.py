"""WB303 under conditions that let one iteration of a loop through, and under others.

`_Wandb` applies wandb's rule to the steps, so that each program shows itself whether it loses rows.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from types import SimpleNamespace

import pytest

from tests.engine_runs import lint

PROGRAM = """\
import wandb


{before}
def main(loader, epochs, args):
    last = len(loader) - 1
    wandb.init(project="p")
    for epoch in range(epochs):
{body}


main(args.loader, args.epochs, args)
"""

ONE_ITERATION = {
    "at the end": "for n, batch in enumerate(loader):\n    if n + 1 >= len(loader):\n        LOG",
    "the first": "EACH\n    if i == 0:\n        LOG",
    "the last": "for n, batch in enumerate(loader):\n    if n == len(loader) - 1:\n        LOG",
    "turned around": "for n, batch in enumerate(loader):\n    if len(loader) - 1 == n:\n        LOG",
    "an attribute": "EACH\n    if i + 1 == args.steps:\n        LOG",
    "a variable": "EACH\n    if i == last:\n        LOG",
    "greater": "EACH\n    if i > args.steps - 2:\n        LOG",
    "below one": "EACH\n    if i < 1:\n        LOG",
    "at most zero": "EACH\n    if i <= 0:\n        LOG",
    "not": "EACH\n    if not i:\n        LOG",
    "not greater": "EACH\n    if not i > 0:\n        LOG",
    "else": "EACH\n    if i != last:\n        pass\n    else:\n        LOG",
    "continue": "EACH\n    if i < last:\n        continue\n    LOG",
    "continue unless equal": "EACH\n    if i != last:\n        continue\n    LOG",
    "a name for the test": "EACH\n    at_end = i == last\n    if at_end:\n        LOG",
    "a negated name": "EACH\n    more = i < last\n    if not more:\n        LOG",
    "and": "EACH\n    if args.log and i >= last:\n        LOG",
    "membership": "EACH\n    if i in (0,):\n        LOG",
    "once per epoch": "EACH\n    if (i + 1) % len(loader) == 0:\n        LOG",
    "once per epoch, by name": "size = len(loader)\nEACH\n    if (i + 1) % size == 0:\n        LOG",
    "a counter": "i = 0\nfor batch in loader:\n    i += 1\n    if i >= args.steps:\n        LOG",
    "a while loop": "i = batch = 0\nwhile i < args.steps:\n    i += 1\n    if i >= args.steps:\n        LOG",
    "before a break": "for batch in loader:\n    if batch >= 2:\n        LOG\n        break",
    "a break in the else": "EACH\n    if batch < 2:\n        pass\n    else:\n        LOG\n        break",
    "a conditional expression": "EACH\n    LOG if i == last else None",
    "a case": "EACH\n    match i:\n        case 0:\n            LOG",
    "and as a statement": "EACH\n    i == last and LOG",
    "at the end of the data": "data = iter(loader)\nwhile True:\n    try:\n        batch = next(data)\n"
    "    except StopIteration:\n        LOG\n        break",
    "the else of the loop": "EACH\n    pass\nelse:\n    LOG",
    "two conditions": "EACH\n    if args.log:\n        if i == last:\n            LOG",
    "counted from one": "for n, batch in enumerate(loader, 1):\n    if n == len(loader):\n        LOG",
    "a range": "batch = 1\nfor n in range(len(loader)):\n    if n + 1 == len(loader):\n        LOG",
    "a function": "EACH\n    if ends(i, len(loader)):\n        LOG",
    "a function that logs": "EACH\n    at_end(i, len(loader), epoch)",
    "the first of the outer loop": "EACH\n    if epoch < 1:\n        INNER",
    "the last of the outer loop": "EACH\n    if epoch + 1 >= epochs:\n        INNER",
}

EVERY_ITERATION = {
    "no condition": "for n, batch in enumerate(loader):\n    LOG",
    "now and then": "EACH\n    if i % 2 == 0:\n        LOG",
    "now and then, by an interval": "EACH\n    if i % args.every == 0:\n        LOG",
    "not now and then": "EACH\n    if not i % args.every:\n        LOG",
    "all but the first": "EACH\n    if i > 0:\n        LOG",
    "all but the last": "EACH\n    if i < len(loader) - 1:\n        LOG",
    "unequal": "EACH\n    if i != last:\n        LOG",
    "skips the first": "EACH\n    if i == 0:\n        continue\n    LOG",
    "the others": "EACH\n    if i == last:\n        pass\n    else:\n        LOG",
    "the first ones": "EACH\n    if i < 3:\n        LOG",
    "truth of the index": "EACH\n    if i:\n        LOG",
    "a setting": "EACH\n    if args.log:\n        LOG",
    "now and then, or at the end": "EACH\n    if i % args.every == 0 or i == last:\n        LOG",
    "two values": "EACH\n    if i in (0, 2):\n        LOG",
    "an inner loop under the condition": "EACH\n    INNER",
    "a case of something else": "EACH\n    match args.log:\n        case True:\n            LOG",
    "after an early end": "EACH\n    if batch > 100:\n        break\n    LOG",
}

BEFORE = """\
def ends(i, size):
    return i + 1 == size


def at_end(n, total, epoch):
    if n + 1 < total:
        return
    wandb.log({"loss": 1}, step=epoch, commit=True)

"""


def program(body: str) -> str:
    log = 'wandb.log({"loss": batch}, step=epoch, commit=True)'
    body = body.replace("EACH", "for i, batch in enumerate(loader):").replace("LOG", log)
    body = body.replace("INNER", 'wandb.log({"loss": batch}, step=i)')
    return PROGRAM.format(before=BEFORE, body=indent(body, " " * 8))


class _Wandb:
    """Counts the rows that wandb drops."""

    def __init__(self) -> None:
        self.current = self.dropped = 0

    def init(self, project: str) -> None:
        pass

    def log(self, row: dict[str, object], step: int, *, commit: bool = False) -> None:
        self.dropped += step < self.current
        self.current = max(self.current, step) + commit


def dropped(source: str) -> int:
    fake = _Wandb()
    args = SimpleNamespace(loader=[0, 1, 2, 3], epochs=3, steps=4, every=2, log=True)
    exec(source.replace("import wandb\n", ""), {"wandb": fake, "args": args})
    return fake.dropped


def found(tmp_path: Path, source: str) -> list[str]:
    result = lint(
        tmp_path, {"train.py": source.replace("import wandb\n", "import wandb\nfrom conf import args\n", 1)}
    )
    return [finding.code for finding in result.findings if finding.code == "WB303"]


TRAINER = """\
import wandb
from schedule import CHECKS


class Trainer:
    def __init__(self, loader, epochs):
        self.loader = loader
        self.epochs = epochs
        self.epoch = 0
        self.seen = 0
        self.run = wandb.init(project="p")

    def fit(self):
        for epoch in range(self.epochs):
            self.epoch = epoch
            self.seen = 0
            for i, batch in enumerate(self.loader):
                self.is_end = i == len(self.loader) - 1
                self.seen += 1
                self.after(i, batch, epoch)

    def ends(self):
        return self.seen >= len(self.loader)

    def after(self, i, batch, epoch):
        {test}
            self.run.log({{"loss": batch}}, step=epoch, commit=True)


Trainer(load(), 10).fit()
"""

SCHEDULE = """
def is_last(i, size):
    if i + 1 == size:
        return True
    return False


def goes_on(position, size):
    return position < size - 1


def is_due(i, every):
    return i % every == 0
"""

IN_A_CLASS = [
    "if self.seen == len(self.loader):",
    "if self.seen >= len(self.loader):",
    "if self.is_end:",
    "if self.ends():",
    "if i + 1 >= len(self.loader):",
    "if is_last(i, len(self.loader)):",
    "if not goes_on(i, len(self.loader)):",
]

MANY_IN_A_CLASS = [
    "if self.seen % 10 == 0:",
    "if not self.is_end:",
    "if is_due(i, 10):",
    "if self.epochs > 1:",
]


def in_a_class(tmp_path: Path, test: str) -> list[str]:
    source = TRAINER.format(test=test).replace("CHECKS", "goes_on, is_due, is_last")
    result = lint(tmp_path, {"train.py": source, "schedule.py": SCHEDULE})
    return [finding.code for finding in result.findings if finding.code == "WB303"]


@pytest.mark.parametrize("test", IN_A_CLASS)
def test_one_iteration_in_a_class(tmp_path: Path, test: str) -> None:
    assert in_a_class(tmp_path, test) == []


@pytest.mark.parametrize("test", MANY_IN_A_CLASS)
def test_many_iterations_in_a_class(tmp_path: Path, test: str) -> None:
    assert in_a_class(tmp_path, test) == ["WB303"]


@pytest.mark.parametrize("name", ONE_ITERATION)
def test_a_row_per_epoch_is_kept(tmp_path: Path, name: str) -> None:
    source = program(ONE_ITERATION[name])
    assert dropped(source) == 0
    assert found(tmp_path, source) == []


@pytest.mark.parametrize("name", EVERY_ITERATION)
def test_a_row_per_iteration_is_dropped(tmp_path: Path, name: str) -> None:
    source = program(EVERY_ITERATION[name])
    assert dropped(source) > 0
    assert found(tmp_path, source) == ["WB303"]


def test_the_message_names_what_stands_in_the_line(tmp_path: Path) -> None:
    text = (
        "import wandb\n\n\nclass Trainer:\n    def __init__(self):\n        self.total_it = 0\n\n"
        "    def train(self):\n        self.total_it += 1\n\n\n"
        "trainer = Trainer()\nwandb.init()\n"
        "for i in range(9):\n    wandb.log({'a': i}, step=i)\n"
        "for epoch in range(30):\n    trainer.train()\n    wandb.log({'loss': 1.0}, step=trainer.total_it)\n"
    )
    (finding,) = lint(tmp_path, {"a.py": text}).findings
    assert finding.code == "WB303"
    assert finding.message.startswith("`step=trainer.total_it` and `step=i` log to one run ")


@pytest.mark.parametrize(
    ("before", "at_start", "at_end", "codes"),
    [
        ("wandb.init()", "pass", "pass", ["WB303"]),
        ("pass", "wandb.init()", "wandb.finish()", []),
        # Where no run is known, no row is known to be lost.
        ("pass", "pass", "pass", []),
    ],
)
def test_only_a_run_that_is_continued_loses_rows(
    tmp_path: Path, before: str, at_start: str, at_end: str, codes: list[str]
) -> None:
    program = f"""\
import wandb

def train(config, batches):
    total = 0
    if config.project:
        {at_start}
    for batch in batches:
        total += len(batch)
        if config.project:
            wandb.log({{"loss": 1.0}}, step=total)
    if config.project:
        {at_end}

def main(raw, positions):
    {before}
    for position in positions:
        train(replace(raw, position), load(position))

main(read(), names())
"""
    findings = lint(tmp_path, {"pyproject.toml": "", "train.py": program}).findings
    assert [finding.code for finding in findings] == codes


def test_a_function_that_unseen_code_may_call_does_not_restart_its_counter(tmp_path: Path) -> None:
    program = """\
import wandb
from somewhere import Base

class Trainer(Base):
    def prepare(self):
        for pool in self.pools:
            self.group = self.make_group()

    def fit(self):
        self.total = 0
        for _ in range(100):
            wandb.log({"v": 1.0}, step=self.total)
            self.total += 1

class Runner:
    def run(self):
        trainer = Trainer()
        trainer.prepare()
        trainer.fit()
"""
    assert lint(tmp_path, {"pyproject.toml": "", "train.py": program}).findings == []


def test_the_place_where_a_counter_starts_again_is_shown(tmp_path: Path) -> None:
    folds = """\
import wandb
from training import fit

run = wandb.init()
for fold in range(5):
    epoch = 0
    while epoch < 10:
        fit(run, epoch)
        epoch += 1
"""
    training = "def fit(run, epoch):\n    run.log({'loss': 1.0}, step=epoch)\n"
    (finding,) = lint(tmp_path, {"folds.py": folds, "training.py": training}).findings
    (restart,) = finding.related
    assert finding.span.path == "training.py"
    assert restart.message == "the counter starts again here"
    assert restart.span.path == "folds.py"
    assert "epoch" in folds[restart.span.start : restart.span.end]


def test_an_attribute_that_follows_a_loop_counts_no_steps_of_its_own(tmp_path: Path) -> None:
    program = """\
import wandb

class Trainer:
    def __init__(self, config):
        self.current = 0
        self.config = config
        self.run = wandb.init()

    def evaluate(self):
        self.run.log({"val": 1.0}, step=self.current)

    def loop(self):
        for step in range(self.current, self.config.iterations):
            self.current = step
            if step % 100 == 0:
                self.evaluate()
            if self.current % self.config.interval == 0:
                self.run.log({"loss": 1.0}, step=self.current)
        self.current += 1
        self.evaluate()

Trainer(load()).loop()
"""
    assert lint(tmp_path, {"train.py": program}).findings == []
