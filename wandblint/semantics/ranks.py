"""How code asks whether this process is the one that logs, and how it starts several.

The words are those of torch.distributed, jax, accelerate, Lightning, Ray, DeepSpeed and of projects
that wrap them.
"""

from __future__ import annotations

import re

_PARTS = (
    "rank|main_process|is_main|ismain|master|world_?size|process_index|process_id|is_chief|is_leader"
    "|is_global_zero|is_primary|num_processes|world_process|local_zero|is_logger|should_log"
    "|is_coordinator|is_root|process_zero|local_process|host_id|get_device_count"
)
"""What a word that asks holds."""

_WORDS = ("main", "primary")
"""What asks as a whole word."""

_ASKS = re.compile(rf"{_PARTS}|\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_HINTS = (*_PARTS.replace("_?", "").split("|"), "world_size", *_WORDS)

_STARTS = frozenset({"init_process_group", "init_distributed", "init_distributed_environment"})

_STARTS_IN_FULL = frozenset(
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


def asks_rank(text: str) -> bool:
    """Whether a test, or the name of a decorator or wrapper, asks which process this is."""
    return _ASKS.search(text.replace("__main__", "")) is not None


def may_ask_rank(text: str) -> bool:
    """Whether anything in a text may ask it: no more than a quick look at a whole file."""
    lower = text.replace("__main__", "").lower()
    return any(hint in lower for hint in _HINTS)


def starts_processes(called: str) -> bool:
    """Whether a call, as the source writes it, joins a job whose processes all run this script."""
    return called.rpartition(".")[2] in _STARTS or called in _STARTS_IN_FULL


def is_rank_variable(value: object) -> bool:
    """Whether a literal is an environment variable or option by which a launcher tells a process its rank."""
    return value in _RANK_VARIABLES
