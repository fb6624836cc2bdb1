"""The keys that code reads from the configs of runs, over all files and without running them.

What the analysis runs is not all that runs, so only the text of all files says that nothing reads a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from wandblint import facts
from wandblint.analysis.project.files import ProjectFiles
from wandblint.index.walk import ByKind, last_word
from wandblint.semantics.api import MAPPING_ATTRIBUTES

_CONFIG = frozenset({"config", "config_static"})
"""The attributes that are the config of a run, or of something else."""

_Keys: TypeAlias = "frozenset[str] | None"
"""Keys that code reads; None if it may read any, as where it hands a config on."""


def config_keys(files: ProjectFiles) -> _Keys:
    """The keys that the files of a project read from configs."""
    keys: set[str] = set()
    aliases: set[str] = set()
    words: set[str] = set()
    for name in files.names:
        if "config" in files.code(name):
            file = files.facts(name)
            found = None if file is None or file.newer_syntax else _ConfigUses(file)
            if found is None or (read := found.keys()) is None:
                return None
            keys |= read
            aliases |= found.aliases
        words.update(word for _, _, imported in files.imports(name) for word in imported)
    # Another file may use the name that a config has here.
    is_imported = bool(aliases) and not words.isdisjoint(aliases | {"*"})
    return None if is_imported else frozenset(keys)


class _ConfigUses:
    """The configs that a file uses, and how it uses each."""

    def __init__(self, file: facts.FileFacts) -> None:
        self._nodes = nodes = ByKind(file.body)
        self.aliases = {
            target.id
            for node in nodes.of(facts.Assign)
            for target in node.targets
            if isinstance(target, facts.Name) and _is_config(node.value)
        }
        """The names that have a config as their value."""
        self._keys: dict[int, frozenset[str]] = dict(_uses(nodes))

    def keys(self) -> _Keys:
        """The keys that the file reads."""
        if self._hands_on():
            return None
        configs: list[facts.Expr] = [node for node in self._nodes.of(facts.Attr) if _is_config(node)]
        configs += [node for node in self._nodes.of(facts.Name) if node.id in self.aliases]
        read = [self._keys.get(id(node)) for node in configs]
        known = [keys for keys in read if keys is not None]
        return frozenset().union(*known) if len(known) == len(read) else None

    def _hands_on(self) -> bool:
        """Whether the file gets a config by other means than an attribute."""
        return any(
            node.module == "wandb" and not _CONFIG.union("*").isdisjoint(name for name, _ in node.names)
            for node in self._nodes.of(facts.ImportFrom)
        ) or any(
            last_word(node.func) in {"attrgetter", "getattr"}
            and any(isinstance(arg.value, facts.Const) and arg.value.value in _CONFIG for arg in node.args)
            for node in self._nodes.of(facts.Call)
        )


def _is_config(node: facts.Expr | None) -> bool:
    # Nobody derives a class from a run, so `self.config` is a config only where one is assigned to it.
    is_own = isinstance(node, facts.Attr) and isinstance(node.value, facts.Name) and node.value.id == "self"
    return isinstance(node, facts.Attr) and node.attr in _CONFIG and not is_own


def _uses(nodes: ByKind) -> Iterator[tuple[int, frozenset[str]]]:
    """The expressions of which a key is read, or nothing, by their `id`: any other use may read all keys."""
    nothing = frozenset[str]()
    for node in nodes.of(facts.Assign):
        # What is assigned to a plain name is an alias.
        for target in node.targets:
            yield id(target), nothing
            if isinstance(target, facts.Name) and len(node.targets) == 1:
                yield id(node.value), nothing
    for attribute in nodes.of(facts.Attr):
        if attribute.attr not in MAPPING_ATTRIBUTES:
            yield id(attribute.value), frozenset({attribute.attr})
    for item in nodes.of(facts.Subscript):
        if (key := _text(item.index)) is not None:
            yield id(item.value), frozenset({key})
    for call in nodes.of(facts.Call):
        if isinstance(call.func, facts.Attr):
            first = _text(call.args[0].value) if call.args else None
            if call.func.attr == "update":
                yield id(call.func.value), nothing
            elif call.func.attr == "get" and first is not None:
                yield id(call.func.value), frozenset({first})
        if last_word(call.func) == "init":
            # `wandb.init(config=config)`, in a function whose `config` is later that of the run.
            yield from ((id(arg.value), nothing) for arg in call.args if arg.keyword == "config")


def _text(node: facts.Expr) -> str | None:
    return node.value if isinstance(node, facts.Const) and isinstance(node.value, str) else None
