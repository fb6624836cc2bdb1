"""Runs: which init site a log call may belong to, across files, classes and entry points."""

from __future__ import annotations

import pytest

from tests.analysis.projects import FilesInMemory, keys_of, model_of
from wandblint.analysis import analyze

LOG = 'run.log({"loss": 1})'


@pytest.mark.parametrize(
    "source",
    [
        'import wandb\nrun = wandb.init()\nrun.log({"loss": 1})',
        'import wandb as wb\nwb.init()\nwb.log({"loss": 1})',
        'from wandb import init\ninit()\nfrom wandb import log\nlog({"loss": 1})',
        """
            def main():
                import wandb
                wandb.init()
                wandb.run.log({"loss": 1})
            main()
            """,
        """
            try:
                import wandb
            except ImportError:
                wandb = None
            if wandb is not None:
                wandb.init()
                wandb.log({"loss": 1})
            """,
        'import wandb\ndef start():\n    return wandb.init()\nstart().log({"loss": 1})',
        'import wandb\nwith wandb.init() as run:\n    run.log({"loss": 1})',
        """
            import wandb
            RUN = None
            def start():
                global RUN
                RUN = wandb.init()
            start()
            RUN.log({"loss": 1})
            """,
        """
            import wandb
            class T:
                def __init__(self):
                    self.run = wandb.init()
                def go(self):
                    self.run.log({"loss": 1})
            T().go()
            """,
        """
            import wandb
            from dataclasses import dataclass
            @dataclass
            class C:
                run: object
            def go(c):
                c.run.log({"loss": 1})
            go(C(wandb.init()))
            """,
        """
            import wandb
            from contextlib import contextmanager
            @contextmanager
            def tracking():
                yield wandb.init()
            with tracking() as run:
                run.log({"loss": 1})
            """,
        """
            import wandb
            class T:
                @property
                def run(self):
                    return wandb.init()
            T().run.log({"loss": 1})
            """,
        """
            import wandb
            class A:
                def put(self):
                    self.run.log({"loss": 1})
            class B(A):
                def __init__(self):
                    super().__init__()
                    self.run = wandb.init()
            B().put()
            """,
        'import wandb\nif __name__ == "__main__":\n    wandb.init()\n    wandb.log({"loss": 1})',
    ],
)
def test_the_run_of_a_log_call_is_known(source: str) -> None:
    model = model_of(source)
    (call,) = model.log_calls
    assert call.runs == {init.span for init in model.inits}
    assert call.is_must


@pytest.mark.parametrize(
    "files",
    [
        {
            "main.py": "import wandb\nfrom helpers import put\nput(wandb.init())",
            "helpers.py": f"def put(run):\n    {LOG}",
        },
        {
            "src/lab/tracking.py": f"def put(run):\n    {LOG}",
            "src/lab/__init__.py": "",
            "scripts/main.py": """
                import sys
                sys.path.insert(0, 'src')
                import wandb
                from lab.tracking import put
                put(wandb.init())
                """,
        },
        {
            "lab/__init__.py": "from .tracking import put",
            "lab/tracking.py": f"def put(run):\n    {LOG}",
            "lab/main.py": "import wandb\nfrom . import put\nput(wandb.init())",
        },
        {
            "lab/tracking.py": f"def put(run):\n    {LOG}",
            "lab/main.py": "import wandb\nfrom lab import tracking\ntracking.put(wandb.init())",
        },
        {
            "lab/__init__.py": "from lab.tracking import *",
            "lab/tracking.py": f"import wandb\ndef put(run):\n    {LOG}",
            "main.py": "import wandb\nimport lab\nlab.put(wandb.init())",
        },
    ],
)
def test_a_run_is_tracked_across_files(files: dict[str, str]) -> None:
    model = model_of(files)
    (init,) = model.inits
    assert {(str(key.name), call.runs) for call in model.log_calls for key in call.keys} == {
        ("loss", frozenset({init.span}))
    }


def test_a_receiver_of_unknown_type_is_resolved_by_the_name_of_the_method() -> None:
    model = model_of(
        {
            "tracking.py": """
                import wandb
                class Tracker:
                    def __init__(self):
                        self.run = wandb.init()
                    def put_metric(self, name, value):
                        self.run.log({name: value})
                """,
            "main.py": """
                from tracking import Tracker
                def train(trainer):
                    trainer.tracker.put_metric("loss", 1)
                Tracker()
                """,
        }
    )
    assert {str(key.name) for call in model.log_calls if call.runs for key in call.keys} == {"loss"}


@pytest.mark.parametrize(
    "source",
    [
        'import wandb, math\nmath.log({"a": 1})',
        'import wandb\nfrom unittest.mock import MagicMock\nrun = MagicMock()\nrun.log({"a": 1})',
        'import wandb\nrun = wandb.init(mode="disabled")\nrun.log({"a": 1})',
        'import wandb\nrun = None\nrun.log({"a": 1})',
    ],
)
def test_a_receiver_that_is_not_a_run_logs_nothing(source: str) -> None:
    assert all(not call.is_must for call in model_of(source).log_calls)


def test_a_package_of_the_project_named_wandb_is_not_wandb() -> None:
    model = model_of(
        {
            "wandb/__init__.py": """
            def init(): ...
            def log(row): ...
            """,
            "main.py": """
            import wandb
            wandb.init()
            """,
        }
    )
    assert model.inits == []


def test_two_scripts_that_open_the_run_by_one_function_are_two_sessions() -> None:
    files = {
        "setup_run.py": "import wandb\ndef start():\n    return wandb.init()",
        "train.py": """
            from setup_run import start
            run = start()
            run.define_metric('a/*', step_metric='a/step')
            """,
        "evaluate.py": "from setup_run import start\nrun = start()\nrun.log({'a/loss': 1})",
    }
    (session,) = model_of(files).sessions()
    assert session.log_calls == ()
    assert [str(key.name) for call in session.rows for key in call.keys] == ["a/loss"]


def test_a_second_init_knows_which_runs_may_be_active() -> None:
    model = model_of(
        """
            import wandb
            first = wandb.init()
            second = wandb.init(reinit=True)
            second.finish()
            third = wandb.init()
            """
    )
    first, second, third = model.inits
    assert second.while_active == {first.span}
    assert second.is_surely_active
    assert third.while_active == frozenset()


def test_only_files_that_matter_are_read() -> None:
    files = FilesInMemory(
        {
            "train.py": """
                import wandb
                from models import Net
                net = Net()
                wandb.init()
                wandb.log({'loss': net(1)})
                """,
            "models.py": "class Net:\n    def __call__(self, x):\n        return x",
            "plots.py": "import matplotlib",
            "report.py": "from plots import draw",
        }
    )
    analyze(files)
    assert "plots.py" not in files.queried
    assert "report.py" not in files.queried


def test_a_caller_that_does_not_mention_wandb_is_read() -> None:
    files = {
        "tracking.py": """
            import wandb
            def start():
                return wandb.init()
            def put(run, stage):
                run.log({f'{stage}/loss': 1})
            """,
        "train.py": "from tracking import start, put\nput(start(), 'speech')",
    }
    assert keys_of(files) == {"speech/loss"}


def test_recursion_and_cyclic_imports_end() -> None:
    files = {
        "a.py": """
            import wandb
            from b import *
            run = wandb.init()
            def put(n):
                run.log({'x': n})
                put(n - 1)
            put(3)
            """,
        "b.py": "from a import *\nclass Loop(Loop): pass\nvalue = missing",
    }
    assert keys_of(files) == {"x"}


def test_a_module_of_a_package_that_is_called_wandb_imports_the_real_one() -> None:
    files = {
        "stores/__init__.py": "",
        "stores/wandb.py": """
            import wandb


            def start():
                return wandb.init()
            """,
        "stores/plain.py": "import wandb\n\nwandb.init()\n",
    }
    assert {init.span.path for init in model_of(files).inits} == {"stores/wandb.py", "stores/plain.py"}


def test_an_init_that_no_entry_point_reaches_is_recorded_with_its_literals() -> None:
    source = """
        import wandb

        DEBUG = False
        if DEBUG:
            run = wandb.init(reinit=True)
        """
    (init,) = model_of(source).inits
    reinit = init.argument("reinit")
    assert reinit is not None
    assert reinit.literal is True
