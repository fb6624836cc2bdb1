"""WB102 with runs that an exit stack, a callback or a context manager closes, and with unknown receivers."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.engine_runs import lint

HEAD = """\
import atexit
import contextlib
import functools
from contextlib import AsyncExitStack, ExitStack
import wandb
"""

CLOSED = {
    "enter_context": """
        for seed in range(5):
            with contextlib.ExitStack() as stack:
                run = stack.enter_context(wandb.init(project="p", config={"seed": seed}))
                run.log({"loss": seed})
        """,
    "callback": """
        for seed in load():
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                stack.callback(run.finish)
        """,
    "callback of the module": """
        for seed in range(5):
            with ExitStack() as stack:
                wandb.init(project="p", config={"seed": seed})
                stack.callback(wandb.finish, exit_code=0)
        """,
    "callback of a lambda": """
        for seed in range(5):
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                stack.callback(lambda: run.finish())
        """,
    "callback with the run as argument": """
        def end(run, code):
            run.finish(exit_code=code)
        for seed in range(5):
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                stack.callback(end, run, code=0)
        """,
    "callback as decorator": """
        def main():
            for seed in range(5):
                with ExitStack() as stack:
                    run = wandb.init(project="p", config={"seed": seed})
                    @stack.callback
                    def end():
                        run.finish()
        main()
        """,
    "push": """
        for seed in range(5):
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                stack.push(run)
        """,
    "push of a function": """
        for seed in range(5):
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                stack.push(lambda *error: run.finish())
        """,
    "a stack that exists before": """
        stack = ExitStack()
        for seed in load():
            with stack:
                stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        """,
    "closed by hand": """
        for seed in range(5):
            stack = contextlib.ExitStack()
            stack.enter_context(wandb.init(project="p", config={"seed": seed}))
            stack.close()
        """,
    "closed in a finally": """
        for seed in range(5):
            stack = contextlib.ExitStack()
            try:
                stack.enter_context(wandb.init(project="p", config={"seed": seed}))
            finally:
                stack.close()
        """,
    "pop_all": """
        for seed in range(5):
            with ExitStack() as stack:
                stack.enter_context(wandb.init(project="p", config={"seed": seed}))
                kept = stack.pop_all()
            kept.close()
        """,
    "helpers": """
        def open_run(stack, seed):
            return stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        def close_all(stack):
            stack.close()
        for seed in range(5):
            stack = ExitStack()
            run = open_run(stack, seed)
            run.log({"loss": seed})
            close_all(stack)
        """,
    "a helper that makes the stack": """
        def open_run(seed):
            with ExitStack() as stack:
                run = stack.enter_context(wandb.init(project="p", config={"seed": seed}))
                return run, stack.pop_all()
        for seed in range(5):
            run, stack = open_run(seed)
            with stack:
                run.log({"loss": seed})
        """,
    "in self": """
        class Tracker:
            def __init__(self, seed):
                self.stack = ExitStack()
                self.run = self.stack.enter_context(wandb.init(project="p", config={"seed": seed}))
            def close(self):
                self.stack.close()
        for seed in range(5):
            tracker = Tracker(seed)
            tracker.run.log({"loss": seed})
            tracker.close()
        """,
    "in self, with pop_all": """
        class Tracker:
            def __enter__(self):
                with ExitStack() as stack:
                    self.run = stack.enter_context(wandb.init(project="p"))
                    self._stack = stack.pop_all()
                return self
            def __exit__(self, *error):
                return self._stack.__exit__(*error)
        for seed in range(5):
            with Tracker() as tracker:
                tracker.run.log({"loss": seed})
        """,
    "a method of another name": """
        class Tracker:
            def begin(self, seed):
                self.resources = contextlib.ExitStack()
                self.run = wandb.init(project="p", config={"seed": seed})
                self.resources.callback(self.run.finish)
            def done(self):
                self.resources.close()
        tracker = Tracker()
        for seed in range(5):
            tracker.begin(seed)
            tracker.done()
        """,
    "a subclass": """
        class Runs(ExitStack):
            def open(self, seed):
                return self.enter_context(wandb.init(project="p", config={"seed": seed}))
        for seed in range(5):
            with Runs() as runs:
                runs.open(seed)
        """,
    "asynchronous": """
        async def main():
            for seed in range(5):
                async with AsyncExitStack() as stack:
                    run = stack.enter_context(wandb.init(project="p", config={"seed": seed}))
                    run.log({"loss": seed})
        """,
    "asynchronous, closed by hand": """
        async def end(run):
            run.finish()
        async def main():
            for seed in range(5):
                stack = contextlib.AsyncExitStack()
                run = wandb.init(project="p", config={"seed": seed})
                stack.push_async_callback(end, run)
                await stack.aclose()
        """,
    "a generator that makes the stack": """
        @contextlib.contextmanager
        def resources():
            with ExitStack() as stack:
                yield stack
        for seed in range(5):
            with resources() as stack:
                stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        """,
    "a stack of the module": """
        stack = ExitStack()
        def start(seed):
            return stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        def stop():
            stack.close()
        for seed in range(5):
            start(seed)
            stop()
        """,
    "a field": """
        from dataclasses import dataclass, field
        @dataclass
        class Tracker:
            seed: int
            stack: ExitStack = field(default_factory=ExitStack)
            def start(self):
                self.run = self.stack.enter_context(wandb.init(project="p", config={"seed": self.seed}))
            def close(self):
                self.stack.close()
        for seed in range(5):
            tracker = Tracker(seed)
            tracker.start()
            tracker.close()
        """,
    "set later": """
        class Tracker:
            def __init__(self):
                self.stack = None
            def start(self, seed):
                self.stack = ExitStack()
                self.stack.enter_context(wandb.init(project="p", config={"seed": seed}))
            def close(self):
                if self.stack is not None:
                    self.stack.close()
                    self.stack = None
        def main():
            tracker = Tracker()
            for seed in load():
                try:
                    tracker.start(seed)
                finally:
                    tracker.close()
        main()
        """,
    "in a dictionary": """
        stacks = {}
        for seed in range(5):
            stacks["now"] = ExitStack()
            stacks["now"].enter_context(wandb.init(project="p", config={"seed": seed}))
            stacks["now"].close()
        """,
    "the exit method of the run": """
        for seed in range(5):
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                stack.push(run.__exit__)
        """,
    "several managers": """
        for seed in range(5):
            with open("log.txt") as log, ExitStack() as stack:
                stack.enter_context(open("x"))
                run = stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        """,
    "the stack is an argument of the constructor": """
        class Tracker:
            def __init__(self, stack, seed):
                self.run = wandb.init(project="p", config={"seed": seed})
                stack.callback(self.end)
            def end(self):
                self.run.finish()
        for seed in range(5):
            with ExitStack() as stack:
                Tracker(stack, seed)
        """,
    "closing": """
        class Tracker:
            def __init__(self, seed):
                self.run = wandb.init(project="p", config={"seed": seed})
            def close(self):
                self.run.finish()
        for seed in range(5):
            with contextlib.closing(Tracker(seed)) as tracker:
                tracker.run.log({"loss": seed})
        """,
    "closing of a run": """
        for seed in range(5):
            with contextlib.closing(wandb.init(project="p", config={"seed": seed})) as run:
                run.log({"loss": seed})
        """,
    "closing on a stack": """
        class Tracker:
            def __init__(self, seed):
                self.run = wandb.init(project="p", config={"seed": seed})
            def close(self):
                self.run.finish()
        for seed in range(5):
            with ExitStack() as stack:
                stack.enter_context(contextlib.closing(Tracker(seed)))
        """,
    "an unknown context manager gets the run": """
        from somewhere import managed
        for seed in range(5):
            with managed(wandb.init(project="p", config={"seed": seed})) as run:
                run.log({"loss": seed})
        """,
    "two runs after each other": """
        with ExitStack() as stack:
            run = stack.enter_context(wandb.init(project="p", name="first"))
        with ExitStack() as stack:
            run = stack.enter_context(wandb.init(project="p", name="second"))
        """,
    "registered under a condition": """
        for seed in range(5):
            with ExitStack() as stack:
                run = wandb.init(project="p", config={"seed": seed})
                if seed:
                    stack.callback(run.finish)
        """,
    "one of the objects in a list": """
        from frame import Observer
        class Several(Observer):
            def __init__(self, observers):
                self.observers = observers
            def before(self, name):
                for observer in self.observers:
                    getattr(observer, "before")(name)
        class Tracked(Observer):
            def __init__(self, project):
                self.project = project
            def before(self, name):
                wandb.init(project=self.project, name=name)
        class Plain(Observer):
            pass
        def main(config):
            observers = [Plain()]
            if config.project:
                observers.append(Tracked(config.project))
            Several(observers).before("x")
        main(load())
        """,
    "a second attempt after a failure": """
        def start(mode):
            try:
                return wandb.init(project="p")
            except Exception as error:
                print(error)
            if mode == "offline":
                return wandb.init(mode="offline", project="p")
        start(load()).log({"loss": 1})
        """,
    "a loop with a single iteration": """
        for seed in range(1):
            wandb.init(project="p", config={"seed": seed})
        """,
}

OPEN = {
    "objects that a loop puts into a list": """
        class Tracked:
            def before(self, name):
                wandb.init(project="p", name=name)
        observers = []
        for number in load():
            observers.append(Tracked())
        for observer in observers:
            observer.before("x")
        """,
    "an object that is put into a list twice": """
        class Tracked:
            def before(self, name):
                wandb.init(project="p", name=name)
        tracked, observers = Tracked(), []
        if load():
            observers.append(tracked)
        if load():
            observers.append(tracked)
        for observer in observers:
            observer.before("x")
        """,
    "without a stack": """
        for seed in range(5):
            run = wandb.init(project="p", config={"seed": seed})
            run.log({"loss": seed})
        """,
    "the stack is around the loop": """
        with ExitStack() as stack:
            for seed in range(5):
                run = stack.enter_context(wandb.init(project="p", config={"seed": seed}))
                run.log({"loss": seed})
        """,
    "callbacks of a stack around the loop": """
        with ExitStack() as stack:
            for seed in load():
                run = wandb.init(project="p", config={"seed": seed})
                stack.callback(run.finish)
        """,
    "a stack that nobody closes": """
        for seed in range(5):
            stack = ExitStack()
            stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        """,
    "the run is not on the stack": """
        for seed in range(5):
            with ExitStack() as stack:
                stack.enter_context(open("log.txt"))
                run = wandb.init(project="p", config={"seed": seed})
        """,
    "moved to a stack that stays open": """
        stacks = []
        for seed in range(5):
            with ExitStack() as stack:
                stack.enter_context(wandb.init(project="p", config={"seed": seed}))
                stacks.append(stack.pop_all())
        """,
    "at the exit of the process": """
        for seed in range(5):
            run = wandb.init(project="p", config={"seed": seed})
            atexit.register(run.finish)
        """,
    "a null context": """
        for seed in range(5):
            with contextlib.nullcontext(wandb.init(project="p", config={"seed": seed})) as run:
                run.log({"loss": seed})
        """,
    "a second run inside the with": """
        with ExitStack() as stack:
            stack.enter_context(wandb.init(project="p", name="first"))
            stack.enter_context(wandb.init(project="p", name="second"))
        """,
    "a generator that yields a stack around the loop": """
        @contextlib.contextmanager
        def resources():
            with ExitStack() as stack:
                yield stack
        with resources() as stack:
            for seed in range(5):
                stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        """,
    "in self, not closed": """
        class Tracker:
            def __init__(self, seed):
                self.stack = ExitStack()
                self.run = self.stack.enter_context(wandb.init(project="p", config={"seed": seed}))
        for seed in range(5):
            tracker = Tracker(seed)
            tracker.run.log({"loss": seed})
        """,
}

BACKEND = """
import torch
import wandb

class Backend:
    def log_metrics(self, metrics, step=None):
        '''At this step.'''

class WandB(Backend):
    def __init__(self):
        wandb.init(project="p")

    def log_metrics(self, metrics, step=None):
        wandb.log(metrics, step=step)

def main(model):
    backend = WandB()
    for batch in range(1000):
        backend.log_metrics({"loss": model(batch)}, step=batch)

main(torch.load("a"))
"""

OTHER = """
import wandb
from lightning.pytorch import LightningModule

class Model(LightningModule):
    def training_step(self, batch, batch_idx):
        self.logger.log_metrics({"loss": 1.0}, step=self.global_step)

wandb.termlog("ready")
"""

SCRIPT = """
import wandb

run = wandb.init(project="p", name="{name}")

class {name}:
    def report_all(self, rows):
        run.log(rows)

{name}().report_all({{"loss": 1}})
"""

ALTERNATIVES = """
import wandb

class First:
    def begin_tracking(self, name):
        wandb.init(project="p", name=name)

class Second:
    def begin_tracking(self, name):
        wandb.init(project="q", name=name)
"""

SEPARATE = {
    "two scripts with the same classes": {"first.py": BACKEND, "second.py": BACKEND, "other.py": OTHER},
    "three scripts": {"a.py": BACKEND, "b.py": BACKEND, "c.py": BACKEND, "other.py": OTHER},
    "scripts that open a run at their top level": {
        "first.py": SCRIPT.format(name="First"),
        "second.py": SCRIPT.format(name="Second"),
        "other.py": "import wandb\n\ndef go(reporter):\n    reporter.report_all({'loss': wandb.util})\n",
    },
    "candidates that open a run": {
        "backends.py": ALTERNATIVES,
        "train.py": "import wandb\nimport backends\n\n"
        "def go(backend):\n    backend.begin_tracking('x')\n    wandb.log({'a': 1})\n",
    },
    "candidates after a run": {
        "backends.py": ALTERNATIVES,
        "train.py": "import wandb\nimport backends\nfrom somewhere import backend\n"
        "wandb.init(project='p')\nbackend.begin_tracking('x')\n",
    },
    "a script asks for a method of another script": {
        "first.py": SCRIPT.format(name="First"),
        "train.py": "import wandb\nfrom somewhere import reporter\n"
        "reporter.report_all({'loss': 1})\nwandb.init(project='q', name='x')\n",
    },
}

SEPARATE |= {
    "an annotation whose subclasses are in scripts": {
        "base.py": "import wandb\n\nclass Backend:\n    def report(self, row):\n        wandb.log(row)\n",
        "first.py": "import wandb\nfrom base import Backend\nwandb.init(project='p')\n\n"
        "class First(Backend):\n    def report(self, row):\n        wandb.log(row)\n",
        "train.py": "import wandb\nfrom base import Backend\n\ndef go(backend: Backend):\n"
        "    backend.report({'a': 1})\n    wandb.init(project='q')\n\ngo(wandb.unknown)\n",
    },
}

TOGETHER = {
    "one script": {"train.py": "import wandb\nwandb.init(project='p')\nwandb.init(project='q')\n"},
    "an imported module opens a run": {
        "tracking.py": "import wandb\nrun = wandb.init(project='p')\n",
        "train.py": "import wandb\nfrom tracking import run\nrun.log({}, step=1)\nwandb.init(project='q')\n",
    },
    "a known receiver": {
        "backends.py": ALTERNATIVES,
        "train.py": "import wandb\nfrom backends import First\n"
        "wandb.init(project='q')\nFirst().begin_tracking('x')\n",
    },
    "two known receivers": {
        "backends.py": ALTERNATIVES,
        "train.py": "from backends import First, Second\n"
        "First().begin_tracking('x')\nSecond().begin_tracking('y')\n",
    },
    "a second run after a method of an unknown receiver": {
        "backends.py": ALTERNATIVES,
        "train.py": "import wandb\nfrom somewhere import model\n"
        "wandb.init(project='p')\nmodel.fit_all(1)\nwandb.init(project='q')\n",
    },
}


def found(tmp_path: Path, files: dict[str, str]) -> list[str]:
    return [finding.code for finding in lint(tmp_path, files).findings if finding.code == "WB102"]


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_run_is_not_active(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, {"train.py": HEAD + dedent(CLOSED[name])}) == []


@pytest.mark.parametrize("name", OPEN)
def test_an_open_run_is_active(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, {"train.py": HEAD + dedent(OPEN[name])}) == ["WB102"]


@pytest.mark.parametrize("name", SEPARATE)
def test_an_unknown_receiver_is_one_object(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, SEPARATE[name]) == []


@pytest.mark.parametrize("name", TOGETHER)
def test_code_that_certainly_runs_is_still_followed(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, TOGETHER[name]) == ["WB102"]
