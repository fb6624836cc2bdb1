"""Reads the public interface of a released wandb from its wheel, without importing or running any of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zipfile import ZipFile

ANYTHING = "**"
"""What is in the place of a parameter or member where any name is taken: `**kwargs`, `__getattr__`."""

_WITH_PARAMETERS = ("wandb", "wandb.util")
"""Modules of whose functions and classes the parameters are read."""

_WITH_NAMES = (
    "wandb",
    "wandb.util",
    "wandb.data_types",
    "wandb.apis",
    "wandb.apis.public",
    "wandb.apis.reports",
)
_WITH_NAMES_BELOW = ("wandb.plot", "wandb.beta", "wandb.env")
"""Modules, alone or with those below, whose names are read; of the others it is read that they are there."""

_INTERNAL = frozenset({"vendor", "proto", "cli", "testing", "bin", "gql_queries"})


def reads_names(module: str) -> bool:
    """Whether it is read what a module holds."""
    return module in _WITH_NAMES or module.startswith(_WITH_NAMES_BELOW)


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Found:
    """What a name is: a function, a class or a module (`node` is None), and the module it stands in."""

    module: str
    node: Function | ast.ClassDef | None


@dataclass
class Release:
    """The sources of one wheel."""

    wheel: Path
    _bindings: dict[str, dict[str, ast.AST]] = field(default_factory=dict)

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """The wheel's Python files by module: `.py` and `.pyi` of one name are one module."""
        found: dict[str, list[str]] = {}
        with ZipFile(self.wheel) as archive:
            for name in sorted(archive.namelist(), reverse=True):
                stem, dot, suffix = name.rpartition(".")
                if name.startswith("wandb/") and dot and suffix in {"py", "pyi"}:
                    module = stem.removesuffix("/__init__").replace("/", ".")
                    found.setdefault(module, []).append(name)
        return found

    def modules(self) -> Iterator[str]:
        """The public modules."""
        for name in self.files:
            parts = name.split(".")
            if not any(part.startswith("_") for part in parts) and _INTERNAL.isdisjoint(parts):
                yield name

    def bindings(self, module: str) -> dict[str, ast.AST]:
        """What binds each name of a module."""
        if module not in self._bindings:
            found: dict[str, ast.AST] = {}
            with ZipFile(self.wheel) as archive:
                # The stub (.pyi) comes first, so that the code has the last word.
                for name in self.files.get(module, ()):
                    for key, node in _bound(ast.parse(archive.read(name)).body):
                        found.update(self._starred(module, node) if key == "*" else {key: node})
            self._bindings[module] = found
        return self._bindings[module]

    def _starred(self, module: str, node: ast.AST) -> dict[str, ast.AST]:
        """What `from x import *` binds: anything, where x is not wandb's."""
        source = self._absolute(module, node) if isinstance(node, ast.ImportFrom) else ""
        return self.bindings(source) if source in self.files else {ANYTHING: node}

    def resolve(self, module: str, name: str, depth: int = 0) -> Found | None:
        """What a name of a module is; None where that cannot be told."""
        node = self.bindings(module).get(name)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return Found(module, node)
        if node is None or depth > 20:  # noqa: PLR2004 (a re-export is a few steps long)
            inner = f"{module}.{name}"
            return Found(inner, None) if inner in self.files else None
        if isinstance(node, ast.ImportFrom):
            source = self._absolute(module, node)
            original = next(a.name for a in node.names if (a.asname or a.name) == name)
            return self.resolve(source, original, depth + 1) if source.startswith("wandb") else None
        if isinstance(node, ast.Import):
            alias = next(a for a in node.names if (a.asname or a.name.partition(".")[0]) == name)
            target = alias.name if alias.asname else name
            return Found(target, None) if target in self.files else None
        return self._value(module, node, depth + 1)

    def _value(self, module: str, node: ast.AST, depth: int) -> Found | None:
        """What an expression on the right of an assignment is."""
        match node:
            case ast.Name(id=name):
                return self.resolve(module, name, depth)
            case ast.Attribute(value=base, attr=name):
                found = self._value(module, base, depth)
                if found is None or isinstance(found.node, Function):
                    return None
                if found.node is None:
                    return self.resolve(found.module, name, depth)
                return next(
                    (Found(at, f) for f, at in self.methods(found) if f.name == name),
                    None,
                )
            case ast.Call(func=ast.Name() | ast.Attribute() as func, args=[_, *_] as args):
                last = args[-1]
                if _last_word(func) == "PreInitCallable":
                    return self._value(module, last, depth)
                if _last_word(func) == "LazyLoader" and isinstance(last, ast.Constant):
                    return Found(str(last.value), None)
        return None

    def _absolute(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        is_package = any(name.endswith(("__init__.py", "__init__.pyi")) for name in self.files[module])
        parts = module.split(".")
        base = parts[: len(parts) - node.level + is_package]
        return ".".join([*base, *([node.module] if node.module else [])])

    def lineage(self, found: Found) -> Iterator[tuple[ast.ClassDef, str]]:
        """A class and its bases within wandb, nearest first, each with its module."""
        if not isinstance(found.node, ast.ClassDef):
            return
        yield found.node, found.module
        for base in found.node.bases:
            inner = self._value(found.module, base, 0)
            if inner is not None:
                yield from self.lineage(inner)

    def methods(self, found: Found) -> Iterator[tuple[Function, str]]:
        """The methods of a class, those of its bases last."""
        for node, module in self.lineage(found):
            for _, inner in _bound(node.body):
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield inner, module

    def interface(self) -> set[str]:
        """Everything public, as `wandb.log`, `wandb.log(step)`, `wandb.Run.url`, `import wandb.util`."""
        out: set[str] = set()
        for module in self.modules():
            out.add(f"import {module}")
            if reads_names(module):
                out.update(self._names(module, module))
        # Runs have been what they are for longer than `wandb.Run` has been a name.
        run = self.resolve("wandb.sdk.wandb_run", "Run")
        return out if run is None else out | {"wandb.Run", *self._of(run, "wandb.Run")}

    def _names(self, module: str, public: str) -> Iterator[str]:
        for name, node in self.bindings(module).items():
            if name == ANYTHING:
                yield f"{public}.{ANYTHING}"
            if name.startswith(("_", "*")) or self._is_foreign(module, node):
                continue
            yield f"{public}.{name}"
            found = self.resolve(module, name)
            if found is None or public not in _WITH_PARAMETERS:
                continue
            if found.node is not None:
                yield from self._of(found, f"{public}.{name}")
            elif isinstance(node, ast.Call):
                # A module that is loaded when it is used, perhaps under another name than its own.
                yield from self._names(found.module, f"wandb.{name}")
                inner = [module for module in self.files if module.startswith(f"{found.module}.")]
                yield from (f"wandb.{name}{module.removeprefix(found.module)}" for module in inner)

    def _is_foreign(self, module: str, node: ast.AST) -> bool:
        """Whether the name is only imported from elsewhere: `import os` gives nobody a `wandb.os`."""
        if isinstance(node, ast.Import):
            return not all(alias.name.startswith("wandb") for alias in node.names)
        return isinstance(node, ast.ImportFrom) and not self._absolute(module, node).startswith("wandb")

    def _of(self, found: Found, public: str) -> Iterator[str]:
        if isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (f"{public}({name})" for name in _parameters(found.node))
            return
        yield from (f"{public}({name})" for name in self._fields(found))
        for node, module in self.lineage(found):
            if any(self._value(module, base, 0) is None for base in node.bases):
                yield f"{public}.{ANYTHING}"
            for name in _members(node):
                if not name.startswith("_"):
                    yield f"{public}.{name}"
                elif name == "__getattr__":
                    yield f"{public}.{ANYTHING}"
        seen: set[str] = set()
        for method, _ in self.methods(found):
            if not method.name.startswith("_") and method.name not in seen:
                seen.add(method.name)
                names = _parameters(method)[0 if _is_static(method) else 1 :]
                yield from (f"{public}.{method.name}({name})" for name in names)

    def _fields(self, found: Found) -> list[str]:
        """What a class is called with: the parameters of its `__init__`, or its annotated fields."""
        init = next((m for m, _ in self.methods(found) if m.name == "__init__"), None)
        names = [] if init is None else _parameters(init)[1:]
        if any(name != ANYTHING for name in names):
            return names
        fields = [
            statement.target.id
            for node, _ in self.lineage(found)
            for statement in node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        ]
        # wandb takes `_name` for `x_name` (`Settings`, wandb/sdk/wandb_settings.py of 0.31.0).
        return [f"x{name}" if name.startswith("_") else name for name in fields] or names


def _bound(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """The names that statements bind, also within `if` and `try`."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    yield alias.asname or alias.name.partition(".")[0], node
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield target.id, value
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node.value or node
            case ast.If() | ast.Try():
                yield from _bound(node.body)
                yield from _bound(node.orelse)
                for handler in getattr(node, "handlers", ()):
                    yield from _bound(handler.body)


def _members(cls: ast.ClassDef) -> Iterator[str]:
    """The names in a class's body, and the attributes that its methods set."""
    yield from (name for name, _ in _bound(cls.body))
    for node in ast.walk(cls):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            yield node.attr


def _parameters(function: Function) -> list[str]:
    args = function.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    return [*names, ANYTHING] if args.kwarg is not None else names


def _is_static(function: Function) -> bool:
    return any(_last_word(decorator) == "staticmethod" for decorator in function.decorator_list)


def _last_word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
