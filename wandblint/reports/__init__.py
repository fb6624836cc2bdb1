"""The formats of reports: for people, editors, programs and CI services.

May import `rule`, `dashboard`, `model`, `semantics`, `findings` and `infra`, but not `analysis` or `app`.
"""
