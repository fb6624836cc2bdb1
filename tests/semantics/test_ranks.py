"""How code checks its rank, and how it starts several processes."""

from __future__ import annotations

import pytest

from wandblint.semantics.axes import is_step_name
from wandblint.semantics.ranks import asks_rank, asks_rank_within_node, is_rank_variable, starts_processes


@pytest.mark.parametrize(
    "text",
    [
        "dist.get_rank() == 0",
        "args.local_rank in {-1, 0}",
        "accelerator.is_main_process",
        "jax.process_index() == 0",
        "trainer.is_global_zero",
        "rank_zero_only",
        "master_only",
        "xm.is_master_ordinal()",
        "self.is_world_process_zero()",
    ],
)
def test_rank_checks(text: str) -> None:
    assert asks_rank(text)


@pytest.mark.parametrize("text", ['__name__ == "__main__"', "args.wandb", "self.enabled", "step % 10 == 0"])
def test_other_conditions(text: str) -> None:
    assert not asks_rank(text)


@pytest.mark.parametrize(
    "text", ["args.local_rank in {-1, 0}", 'os.environ["LOCAL_RANK"]', "accelerator.is_local_main_process"]
)
def test_the_rank_within_a_node(text: str) -> None:
    assert asks_rank_within_node(text)


@pytest.mark.parametrize("text", ["rank == 0", "local_rank == 0 and rank == 0", "local_processes", "args.x"])
def test_not_only_the_rank_within_a_node(text: str) -> None:
    assert not asks_rank_within_node(text)


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("dist.init_process_group", True),
        ("torch.distributed.init_process_group", True),
        ("deepspeed.init_distributed", True),
        ("jax.distributed.initialize", True),
        ("deepspeed.initialize", True),
        ("model.initialize", False),
        ("wandb.init", False),
        ("", False),
    ],
)
def test_starts_processes(called: str, *, expected: bool) -> None:
    assert starts_processes(called) is expected


def test_rank_variables() -> None:
    assert is_rank_variable("LOCAL_RANK")
    assert not is_rank_variable("WANDB_MODE")
    assert not is_rank_variable(None)


@pytest.mark.parametrize("name", ["step", "global_step", "epoch", "iteration", "train_step", "epoch_idx"])
def test_step_names(name: str) -> None:
    assert is_step_name(name)


@pytest.mark.parametrize("name", ["steps", "stepper", "model", "loss", "epochs_left", "multistep"])
def test_other_names(name: str) -> None:
    assert not is_step_name(name)
