"""How code asks whether this process is the one that logs.

The words are those of torch.distributed, jax, accelerate, Lightning, Ray, DeepSpeed and of projects
that wrap them.
"""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"rank|\bmain\b|main_process|is_main|ismain|master|world_?size|process_index|process_id|is_chief|is_leader"
    r"|is_global_zero|is_primary|num_processes|world_process|local_zero|\bprimary\b|is_logger|should_log",
    re.IGNORECASE,
)


def asks_rank(text: str) -> bool:
    """Whether a test, or the name of a decorator or wrapper, asks which process this is."""
    return _ASKS.search(text.replace("__main__", "")) is not None
