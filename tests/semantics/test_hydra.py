"""What configurations and shell scripts say about the jobs that hydra runs."""

from __future__ import annotations

import pytest

from wandblint.semantics.hydra import HydraFile, Multirun, commands, configuration, multirun_of

SWEEP = "hydra:\n  sweeper:\n    # twice\n\n    _target_: x\n    params:\n      seed: 1,2\n"

CONFIGURATIONS = {
    "hydra:\n  mode: MULTIRUN\n": Multirun.ALWAYS,
    "seed: 1\nhydra:\n  run:\n    dir: x\n\n  mode: 'MULTIRUN'\n": Multirun.ALWAYS,
    SWEEP: Multirun.ON_REQUEST,
    "defaults:\n  - override /hydra/sweeper: optuna\n": Multirun.ON_REQUEST,
    "defaults:\n  - override hydra/sweeper: basic\n": None,
    "hydra:\n  mode: RUN\n": None,
    "trainer:\n  mode: MULTIRUN\n": None,
    "hydra:\n  sweep:\n    dir: x\n": None,
    "hydra:\n  sweeper:\n    max_batch_size: 1\nparams:\n  lr: 1\n": None,
    "": None,
}

COMMANDS = {
    "python train.py -m seed=1,2": ("train",),
    "python src/train.py seed=1,2 --multirun": ("train",),
    "python train.py \\\n  lr=1 \\\n  -m": ("train",),
    "python -m pkg.train -m seed=1,2": ("train",),
    "python train.py seed=1": None,
    "python -m pkg.train seed=1": None,
    "python train.py seed=1 && pytest -m slow": None,
    "python train.py seed=1 # not -m": None,
    "python train.py seed=-m": None,
}


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_a_configuration(text: str) -> None:
    file = configuration("conf/config.yaml", text)
    assert (None if file is None else file.multirun) is CONFIGURATIONS[text]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command(text: str) -> None:
    file = commands("run.sh", text)
    assert (None if file is None else file.scripts) == COMMANDS[text]


@pytest.mark.parametrize(
    "text",
    [
        "hydra:\n  launcher:\n    n_jobs: 4\n",
        "defaults:\n  - override hydra/launcher: joblib\n",
        "defaults:\n  - override /hydra/launcher: submitit_slurm\n",
    ],
)
def test_jobs_in_processes_of_their_own(text: str) -> None:
    file = configuration("conf/config.yaml", SWEEP + text)
    assert file is not None
    assert file.is_apart
    assert multirun_of((file,), "train", "conf", "config") is None


def test_the_first_configuration_counts_most() -> None:
    files = (HydraFile("conf/config.yaml", Multirun.ALWAYS), HydraFile("conf/x/other.yaml", Multirun.ALWAYS))
    assert multirun_of(files, "train", "conf", "config") is Multirun.ALWAYS
    assert multirun_of(files, "train", "conf", "base") is Multirun.ON_REQUEST
    assert multirun_of(files, "train", "settings", "config") is None
    assert multirun_of(files, "train", None, "config") is None


def test_a_command_counts_for_its_script() -> None:
    files = (HydraFile("run.sh", Multirun.ALWAYS, scripts=("train",)),)
    assert multirun_of(files, "train", None, "") is Multirun.ALWAYS
    assert multirun_of(files, "other", None, "") is None
