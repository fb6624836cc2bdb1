"""WB510: which tests hold once per node, and how many nodes a job has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine_runs import lint
from wandblint.app.settings import Settings
from wandblint.findings import Severity

HEAD = """\
import os
import torch.distributed as dist
import wandb
NODE = os.environ["NODE_RANK"]
dist.init_process_group("nccl")
"""

ONCE_PER_NODE = {
    "the environment": 'if os.environ["LOCAL_RANK"] == "0":',
    "a default": 'if int(os.environ.get("LOCAL_RANK", 0)) == 0:',
    "another rank as default": 'if int(os.getenv("LOCAL_RANK", os.getenv("DP_RANK", "0"))) == 0:',
    "getenv": 'if int(os.getenv("LOCAL_RANK", "0")) < 1:',
    "Slurm": 'if int(os.environ["SLURM_LOCALID"]) == 0:',
    "a variable": 'local = int(os.environ["LOCAL_RANK"])\nif local == 0:',
    "a variable that reads as the other rank": 'rank = int(os.environ["LOCAL_RANK"])\nif rank == 0:',
    "a negated test": 'if not int(os.environ["LOCAL_RANK"]) != 0:',
    "a number as test": 'local_rank = int(os.environ["LOCAL_RANK"])\nif not local_rank:',
    "another condition": 'import sys\nif sys.argv[1:] and int(os.environ["LOCAL_RANK"]) == 0:',
    "horovod": "import horovod.torch as hvd\nif hvd.local_rank() == 0:",
}

NOT_ONCE_PER_NODE = {
    "the other rank": 'if int(os.environ["RANK"]) == 0:',
    "either of them": 'if int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", 0))) == 0:',
    "a name that hides the other rank": "local_rank = dist.get_rank()\nif local_rank == 0:",
    "both ranks": 'if int(os.environ["LOCAL_RANK"]) == 0 and dist.get_rank() == 0:',
    "not the first process": 'if int(os.environ["LOCAL_RANK"]) != 0:',
    "a number that is not 0": 'local_rank = int(os.environ["LOCAL_RANK"])\nif local_rank:',
    "the number of local processes": 'if int(os.environ["LOCAL_WORLD_SIZE"]) == 1:',
    "one node only": 'nodes = int(os.environ["N"])\nif int(os.environ["LOCAL_RANK"]) == 0 and nodes == 1:',
    "an unknown function": "from company.ranks import is_main\nif is_main():",
}

NODES = {
    "nothing is known": ("", Severity.NOTE),
    "an address": ('print(os.environ["MASTER_ADDR"])\n', Severity.WARNING),
    "this machine as address": ('os.environ["MASTER_ADDR"] = "localhost"\n', None),
    "an option": (
        'import argparse\nargparse.ArgumentParser().add_argument("--num_nodes")\n',
        Severity.WARNING,
    ),
    "a command": ('print("torchrun --nnodes=2 --nproc_per_node=8")\n', Severity.WARNING),
    "a command for one node": ('print("torchrun --nnodes=1 --nproc_per_node=8")\n', None),
}

LAUNCHED = {
    "several nodes": ("torchrun --nnodes=2 train.py\n", Severity.WARNING),
    "as many as a variable says": ("torchrun --nnodes $NODES \\\n  -m train\n", Severity.WARNING),
    "one node": ("torchrun --nnodes 1 --nproc_per_node 8 train.py\n", None),
    "one node by default": ("torchrun --nproc_per_node 8 train.py\n", None),
    "another script": ("torchrun --nnodes=2 other.py\n", Severity.NOTE),
    "no launcher": ("python train.py\n", Severity.NOTE),
}

LOCAL = 'if int(os.environ["LOCAL_RANK"]) == 0:\n    wandb.init(project="p")\n'


def severities(root: Path, files: dict[str, str]) -> list[Severity]:
    findings = lint(root, files, Settings(select=["WB510"])).findings
    return [finding.severity for finding in findings]


@pytest.mark.parametrize("name", ONCE_PER_NODE)
def test_a_test_that_holds_once_per_node(tmp_path: Path, name: str) -> None:
    source = f'{HEAD}{ONCE_PER_NODE[name]}\n    wandb.init(project="p")\n'
    assert severities(tmp_path, {"train.py": source}) == [Severity.WARNING]


@pytest.mark.parametrize("name", NOT_ONCE_PER_NODE)
def test_another_test(tmp_path: Path, name: str) -> None:
    source = f'{HEAD}{NOT_ONCE_PER_NODE[name]}\n    wandb.init(project="p")\n'
    assert severities(tmp_path, {"train.py": source}) == []


@pytest.mark.parametrize("name", NODES)
def test_the_code_says_how_many_nodes_there_are(tmp_path: Path, name: str) -> None:
    code, severity = NODES[name]
    source = HEAD.replace('NODE = os.environ["NODE_RANK"]\n', code) + LOCAL
    assert severities(tmp_path, {"train.py": source}) == ([] if severity is None else [severity])


@pytest.mark.parametrize("name", LAUNCHED)
def test_a_shell_script_says_how_many_nodes_there_are(tmp_path: Path, name: str) -> None:
    script, severity = LAUNCHED[name]
    source = HEAD.replace('NODE = os.environ["NODE_RANK"]\n', "") + LOCAL
    found = severities(tmp_path, {"train.py": source, "scripts/train.sh": script})
    assert found == ([] if severity is None else [severity])
