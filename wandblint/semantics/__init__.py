"""The behaviour of wandb and its front ends; each function names its source in docs/wandb-semantics.md.

Imports only `template`.
"""
