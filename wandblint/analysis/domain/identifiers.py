"""The keys by which entry points, queries, shared facts and functions are told apart in every run."""

from __future__ import annotations

from typing import TypeAlias

EntryPointKey: TypeAlias = "tuple[str | int, ...]"
"""The file of an entry point, the depth to which calls are followed, and the starts of its functions."""

Query: TypeAlias = "tuple[str | int, ...]"
"""Something asked of the project: the kind of query and its arguments (`state/project_queries.py`)."""

SharedFactKey: TypeAlias = "tuple[str | int, ...]"
"""A kind of fact that entry points share, and what it is about (`state/shared_facts.py`)."""

FunctionId: TypeAlias = "tuple[str, int]"
"""The file of a function and its start there."""
