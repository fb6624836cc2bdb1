"""Read a folder of wandb's logs into a `Record`, and check it.

Imports `dashboard/record`, `semantics`, `findings`, `rule`, `sources` and `app`.
"""
