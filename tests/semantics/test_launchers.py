"""What shell scripts say about the job that they start."""

from __future__ import annotations

import pytest

from wandblint.semantics.launchers import LaunchFile, NodeCount, launch_file, launches_in_readme

SEVERAL = (
    "torchrun --nnodes=4 train.py",
    "torchrun --nnodes 1:4 train.py",
    "torchrun --nnodes=$SLURM_NNODES train.py",
    "torchrun --nnodes \\\n  2 train.py",
    "accelerate launch --num_machines 2 train.py",
    "#SBATCH --nodes=8\nsrun python train.py",
    "#SBATCH -N 2\nsrun python train.py",
    "torchrun --nnodes=1 debug.py\ntorchrun --nnodes=2 train.py",
)
ONE = (
    "torchrun --nproc_per_node=8 train.py",
    "torchrun --standalone train.py",
    "torchrun --nnodes=1 train.py",
    "torchrun --nnodes 1:1 train.py",
    "python -m torch.distributed.launch --nproc_per_node 8 train.py",
    "accelerate launch train.py",
    "#SBATCH --nodes=1\nsrun python train.py",
)


@pytest.mark.parametrize("text", SEVERAL)
def test_several_nodes(text: str) -> None:
    file = launch_file("train.sh", text)
    assert file is not None
    assert file.nodes is NodeCount.SEVERAL


@pytest.mark.parametrize("text", ONE)
def test_one_node(text: str) -> None:
    file = launch_file("train.sh", text)
    assert file is not None
    assert file.nodes is NodeCount.ONE


@pytest.mark.parametrize("text", ["", "python train.py", "pip install wandb", "srun python train.py"])
def test_other_scripts(text: str) -> None:
    assert launch_file("train.sh", text) is None


def test_a_readme_shows_several_nodes_only() -> None:
    text = "torchrun --nproc_per_node=8 a.py\ntorchrun \\\n  --nnodes=2 \\\n  src/b.py\nUse --nnodes.\n"
    file = launches_in_readme("README.md", text)
    assert file == LaunchFile("README.md", NodeCount.SEVERAL, ("b",))
    assert launches_in_readme("README.md", text.replace("--nnodes=2", "--nnodes=1")) is None


def test_the_scripts_that_are_started() -> None:
    file = launch_file("train.sh", "torchrun src/train.py --eval x\ntorchrun -m pkg.tools.finetune --n 1\n")
    assert file is not None
    assert file.scripts == ("finetune", "train")
