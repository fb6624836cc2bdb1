"""How code checks whether its process is the one that logs, and how it starts several processes.

The words are those of torch.distributed, jax, accelerate, Lightning, Ray, DeepSpeed and of projects
that wrap them.
"""

from __future__ import annotations

import re

from wandblint.semantics.heuristics import (
    NODE_RANK_WORD,
    PROCESS_COUNT_WORDS,
    RANK_WHOLE_WORDS,
    RANK_WORDS,
)

_WHOLE_WORDS = tuple(re.compile(rf"{word}\b(?<!\w{word})") for word in RANK_WHOLE_WORDS)
"""A pattern that starts with its letters matches much faster than one that starts with a boundary."""

_SKIPS_OTHERS = re.compile(r"only|(^|\W)on_", re.IGNORECASE)
"""`rank_zero_only` and `on_main_process` skip the other processes; `main_process_first` lets them wait."""

_START_FUNCTIONS = frozenset({"init_process_group", "init_distributed", "init_distributed_environment"})

_START_PATHS = frozenset(
    {
        "jax.distributed.initialize",
        "deepspeed.initialize",
        "hvd.init",
        "idist.initialize",
        "dist.initialize_dist",
    }
)

_RANK_VARIABLES = frozenset(
    {"RANK", "LOCAL_RANK", "WORLD_SIZE", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "--local_rank"}
    | {"--local-rank", "DP_RANK"}
)

_RANK_FUNCTIONS = frozenset({"jax.process_index", "jax.process_count", "jax.host_id", "jax.host_count"})
"""On a TPU pod each host runs the script, and jax knows them all without `jax.distributed.initialize`."""

AMONG_ALL_PROCESSES = {
    "LOCAL_RANK": "RANK",
    "SLURM_LOCALID": "SLURM_PROCID",
    "OMPI_COMM_WORLD_LOCAL_RANK": "OMPI_COMM_WORLD_RANK",
    "is_local_main_process": "is_main_process",
    "local_process_index": "process_index",
    "is_local_process_zero": "is_world_process_zero",
}
"""What torchrun, Slurm, Open MPI, accelerate and transformers call the rank within a node, and what they call
that among all processes."""

_START_WORDS = sorted(_START_FUNCTIONS | _RANK_VARIABLES)
_START_PATH_PARTS = sorted((*name.split("."),) for name in _START_PATHS | _RANK_FUNCTIONS)
"""The parts of each path, since code may put whitespace between them."""


def asks_rank(text: str) -> bool:
    """Whether the text of a test, or the name of a decorator or wrapper, is a rank check."""
    lower = text.lower()
    return any(word in lower for word in RANK_WORDS) or any(word.search(lower) for word in _WHOLE_WORDS)


def asks_rank_within_node(text: str) -> bool:
    """Whether a rank check names the rank within a node and no other: it holds once per node."""
    other_words, count = NODE_RANK_WORD.subn("", text)
    return count > 0 and not asks_rank(other_words)


def rank_word_offsets(text: str, *, of_this_process: bool = False) -> list[int]:
    """The offsets of the rank words in a text, in order; the words may overlap.

    Those `of_this_process` leave out the number of processes.
    """
    lower = _lower(text)
    offsets = [match.start() for word in _WHOLE_WORDS for match in word.finditer(lower)]
    for word in RANK_WORDS:
        if of_this_process and word in PROCESS_COUNT_WORDS:
            continue
        offset = lower.find(word)
        while offset >= 0:
            offsets.append(offset)
            offset = lower.find(word, offset + len(word))
    return sorted(offsets)


def _lower(text: str) -> str:
    """The text in lower case with unchanged offsets: some capital letters become two characters."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def starts_processes(callee: str) -> bool:
    """Whether a callee, as the source spells it, joins a job whose processes all run this script."""
    return callee.rpartition(".")[2] in _START_FUNCTIONS or callee in _START_PATHS


def launches_script_again(strategy: str) -> bool | None:
    """Whether a strategy of Lightning's runs the whole script in each process; None where it may use one.

    The strategies that spawn or fork run the code of `fit` alone in the other processes.
    """
    name = strategy.lower()
    if any(word in name for word in ("spawn", "fork", "notebook")) or name == "dp":
        return False
    return True if name.startswith(("ddp", "fsdp", "deepspeed")) else None


def runs_on_first_rank(decorator: str) -> bool:
    """Whether a decorator runs a function on one process of the job and skips it on the others."""
    return asks_rank(decorator) and _SKIPS_OTHERS.search(decorator) is not None


def reads_rank(callee: str) -> bool:
    """Whether a callee, as the source spells it, asks which process of a job this one is."""
    return callee in _RANK_FUNCTIONS


def may_start_processes(text: str) -> bool:
    """Whether a text can contain such a call or a rank variable; no other text does."""
    return any(word in text for word in _START_WORDS) or any(
        all(part in text for part in parts) for parts in _START_PATH_PARTS
    )


def is_rank_variable(value: object) -> bool:
    """Whether a literal is an environment variable or option through which a launcher passes the rank."""
    return value in _RANK_VARIABLES
