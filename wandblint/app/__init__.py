"""The project, its settings, its rules and its cache.

Imports `sources`, `findings`, `infra` and `rule`; `syntax` and `index` only when it reads files.
"""
