"""Reads of the config, the summary and the environment."""

from __future__ import annotations

import pytest

from tests.analysis.projects import model_of
from wandblint.model.uses import Read, RunState

RUN = "import os\nimport wandb\nrun = wandb.init()\n"


def reads(source: str) -> list[Read]:
    """The reads of a script."""
    model = model_of({"train.py": source})
    script = next(number for number, entry in model.entry_points.items() if not entry.name)
    return [read for read in model.reads if read.entry_id == script]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("run.config.lr", "run.config lr"),
        ("run.config['lr']", "run.config lr"),
        ("wandb.config.lr", "wandb.config lr"),
        ("config = wandb.config\nconfig['lr']", "wandb.config lr"),
        ("def f(cfg):\n    wandb.log({'a': cfg.lr})\nf(run.config)", "run.config lr"),
        ("run.config.get('lr', 1)", "run.config lr?"),
        ("wandb.config.get(key='lr')", "wandb.config lr?"),
        ("run.summary['best']", "run.summary best"),
        ("wandb.run.summary['best']", "run.summary best"),
        ("wandb.summary.get('best')", "wandb.summary best?"),
        ("os.environ['WANDB_NAME']", "os.environ WANDB_NAME"),
        ("os.environ.get('WANDB_NAME')", "os.environ WANDB_NAME?"),
        ("os.getenv('WANDB_NAME', 'x')", "os.environ WANDB_NAME?"),
        ("name = 'lr' if run.id else 'wd'\nrun.config[name]", "run.config lr, run.config wd"),
    ],
)
def test_what_is_read(code: str, expected: str) -> None:
    found = [f"{read.text} {read.key}{'?' if read.has_default else ''}" for read in reads(f"{RUN}{code}\n")]
    assert ", ".join(found) == expected


@pytest.mark.parametrize(
    "code",
    [
        "run.config.lr = 1",
        "run.config['lr'] = 1",
        "run.config.update({'lr': 1})",
        "run.config.items()",
        "run.summary.update({'best': 1})",
        "os.environ['HOME']",
        "os.environ.get('HOME')",
        "os.environ['WANDB_NAME'] = 'x'",
        "{'lr': 1}['lr']",
        "wandb.Api().run('a/b/c').summary['best']",
    ],
)
def test_what_is_no_read(code: str) -> None:
    assert reads(f"{RUN}{code}\n") == []


def test_a_read_has_the_state_of_its_run() -> None:
    body = "run.config.lr\nrun.finish()\nrun.config.lr\nwandb.config.lr\n"
    assert [(read.run.state, read.run.is_missing) for read in reads(RUN + body)] == [
        (RunState.OPEN, False),
        (RunState.CLOSED, True),
        (RunState.CLOSED, True),
    ]


def test_a_handler_makes_a_read_uncertain() -> None:
    body = "try:\n    run.summary['best']\nexcept KeyError:\n    pass\nrun.summary['best']\n"
    assert [read.is_must for read in reads(RUN + body)] == [False, True]


def test_writes_with_unknown_keys_are_open() -> None:
    source = f"{RUN}run.summary[input()] = 1\nrun.summary.update(read())\nrun.config.update({{'lr': 1}})\n"
    writes = model_of({"train.py": source}).writes
    assert [(write.target.value, write.key.is_open) for write in writes if write.entry_id == 0] == [
        ("summary", True),
        ("summary", True),
        ("config", False),
    ]
