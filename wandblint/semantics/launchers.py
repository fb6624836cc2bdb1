"""What the files that start a job say: how many nodes it has.

The options are those of torchrun (`torch/distributed/run.py`: `--nnodes` is 1 unless it is given), of Slurm's
sbatch and of accelerate.
"""

from __future__ import annotations

import enum
import re

import msgspec


class NodeCount(enum.Enum):
    """How many nodes a job has."""

    ONE = "one"
    SEVERAL = "several"


class LaunchFile(msgspec.Struct, frozen=True):
    """A file that starts a job, or configures one."""

    name: str
    nodes: NodeCount | None = None
    """None if it does not say."""
    scripts: tuple[str, ...] = ()
    """The last parts of the names of the scripts and modules that it mentions, without `.py`."""


_COUNT = re.compile(
    r"(?:--nnodes|--num_machines|--num_nodes|--nodes)(?:[ =]+|\s*\\\n\s*)([^\s\\]+)"
    r"|^\s*#SBATCH\s+-N\s*(\S+)",
    re.MULTILINE,
)
_STARTS_NODE = re.compile(r"\b(torchrun|torch\.distributed\.(run|launch)|accelerate\s+launch)\b")
"""What starts the processes of one node unless it is told how many there are."""
_NUMBER = re.compile(r"[\"']?(?:\d+:)?(\d+)[\"']?$")
_SCRIPT = re.compile(r"(?:[\w-]+/)*(?P<script>[\w-]+)\.py\b|(?<=\s)-m\s+(?:\w+\.)*(?P<module>\w+)")


def launch_file(name: str, text: str) -> LaunchFile | None:
    """What a shell script or a configuration says about the job that it starts; None if nothing."""
    scripts = sorted({match["script"] or match["module"] for match in _SCRIPT.finditer(text)})
    counts = {_count(next(filter(None, match.groups()))) for match in _COUNT.finditer(text)}
    if NodeCount.SEVERAL in counts:
        nodes = NodeCount.SEVERAL
    elif NodeCount.ONE in counts or _STARTS_NODE.search(text):
        nodes = NodeCount.ONE
    else:
        return None
    return LaunchFile(name, nodes, tuple(scripts))


def launches_in_readme(name: str, text: str) -> LaunchFile | None:
    """The scripts that the commands of a README start on several nodes; None if it shows none.

    A command for a single node is there because it is short: it says nothing about the others.
    """
    commands = re.sub(r"\\\r?\n", " ", text).splitlines()
    files = [launch_file(name, command) for command in commands if _STARTS_NODE.search(command)]
    scripts = {
        script for file in files if file and file.nodes is NodeCount.SEVERAL for script in file.scripts
    }
    return LaunchFile(name, NodeCount.SEVERAL, tuple(sorted(scripts))) if scripts else None


def _count(value: str) -> NodeCount:
    """The number of nodes of an option; a variable is there to be more than one."""
    number = _NUMBER.match(value)
    return NodeCount.ONE if number is not None and int(number[1]) == 1 else NodeCount.SEVERAL
