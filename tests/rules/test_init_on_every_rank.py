"""WB502 with decorators, whatever their names, and with jobs of a single process."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.engine_runs import lint

HEAD = """\
import functools
import os
import torch.distributed as dist
import torch.multiprocessing as mp
import wandb
"""
START = '\ndef start():\n    wandb.init(project="p")\n'

GUARDED = {
    "a decorator that returns early": """
        def lonely(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                if dist.get_rank() != 0:
                    return None
                return function(*args, **kwargs)
            return inner
        @lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a decorator with arguments": """
        def only_on(number):
            def wrap(function):
                def inner(*args, **kwargs):
                    if dist.get_rank() == number:
                        return function(*args, **kwargs)
                return inner
            return wrap
        @only_on(0)
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "two decorators": """
        def timed(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        def lonely(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs) if int(os.environ["RANK"]) == 0 else None
            return inner
        @timed
        @lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a decorated method": """
        def lonely(method):
            def inner(self, *args):
                if self.rank == 0:
                    return method(self, *args)
            return inner
        class Tracker:
            def __init__(self):
                self.rank = dist.get_rank()
            @lonely
            def start(self):
                self.run = wandb.init(project="p")
        dist.init_process_group("gloo")
        Tracker().start()
        """,
    "a class as decorator": """
        class Lonely:
            def __init__(self, function):
                self.function = function
            def __call__(self, *args):
                if dist.get_rank() == 0:
                    return self.function(*args)
        @Lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "applied by hand": """
        def lonely(function):
            def inner():
                if dist.get_rank() == 0:
                    function()
            return inner
        def start():
            wandb.init(project="p")
        start = lonely(start)
        dist.init_process_group("gloo")
        start()
        """,
    "imported from elsewhere": """
        from somewhere.tools import lonely
        @lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "imported from elsewhere, with arguments": """
        import somewhere
        @somewhere.only(when="first")
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "imported from elsewhere, of a method": """
        from .tools import lonely
        class Tracker:
            @lonely
            def start(self):
                self.run = wandb.init(project="p")
        dist.init_process_group("gloo")
        Tracker().start()
        """,
    "imported from elsewhere, applied by hand": """
        from somewhere.tools import lonely
        def start():
            wandb.init(project="p")
        start = lonely(start)
        dist.init_process_group("gloo")
        start()
        """,
    "made with a library": """
        import wrapt
        @wrapt.decorator
        def lonely(wrapped, instance, args, kwargs):
            if dist.get_rank() == 0:
                return wrapped(*args, **kwargs)
        @lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "of a library": """
        from lightning.pytorch.utilities import rank_zero_only
        @rank_zero_only
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
}

ONE_PROCESS = {
    "a literal size": 'dist.init_process_group("gloo", rank=0, world_size=1)\nstart()',
    "a positional size": 'dist.init_process_group("gloo", "env://", None, 1, 0)\nstart()',
    "a variable": 'SIZE = 1\ndist.init_process_group("gloo", rank=0, world_size=SIZE)\nstart()',
    "in a function": """
        def join(size):
            os.environ["RANK"] = "0"
            dist.init_process_group("gloo", rank=0, world_size=size)
        join(1)
        start()
        """,
    "the environment": """
        os.environ["RANK"] = "0"
        os.environ["WORLD_SIZE"] = "1"
        dist.init_process_group("gloo")
        start()
        """,
    "one spawned process": """
        def worker(rank, size):
            dist.init_process_group("gloo", rank=rank, world_size=size)
            start()
        mp.spawn(worker, args=(1,), nprocs=1)
        """,
    "one spawned process by default": """
        def worker(rank):
            dist.init_process_group("gloo", rank=rank)
            start()
        mp.spawn(worker)
        """,
    "as many as a variable says": """
        def worker(rank, size):
            dist.init_process_group("gloo", rank=rank, world_size=size)
            start()
        def main():
            size = 1
            mp.spawn(worker, args=(size,), nprocs=size)
        main()
        """,
    "unless it is done already": """
        def join():
            if not dist.is_initialized():
                dist.init_process_group("gloo", rank=0, world_size=1)
        join()
        start()
        """,
    "a function that only joins": """
        def join(size):
            dist.init_process_group("gloo", rank=0, world_size=size)
        join(1)
        start()
        """,
    "start_processes": """
        def worker(rank):
            dist.init_process_group("gloo", rank=rank)
            start()
        mp.start_processes(worker, nprocs=1, start_method="fork")
        """,
    "jax": "import jax\njax.distributed.initialize(num_processes=1, process_id=0)\nstart()",
}

SWITCHED_OFF = """
class Trainer:
    def train(self):
        wandb.init(project="p")
        wandb.log({"loss": 1.0})
Trainer().train()
if %s:
    dist.init_process_group("nccl")
    if dist.get_rank() == 0:
        wandb.log({"loss": 1.0})
"""

ON_EVERY_RANK = {
    "a decorator that tests nothing": """
        def only_on_main(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        @only_on_main
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a decorator that tests nothing, although its name says so": """
        def rank_zero_only(function):
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        @rank_zero_only
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a decorator that asks and ignores the answer": """
        def lonely(function):
            def inner(*args, **kwargs):
                dist.get_rank()
                return function(*args, **kwargs)
            return inner
        @lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a decorator of a known library": """
        import torch
        @torch.no_grad()
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a command": """
        from torch.distributed.elastic.multiprocessing.errors import record
        @record
        def main(config):
            dist.init_process_group("gloo")
            wandb.init(project="p")
        main()
        """,
    "a class as decorator that tests nothing": """
        class Timed:
            def __init__(self, function):
                self.function = function
            def __call__(self, *args):
                return self.function(*args)
        @Timed
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "hydra's decorator": """
        import hydra
        @hydra.main(config_path="conf")
        def main(config):
            dist.init_process_group("nccl")
            wandb.init(project="p")
        main()
        """,
    "two decorators that test nothing": """
        def timed(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        @timed
        @timed
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """,
    "a size that is not known": """
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo", world_size=int(os.environ["WORLD_SIZE"]))
        start()
        """,
    "two processes": """
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo", rank=0, world_size=2)
        start()
        """,
    "two spawned processes": """
        def worker(rank, size):
            dist.init_process_group("gloo", rank=rank, world_size=size)
            wandb.init(project="p")
        mp.spawn(worker, args=(2,), nprocs=2)
        """,
    "as many as there are devices": """
        import torch
        def worker(rank, size):
            dist.init_process_group("gloo", rank=rank, world_size=size)
            wandb.init(project="p")
        mp.spawn(worker, args=(8,), nprocs=torch.cuda.device_count())
        """,
    "two alternatives": """
        def worker(rank, size):
            dist.init_process_group("gloo", rank=rank, world_size=size)
            wandb.init(project="p")
        mp.spawn(worker, args=(4,), nprocs=1 if os.environ.get("DEBUG") else 4)
        """,
}


DECORATORS = {
    "tests": "import torch.distributed as dist\n\n\ndef lonely(function):\n    def inner(*args):\n"
    "        if dist.get_rank() == 0:\n            return function(*args)\n    return inner\n",
    "asks only": "import torch.distributed as dist\n\n\ndef lonely(function):\n    def inner(*args):\n"
    "        dist.get_rank()\n        return function(*args)\n    return inner\n",
    "only its name": "def rank_zero_only(function):\n    def inner(*args):\n        return function(*args)\n"
    "    return inner\n\n\nlonely = rank_zero_only\n",
}


@pytest.mark.parametrize(
    ("name", "codes"), [("tests", []), ("asks only", ["WB502"]), ("only its name", ["WB502"])]
)
def test_a_decorator_of_a_file_that_does_not_mention_wandb(
    tmp_path: Path, name: str, codes: list[str]
) -> None:
    source = """
        from tools import lonely
        @lonely
        def start():
            wandb.init(project="p")
        dist.init_process_group("gloo")
        start()
        """
    result = lint(tmp_path, {"train.py": HEAD + dedent(source), "tools.py": DECORATORS[name]})
    assert [finding.code for finding in result.findings if finding.code == "WB502"] == codes


def found(tmp_path: Path, source: str) -> list[str]:
    result = lint(tmp_path, {"train.py": HEAD + source})
    return [finding.code for finding in result.findings if finding.code == "WB502"]


@pytest.mark.parametrize("name", GUARDED)
def test_a_decorator_may_test_the_rank(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, dedent(GUARDED[name])) == []


@pytest.mark.parametrize("name", ONE_PROCESS)
def test_one_process_opens_one_run(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, START + dedent(ONE_PROCESS[name])) == []


@pytest.mark.parametrize("name", ON_EVERY_RANK)
def test_every_rank_opens_a_run(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, dedent(ON_EVERY_RANK[name])) == ["WB502"]


@pytest.mark.parametrize(("test", "codes"), [("count > 1", ["WB502"]), ("num_processes > 1", [])])
def test_a_job_that_is_joined_only_by_several_processes_may_be_none(
    tmp_path: Path, test: str, codes: list[str]
) -> None:
    program = f"""\
import torch.distributed as dist
import wandb


def setup(count, num_processes):
    if {test}:
        dist.init_process_group("gloo")


def main(settings):
    setup(**settings)
    wandb.init(project="p")
    wandb.log({{"loss": 1.0}})


if __name__ == "__main__":
    main(load())
"""
    findings = lint(tmp_path, {"pyproject.toml": "", "train.py": program}).findings
    assert [finding.code for finding in findings] == codes


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ('"demo" if dist.get_rank() == 0 else None', []),
        ('project="demo" if dist.get_rank() == 0 else None', []),
        ('"demo" if first else None', []),
        ('"demo", "cpu" if dist.get_rank() == 0 else None', ["WB502"]),
        ('"demo" if torch.cuda.is_available() else None', ["WB502"]),
    ],
)
def test_an_argument_may_be_none_on_the_other_ranks(tmp_path: Path, arguments: str, codes: list[str]) -> None:
    program = f"""
        import torch
        def track(project, device=None):
            if project is not None:
                wandb.init(project=project)
        def main():
            dist.init_process_group("gloo")
            first = dist.get_rank() == 0
            track({arguments})
            if first:
                wandb.log({{"loss": 1.0}})
        main()
        """
    assert found(tmp_path, dedent(program)) == codes


@pytest.mark.parametrize(
    ("leave", "codes"),
    [
        ("sys.exit(0)", []),
        ("exit()", []),
        ("raise SystemExit(0)", []),
        ("os._exit(0)", []),
        ("leave()", []),
        ("print(1)", ["WB502"]),
        ("return", ["WB502"]),
    ],
)
@pytest.mark.parametrize("is_inline", [True, False])
def test_a_helper_may_end_the_other_processes(
    tmp_path: Path, leave: str, codes: list[str], is_inline: bool
) -> None:
    guard = f"if dist.get_rank() != 0:\n        {leave}"
    program = f"""
import sys
def leave():
    sys.exit(0)
def require_main():
    {guard}
def main():
    dist.init_process_group("gloo")
    {"require_main()" if not is_inline or leave == "return" else guard}
    wandb.init(project="p")
    wandb.log({{"loss": 1.0}})
main()
"""
    assert found(tmp_path, program) == codes


@pytest.mark.parametrize(("test", "codes"), [("False", []), ("0", []), ("True", ["WB502"])])
def test_code_that_is_switched_off_starts_no_processes(tmp_path: Path, test: str, codes: list[str]) -> None:
    assert found(tmp_path, SWITCHED_OFF % test) == codes
