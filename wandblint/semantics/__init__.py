"""The behaviour of wandb and its front ends.

Each claim about wandb names its source in docs/wandb-semantics.md. Imports only `template`.
"""
