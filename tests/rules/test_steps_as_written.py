"""WB302 and WB303 in the shapes in which people write steps.

Each program runs here, too, with a stand-in that applies wandb's rule to the steps: what is reported loses
rows, what is not reported loses none, or a first one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from tests.engine_runs import lint, locations
from wandblint.app.settings import Settings
from wandblint.semantics.rows import Rows

DROPPING = {
    "one row without a step first": """
        import torch, wandb
        wandb.init(project="p")
        wandb.log({"params": 1})
        for i, b in enumerate(torch.load("x")):
            wandb.log({"a": 1}, step=i)  # WB302
        """,
    "a row without a step before each loop of a run per fold": """
        import torch, wandb
        for fold in range(3):
            run = wandb.init(project="p", reinit="finish_previous")
            run.log({"fold": fold})
            for i, b in enumerate(torch.load("x")):
                run.log({"a": 1}, step=i)  # WB302
        """,
    "an attribute as loop variable": """
        import torch, wandb
        class T:
            def __init__(self, loader):
                self.epoch = 0
                self.step = 0
                self.loader = loader
                self.run = wandb.init(project="p")
            def fit(self):
                for self.epoch in range(10):
                    for b in self.loader:
                        self.run.log({"a": 1}, step=self.step)
                        self.step += 1
                    self.evaluate()
            def evaluate(self):
                self.run.log({"v": 1}, step=self.epoch)  # WB303
        T(torch.load("x")).fit()
        """,
    "a counter in a thread": """
        import threading, wandb
        def monitor(run):
            n = 0
            while True:
                run.log({"gpu": 1}, step=n)
                n += 1
        def main():
            run = wandb.init(project="p")
            threading.Thread(target=monitor, args=(run,), daemon=True).start()
            for step in range(1000):
                run.log({"loss": 1}, step=step)  # WB303
        main()
        """,
    "a counter in a class of threads": """
        import threading, time, wandb
        class Monitor(threading.Thread):
            def __init__(self, run):
                super().__init__(daemon=True)
                self.run_ = run
                self.count = 0
            def run(self):
                while True:
                    self.run_.log({"gpu": 1}, step=self.count)
                    self.count += 1
                    time.sleep(5)
        def main():
            run = wandb.init(project="p")
            m = Monitor(run)
            m.start()
            for step in range(1000):
                run.log({"loss": 1}, step=step)  # WB303
        main()
        """,
    "an offset that all epochs share": """
        import torch, wandb
        def main(args, loader):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                for i, b in enumerate(loader):
                    wandb.log({"a": 1}, step=args.offset + i)  # WB303
        main(torch.load("a"), torch.load("b"))
        """,
    "epochs, and batches over all epochs": """
        import torch, wandb
        def main(args, loader):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                for i, b in enumerate(loader):
                    wandb.log({"a": 1}, step=epoch * len(loader) + i)
                wandb.log({"v": 1}, step=epoch)  # WB303
        main(torch.load("a"), torch.load("b"))
        """,
    "the first batch of the epoch, after its last one": """
        import torch, wandb
        def main(args, loader):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                for i, b in enumerate(loader):
                    wandb.log({"a": 1}, step=epoch * len(loader) + i)
                wandb.log({"v": 1}, step=epoch * len(loader))  # WB303
        main(torch.load("a"), torch.load("b"))
        """,
    "rows without a step, and their number": """
        import wandb
        wandb.init(project="p")
        for epoch in range(10):
            for i in range(100):
                wandb.log({"a": 1})
            wandb.log({"v": 1}, step=(epoch + 1) * 100, commit=True)  # WB302
        """,
    "a clock in a wrapper": """
        import time, torch, wandb
        class L:
            def __init__(self):
                self.start = time.monotonic()
                self.run = wandb.init(project="p")
            def log_time(self, d):
                self.run.log(d, step=round(time.monotonic() - self.start))  # WB303
            def log_step(self, d, step):
                self.run.log(d, step=step)
        l = L()
        for i in range(100):
            l.log_step({"a": 1}, i)
            l.log_time({"b": 1})
        """,
    "an attribute that is None before": """
        import torch, wandb
        class W:
            def __init__(self):
                self.step = None
                self.run = wandb.init(project="p")
            def set_step(self, s):
                self.step = s
            def put(self, d):
                self.run.log(d, step=self.step, commit=True)  # WB302
        def main(loader):
            w = W()
            for i, b in enumerate(loader):
                w.set_step(i)
                w.put({"a": 1})
                w.put({"b": 1})
        main(torch.load("a"))
        """,
    "a conjunction in another order": """
        import torch, wandb
        def main(loader, args):
            if args.wandb:
                wandb.init(project="p")
            for epoch in range(10):
                for b in loader:
                    if args.wandb and args.verbose and args.main:
                        wandb.log({"a": 1})
                if args.main and args.verbose and args.wandb:
                    wandb.log({"v": 1}, step=epoch)  # WB302
        main(torch.load("a"), torch.load("b"))
        """,
    "two flags": """
        import argparse, wandb
        p = argparse.ArgumentParser()
        p.add_argument("--train", action="store_true")
        p.add_argument("--evaluate", action="store_true")
        args = p.parse_args()
        wandb.init(project="p")
        if args.train:
            for i in range(10):
                wandb.log({"a": 1}, step=i)
        if args.evaluate:
            for i in range(10):
                wandb.log({"b": 1}, step=i)  # WB303
        """,
    "two rows without a step against a counter from one": """
        import wandb
        wandb.init(project="p")
        for i in range(1, 100):
            wandb.log({"a": 1})
            wandb.log({"b": 1})
            wandb.log({"c": 1}, step=i)  # WB302
        """,
    "a row now and then between two with the step": """
        import torch, wandb
        def main(every):
            wandb.init(project="p")
            for i in range(100):
                wandb.log({"a": 1}, step=i)
                if i % every == 0:
                    wandb.log({"v": 1})
                wandb.log({"c": 1}, step=i)  # WB302
        main(torch.load("a"))
        """,
    "a row now and then, and the step again": """
        import torch, wandb
        def main(every):
            wandb.init(project="p")
            for i in range(100):
                wandb.log({"a": 1}, step=i)
                if i % every == 0:
                    wandb.log({"v": 1})
                    wandb.log({"c": 1}, step=i)  # WB302
        main(torch.load("a"))
        """,
    "a row now and then before the step, and another in each iteration": """
        import torch, wandb
        def main(every):
            wandb.init(project="p")
            for i in range(100):
                if i % every == 0:
                    wandb.log({"v": 1})
                wandb.log({"a": 1}, step=i)  # WB302
                wandb.log({"c": 1})
        main(torch.load("a"))
        """,
    "a literal at the end": """
        import wandb
        wandb.init(project="p")
        for i in range(100):
            wandb.log({"a": 1}, step=i)
        wandb.log({"final": 1}, step=0)  # WB303
        """,
    "a large literal first": """
        import torch, wandb
        wandb.init(project="p")
        wandb.log({"zero": 1}, step=100000)
        for i, b in enumerate(torch.load("x")):
            wandb.log({"a": 1}, step=i)  # WB303
        """,
    "the default of a wrapper": """
        import torch, wandb
        class Logger:
            def __init__(self):
                self.run = wandb.init(project="p")
            def scalar(self, name, value, step=0):
                self.run.log({name: value}, step=step)
        log = Logger()
        for i, b in enumerate(torch.load("x")):
            log.scalar("loss", 1.0, i + 1)
        log.scalar("test", 2.0)  # WB303
        """,
    "a loop without a step first": """
        import torch, wandb
        wandb.init(project="p")
        for b in torch.load("y"):
            wandb.log({"warm": 1})
        for i, b in enumerate(torch.load("x")):
            wandb.log({"a": 1}, step=i)  # WB302
        """,
    "one of several constants": """
        import sys, torch, wandb
        N = 16 if "--small" in sys.argv else 512
        def main(model, loader):
            wandb.init(project="p")
            for i, b in enumerate(loader):
                wandb.log({"loss": 1}, step=i * N)
                wandb.log({"other": 1}, step=i)  # WB303
        main(torch.load("a"), torch.load("b"))
        """,
    "samples, and batches": """
        import torch, wandb
        def main(model, loader, args):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                for i, b in enumerate(loader):
                    wandb.log({"loss": 1}, step=(epoch * len(loader) + i) * args.batch_size)
                wandb.log({"val": 1}, step=(epoch + 1) * len(loader))  # WB303
        main(torch.load("a"), torch.load("b"), torch.load("c"))
        """,
}
"""Programs that lose rows; comments mark the findings."""

KEEPING = {
    "one row without a step first, and a step from 1": """
        import torch, wandb
        wandb.init(project="p")
        wandb.log({"params": 1})
        for i, b in enumerate(torch.load("x")):
            wandb.log({"a": 1}, step=i + 1)
        """,
    "one row without a step first, and only some steps": """
        import torch, wandb
        wandb.init(project="p")
        wandb.log({"params": 1})
        for i, b in enumerate(torch.load("x")):
            if i % 10 == 9:
                wandb.log({"a": 1}, step=i)
        """,
    "an attribute as loop variable, one step per epoch": """
        import torch, wandb
        class T:
            def __init__(self, loader):
                self.epoch = 0
                self.loader = loader
                self.run = wandb.init(project="p")
            def fit(self):
                for self.epoch in range(10):
                    for b in self.loader:
                        self.run.log({"a": 1}, step=self.epoch)
                    self.evaluate()
            def evaluate(self):
                self.run.log({"v": 1}, step=self.epoch)
        T(torch.load("x")).fit()
        """,
    "an offset of each epoch": """
        import torch, wandb
        def main(args, loader):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                offset = epoch_offset(loader, epoch)
                for i, b in enumerate(loader):
                    wandb.log({"a": 1}, step=offset + i)
        def epoch_offset(loader, epoch):
            return torch.load(str(epoch))
        main(torch.load("a"), torch.load("b"))
        """,
    "the last batch of the epoch": """
        import torch, wandb
        def main(args, loader):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                for i, b in enumerate(loader):
                    wandb.log({"a": 1}, step=epoch * len(loader) + i)
                wandb.log({"v": 1}, step=(epoch + 1) * len(loader))
                wandb.log({"w": 1}, step=(epoch + 1) * len(loader) - 1 + 1)
        main(torch.load("a"), torch.load("b"))
        """,
    "a literal as last batch": """
        import wandb
        wandb.init(project="p")
        for epoch in range(10):
            for i in range(100):
                wandb.log({"a": 1}, step=epoch * 100 + i)
            wandb.log({"v": 1}, step=epoch * 100 + 99)
        """,
    "a literal that is the length": """
        import wandb
        wandb.init(project="p")
        gs = 0
        for epoch in range(10):
            for i in range(100):
                wandb.log({"a": 1}, step=gs)
                gs += 1
            wandb.log({"v": 1}, step=(epoch + 1) * 100)
        """,
    "rows without a step, and another number": """
        import torch, wandb
        def main(args, loader, val):
            wandb.init(project="p")
            for epoch in range(args.epochs):
                for b in val:
                    wandb.log({"a": 1})
                wandb.log({"v": 1}, step=(epoch + 1) * len(loader))
        main(torch.load("a"), torch.load("b"), torch.load("c"))
        """,
    "one clock for all": """
        import time, wandb
        run = wandb.init(project="p")
        t0 = time.time()
        for i in range(100):
            run.log({"a": 1}, step=int(time.time() - t0))
            run.log({"b": 1}, step=int(time.time() - t0))
        """,
    "a clock that starts over": """
        import time, wandb
        run = wandb.init(project="p")
        for i in range(100):
            t0 = time.time()
            run.log({"a": 1}, step=int(time.time() - t0))
        """,
    "an attribute that is None again and again": """
        import torch, wandb
        class W:
            def __init__(self):
                self.step = None
                self.run = wandb.init(project="p")
            def put(self, d):
                self.run.log(d, step=self.step)
        def main(loader):
            w = W()
            for i, b in enumerate(loader):
                w.step = i
                w.put({"a": 1})
                w.step = None
                w.put({"b": 1})
        main(torch.load("a"))
        """,
    "the other side of a conjunction": """
        import torch, wandb
        def main(loader, args):
            wandb.init(project="p")
            if args.a and args.b:
                for i in range(10):
                    wandb.log({"a": 1}, step=i)
            else:
                if args.a:
                    if args.b:
                        pass
                for j in range(10):
                    wandb.log({"a": 1}, step=j)
        main(torch.load("a"), torch.load("b"))
        """,
    "a negated conjunction": """
        import torch, wandb
        def main(loader, args):
            wandb.init(project="p")
            for i in range(10):
                if args.a and args.b:
                    wandb.log({"x": 1}, step=i)
            if not (args.a and args.b):
                for j in range(10):
                    wandb.log({"a": 1}, step=j)
            elif args.c:
                pass
        main(torch.load("a"), torch.load("b"))
        """,
    "one of two modes": """
        import argparse, wandb
        p = argparse.ArgumentParser()
        p.add_argument("--mode")
        args = p.parse_args()
        wandb.init(project="p")
        if args.mode == "train":
            for i in range(10):
                wandb.log({"a": 1}, step=i)
        if args.mode == "test":
            for i in range(10):
                wandb.log({"b": 1}, step=i)
        """,
    "a flag for another program": """
        import argparse, wandb
        p = argparse.ArgumentParser()
        p.add_argument("--evaluate", action="store_true")
        args = p.parse_args()
        wandb.init(project="p")
        if args.evaluate:
            for i in range(10):
                wandb.log({"b": 1}, step=i)
            raise SystemExit
        for i in range(10):
            wandb.log({"a": 1}, step=i)
        """,
    "one row without a step against a counter from one": """
        import wandb
        wandb.init(project="p")
        for i in range(1, 100):
            wandb.log({"a": 1})
            wandb.log({"c": 1}, step=i)
        """,
    "a row now and then before the step": """
        import torch, wandb
        def main(every):
            wandb.init(project="p")
            for i in range(100):
                if i % every == 0:
                    wandb.log({"v": 1})
                wandb.log({"a": 1}, step=i)
        main(torch.load("a"))
        """,
    "both rows now and then": """
        import torch, wandb
        def main(every):
            wandb.init(project="p")
            for i in range(100):
                if i % every == 0:
                    wandb.log({"v": 1})
                    wandb.log({"a": 1}, step=i)
        main(torch.load("a"))
        """,
    "a literal first": """
        import wandb
        wandb.init(project="p")
        wandb.log({"config": 1}, step=0)
        for i in range(100):
            wandb.log({"a": 1}, step=i)
        """,
    "a wrapper without a default": """
        import torch, wandb
        class Logger:
            def __init__(self):
                self.run = wandb.init(project="p")
            def scalar(self, name, value, step=None):
                self.run.log({name: value}, step=step)
        log = Logger()
        for i, b in enumerate(torch.load("x")):
            log.scalar("loss", 1.0, i + 1)
        log.scalar("test", 2.0)
        """,
    "an attribute of a state": """
        import torch, wandb
        def step(state, i):
            if state.should_log:
                wandb.log({"x": 1})
        def main(state):
            wandb.init(project="p")
            for i in range(100):
                step(state, i)
                wandb.log({"a": 1}, step=i)
        main(torch.load("a"))
        """,
    "rows without a step in a thread": """
        import threading, wandb
        def monitor(run):
            while True:
                run.log({"gpu": 1})
        def main():
            run = wandb.init(project="p")
            threading.Thread(target=monitor, args=(run,), daemon=True).start()
            for step in range(1000):
                run.log({"loss": 1}, step=step)
        main()
        """,
}
"""Programs that lose no row, except perhaps the first."""

NOT_RUN = {
    *("a counter in a thread", "a counter in a class of threads", "rows without a step in a thread"),
    *("an offset of each epoch", "an attribute of a state"),
}
"""Programs whose threads, or what they load, decide."""

FLAGS = ("train", "evaluate")

MANY = """
import json
import wandb
def main(model, loader):
    wandb.init(project="p")
    seen = 0
    for epoch in range(10):
        for batch in loader:
            seen += 1
{calls}
        wandb.log({{"val": 1}}, step=epoch)
main(json.loads("1"), json.loads("[]"))
"""


class Anything(int):
    """The number 3, which also has items, attributes and a length, and can be called."""

    def __new__(cls) -> Anything:
        return super().__new__(cls, 3)

    def __iter__(self) -> Iterator[int]:
        return iter(range(4))

    def __len__(self) -> int:
        return 4

    def __getattr__(self, name: str) -> Anything:
        return Anything()

    def __call__(self, *args: object) -> float:
        return 1.0


class StandIn(ModuleType):
    """`wandb` with a single run, which counts the rows that it drops."""

    def __init__(self) -> None:
        super().__init__("wandb")
        self.rows, self.dropped = Rows(), 0

    def init(self, **_: object) -> StandIn:
        return self

    def log(self, data: object, step: int | None = None, commit: bool | None = None) -> None:
        self.dropped += not self.rows.log(step, commit=commit)


def dropped(program: str, monkeypatch: pytest.MonkeyPatch) -> int:
    wandb, torch, time = StandIn(), ModuleType("torch"), ModuleType("time")
    seconds = iter(range(0, 10**6, 10))
    torch.__dict__["load"] = lambda _: Anything()
    time.__dict__.update(dict.fromkeys(("time", "monotonic"), lambda: next(seconds)))
    for module in (wandb, torch, time):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys, "argv", ["t.py", *(f"--{flag}" for flag in FLAGS if f"--{flag}" in program)])
    with suppress(SystemExit):
        exec(dedent(program), {"__name__": "__main__"})
    return wandb.dropped


def expected(program: str) -> list[str]:
    lines = dedent(program).splitlines()
    return [f"{row} {line.rpartition('# ')[2]}" for row, line in enumerate(lines, 1) if "# WB" in line]


def found(tmp_path: Path, program: str) -> list[str]:
    result = lint(tmp_path, {"t.py": dedent(program)})
    return [f"{place.split(':')[1]} {place.split()[1]}" for place in locations(result)]


@pytest.mark.parametrize("name", DROPPING)
def test_a_program_that_drops_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert expected(DROPPING[name])
    assert found(tmp_path, DROPPING[name]) == expected(DROPPING[name])
    if name not in NOT_RUN:
        assert dropped(DROPPING[name], monkeypatch) > 0


@pytest.mark.parametrize("name", KEEPING)
def test_a_program_that_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert found(tmp_path, KEEPING[name]) == []
    if name not in NOT_RUN:
        assert dropped(KEEPING[name], monkeypatch) <= 1


def test_many_calls(tmp_path: Path) -> None:
    calls = "\n".join(f'            wandb.log({{"m{number}": model()}}, step=seen)' for number in range(120))
    assert found(tmp_path, MANY.format(calls=calls)) == ["130 WB303"]


def test_two_flags_that_may_both_be_on_are_less_certain(tmp_path: Path) -> None:
    (finding,) = lint(tmp_path, {"t.py": dedent(DROPPING["two flags"])}).findings
    assert finding.confidence == "medium"


SELECTED = """\
import wandb

wandb.init(project="p")
wandb.define_metric("val", step_metric="epoch")
for epoch in range(10):
    for i in range(100):
        wandb.log({"a": 1}, step=epoch * 100 + i)
    wandb.log({"val": 1, "epoch": epoch}, step=epoch)
"""


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        (Settings(), ["WB301"]),
        (Settings(select=["WB303"]), ["WB303"]),
        (Settings(select=["WB302"]), []),
        (Settings(per_file_ignores={"t.py": ["WB301"]}), ["WB303"]),
    ],
)
def test_a_cause_is_reported_by_a_rule_that_runs(
    tmp_path: Path, settings: Settings, codes: list[str]
) -> None:
    findings = lint(tmp_path, {"t.py": SELECTED}, settings).findings
    assert sorted(finding.code for finding in findings) == codes
