"""The keys that identify entry points, queries, shared facts and functions in every run."""

from __future__ import annotations

from typing import TypeAlias

EntryPointKey: TypeAlias = tuple[str | int, ...]
"""The file of an entry point, its maximum call depth, and the starts of its functions."""

Query: TypeAlias = tuple[str | int, ...]
"""A kind of query and its arguments (`state/project_queries.py`)."""

SharedFactKey: TypeAlias = tuple[str | int, ...]
"""A kind of fact that entry points share, and its subject (`state/shared_facts.py`)."""

QualifiedName: TypeAlias = tuple[str, str]
"""The file of a function, method or class, and `name` or `Class.name`."""

FunctionId: TypeAlias = tuple[str, int]
"""The file of a function and its start in that file."""
