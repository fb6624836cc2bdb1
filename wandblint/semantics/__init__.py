"""What wandb does, in one place: each function names the source of its claim in docs/wandb-semantics.md."""
