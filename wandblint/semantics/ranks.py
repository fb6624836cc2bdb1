"""How code asks whether this process is the one that logs, and how it starts several.

The words are those of torch.distributed, jax, accelerate, Lightning, Ray, DeepSpeed and of projects
that wrap them.
"""

from __future__ import annotations

import re

from wandblint.semantics.heuristics import RANK_WHOLE_WORDS, RANK_WORDS

_ALONE = tuple(re.compile(rf"{word}\b(?<!\w{word})") for word in RANK_WHOLE_WORDS)
"""Whole words. A pattern that begins with its letters is looked for much faster than one with a boundary."""

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


_SIGNS = sorted(_STARTS | _RANK_VARIABLES)
_SIGNS_IN_PARTS = sorted((*name.split("."),) for name in _STARTS_IN_FULL)
"""Space may stand between the parts."""


def asks_rank(text: str) -> bool:
    """Whether a test, or the name of a decorator or wrapper, asks which process this is."""
    lower = text.lower()
    return any(word in lower for word in RANK_WORDS) or any(word.search(lower) for word in _ALONE)


def asking_places(text: str) -> list[int]:
    """Where the words in a text begin that ask it, in order; one may stand inside of another."""
    lower = _lower(text)
    places = [found.start() for word in _ALONE for found in word.finditer(lower)]
    for word in RANK_WORDS:
        place = lower.find(word)
        while place >= 0:
            places.append(place)
            place = lower.find(word, place + len(word))
    return sorted(places)


def _lower(text: str) -> str:
    """The text in lower case, every character at its place: a capital of some scripts becomes two."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def starts_processes(called: str) -> bool:
    """Whether a call, as the source writes it, joins a job whose processes all run this script."""
    return called.rpartition(".")[2] in _STARTS or called in _STARTS_IN_FULL


def may_start_processes(text: str) -> bool:
    """Whether some call or literal in a text can be one of those; there is no other in any other text."""
    return any(word in text for word in _SIGNS) or any(
        all(part in text for part in parts) for parts in _SIGNS_IN_PARTS
    )


def is_rank_variable(value: object) -> bool:
    """Whether a literal is an environment variable or option by which a launcher tells a process its rank."""
    return value in _RANK_VARIABLES
