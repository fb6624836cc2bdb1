"""Sweeps that a YAML file defines: the program that its jobs run, and what it says about their runs.

`wandb sweep FILE` registers the sweep, and `wandb agent` starts the program once per job
(docs/wandb-semantics.md, Runs 13).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

import msgspec

_METHODS = ("bayes", "grid", "random")
SEARCHED = frozenset({"distribution", "max", "min", "mu", "sigma", "values"})
"""The keys by which a sweep says that a parameter gets several values (docs/wandb-semantics.md, Runs 14)."""

_LONGEST = 20_000
"""Longer files are data: PyYAML would take seconds."""


class SweepFile(msgspec.Struct, frozen=True):
    """A YAML file that defines a sweep of a Python program."""

    name: str
    program: str
    """The path of the script, as the file gives it."""
    metric: str = ""
    """The key that the sweep compares its runs by; empty if it names none."""
    parameters: tuple[str, ...] = ()
    needs_metric: bool = False
    """Whether the value of the metric decides which jobs run: it searches by `bayes`, or stops bad runs."""

    @property
    def paths(self) -> frozenset[str]:
        """Where the script may be: the agent may start in the folder of the project or of the file."""
        folder = posixpath.dirname(self.name)
        return frozenset(posixpath.normpath(posixpath.join(start, self.program)) for start in ("", folder))


def sweep_file(name: str, text: str) -> SweepFile | None:
    """What a YAML file says; None if it defines no sweep."""
    if len(text) > _LONGEST or "program:" not in text or not ("method:" in text or "parameters:" in text):
        return None
    config = _mapping(_loaded(text))
    program, metric = config.get("program"), _mapping(config.get("metric")).get("name")
    method, command = config.get("method"), config.get("command")
    if not isinstance(program, str) or not program.endswith(".py") or method not in _METHODS:
        return None
    if command is not None and not (isinstance(command, list) and "${program}" in command):
        # The jobs run something else.
        return None
    return SweepFile(
        name,
        program,
        metric if isinstance(metric, str) else "",
        tuple(key for key in _mapping(config.get("parameters")) if isinstance(key, str)),
        method == "bayes" or "early_terminate" in config,
    )


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, dict) else {}


def _loaded(text: str) -> object:
    """The document of a YAML file; None if it has none."""
    # Few projects have such a file.
    import yaml  # noqa: PLC0415

    try:
        # The faster loader in C crashes the process on deep nesting.
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError):
        return None
