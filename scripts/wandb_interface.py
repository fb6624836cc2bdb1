"""Reads the public interface of a wandb release from its wheel, without importing or running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zipfile import ZipFile

ANYTHING = "**"
"""Stands for a parameter or member if any name is accepted: `**kwargs`, `__getattr__`."""

_WITH_PARAMETERS = ("wandb", "wandb.util")
"""Modules whose functions and classes are read with their parameters."""

_WITH_NAMES = (
    "wandb",
    "wandb.util",
    "wandb.data_types",
    "wandb.apis",
    "wandb.apis.public",
    "wandb.apis.reports",
)
_WITH_NAMES_BELOW = ("wandb.plot", "wandb.beta", "wandb.env")
"""Modules, alone or with their submodules, whose names are read; of others only the existence counts."""

_INTERNAL = frozenset({"vendor", "proto", "cli", "testing", "bin", "gql_queries"})


def reads_names(module: str) -> bool:
    """Whether the names of a module are read."""
    return module in _WITH_NAMES or module.startswith(_WITH_NAMES_BELOW)


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Definition:
    """The definition of a name: a function, a class or a module (`node` is None), and its module."""

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
        files: dict[str, list[str]] = {}
        with ZipFile(self.wheel) as archive:
            for name in sorted(archive.namelist(), reverse=True):
                stem, dot, suffix = name.rpartition(".")
                if name.startswith("wandb/") and dot and suffix in {"py", "pyi"}:
                    module = stem.removesuffix("/__init__").replace("/", ".")
                    files.setdefault(module, []).append(name)
        return files

    def modules(self) -> Iterator[str]:
        """The public modules."""
        for name in self.files:
            parts = name.split(".")
            if not any(part.startswith("_") for part in parts) and _INTERNAL.isdisjoint(parts):
                yield name

    def bindings(self, module: str) -> dict[str, ast.AST]:
        """The node that binds each name of a module."""
        if module not in self._bindings:
            bindings: dict[str, ast.AST] = {}
            with ZipFile(self.wheel) as archive:
                # The stub (.pyi) comes first, so the code overrides it.
                for name in self.files.get(module, ()):
                    for key, node in _bindings(ast.parse(archive.read(name)).body):
                        bindings.update(self._star_bindings(module, node) if key == "*" else {key: node})
            self._bindings[module] = bindings
        return self._bindings[module]

    def _star_bindings(self, module: str, node: ast.AST) -> dict[str, ast.AST]:
        """The names that `from x import *` binds: any name, if x is not a module of wandb."""
        source = self._absolute(module, node) if isinstance(node, ast.ImportFrom) else ""
        return self.bindings(source) if source in self.files else {ANYTHING: node}

    def resolve(self, module: str, name: str, depth: int = 0) -> Definition | None:
        """The definition of a module's name; None if it cannot be found."""
        node = self.bindings(module).get(name)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return Definition(module, node)
        if node is None or depth > 20:  # noqa: PLR2004 (a re-export is a few steps long)
            inner = f"{module}.{name}"
            return Definition(inner, None) if inner in self.files else None
        if isinstance(node, ast.ImportFrom):
            source = self._absolute(module, node)
            original = next(a.name for a in node.names if (a.asname or a.name) == name)
            return self.resolve(source, original, depth + 1) if source.startswith("wandb") else None
        if isinstance(node, ast.Import):
            alias = next(a for a in node.names if (a.asname or a.name.partition(".")[0]) == name)
            target = alias.name if alias.asname else name
            return Definition(target, None) if target in self.files else None
        return self._value(module, node, depth + 1)

    def _value(self, module: str, node: ast.AST, depth: int) -> Definition | None:
        """The definition that the right side of an assignment refers to."""
        match node:
            case ast.Name(id=name):
                return self.resolve(module, name, depth)
            case ast.Attribute(value=base, attr=name):
                owner = self._value(module, base, depth)
                if owner is None or isinstance(owner.node, Function):
                    return None
                if owner.node is None:
                    return self.resolve(owner.module, name, depth)
                methods = self.methods(owner)
                return next((Definition(of, method) for method, of in methods if method.name == name), None)
            case ast.Call(func=ast.Name() | ast.Attribute() as func, args=[_, *_] as args):
                last = args[-1]
                if _last_word(func) == "PreInitCallable":
                    return self._value(module, last, depth)
                if _last_word(func) == "LazyLoader" and isinstance(last, ast.Constant):
                    return Definition(str(last.value), None)
        return None

    def _absolute(self, module: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        is_package = any(name.endswith(("__init__.py", "__init__.pyi")) for name in self.files[module])
        parts = module.split(".")
        base = parts[: len(parts) - node.level + is_package]
        return ".".join([*base, *([node.module] if node.module else [])])

    def lineage(self, definition: Definition) -> Iterator[tuple[ast.ClassDef, str]]:
        """A class and its base classes in wandb, nearest first, each with its module."""
        if not isinstance(definition.node, ast.ClassDef):
            return
        yield definition.node, definition.module
        for base in definition.node.bases:
            parent = self._value(definition.module, base, 0)
            if parent is not None:
                yield from self.lineage(parent)

    def methods(self, definition: Definition) -> Iterator[tuple[Function, str]]:
        """The methods of a class, those of its base classes last, each with its module."""
        for node, module in self.lineage(definition):
            for _, inner in _bindings(node.body):
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield inner, module

    def interface(self) -> set[str]:
        """All public names, as `wandb.log`, `wandb.log(step)`, `wandb.Run.url`, `import wandb.util`.

        `wandb.finish()` says that the function needs no argument.
        """
        out: set[str] = set()
        for module in self.modules():
            out.add(f"import {module}")
            if reads_names(module):
                out.update(self._names(module, module))
        # The class of runs is older than its public name `wandb.Run`.
        run = self.resolve("wandb.sdk.wandb_run", "Run")
        return out if run is None else out | {"wandb.Run", *self._of(run, "wandb.Run")}

    def _names(self, module: str, public: str) -> Iterator[str]:
        for name, node in self.bindings(module).items():
            if name == ANYTHING:
                yield f"{public}.{ANYTHING}"
            if name.startswith(("_", "*")) or self._is_foreign(module, node):
                continue
            yield f"{public}.{name}"
            definition = self.resolve(module, name)
            if definition is None or public not in _WITH_PARAMETERS:
                continue
            if definition.node is not None:
                yield from self._of(definition, f"{public}.{name}")
            elif isinstance(node, ast.Call):
                # A lazily loaded module, perhaps under another name.
                target = definition.module
                yield from self._names(target, f"wandb.{name}")
                submodules = [module for module in self.files if module.startswith(f"{target}.")]
                yield from (f"wandb.{name}{module.removeprefix(target)}" for module in submodules)

    def _is_foreign(self, module: str, node: ast.AST) -> bool:
        """Whether a name is imported from outside wandb: `import os` does not make `wandb.os` public."""
        if isinstance(node, ast.Import):
            return not all(alias.name.startswith("wandb") for alias in node.names)
        return isinstance(node, ast.ImportFrom) and not self._absolute(module, node).startswith("wandb")

    def _of(self, definition: Definition, public: str) -> Iterator[str]:
        if isinstance(definition.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (f"{public}({name})" for name in _parameters(definition.node))
            if not _required(definition.node):
                yield f"{public}()"
            return
        yield from (f"{public}({name})" for name in self._fields(definition))
        for node, module in self.lineage(definition):
            if any(self._value(module, base, 0) is None for base in node.bases):
                yield f"{public}.{ANYTHING}"
            for name in _members(node):
                if not name.startswith("_"):
                    yield f"{public}.{name}"
                elif name == "__getattr__":
                    yield f"{public}.{ANYTHING}"
        seen: set[str] = set()
        for method, _ in self.methods(definition):
            if not method.name.startswith("_") and method.name not in seen:
                seen.add(method.name)
                first = 0 if _is_static(method) else 1
                yield from (f"{public}.{method.name}({name})" for name in _parameters(method)[first:])
                if not _required(method)[first:] and not _is_property(method):
                    yield f"{public}.{method.name}()"

    def _fields(self, definition: Definition) -> list[str]:
        """The parameters of a class: those of its `__init__`, or its annotated fields."""
        init = next((m for m, _ in self.methods(definition) if m.name == "__init__"), None)
        names = [] if init is None else _parameters(init)[1:]
        if any(name != ANYTHING for name in names):
            return names
        fields = [
            statement.target.id
            for node, _ in self.lineage(definition)
            for statement in node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        ]
        # wandb accepts `_name` for `x_name` (`Settings`, wandb/sdk/wandb_settings.py of 0.31.0).
        return [f"x{name}" if name.startswith("_") else name for name in fields] or names


def _bindings(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """The names that statements bind, also inside `if` and `try`."""
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
                yield from _bindings(node.body)
                yield from _bindings(node.orelse)
                for handler in getattr(node, "handlers", ()):
                    yield from _bindings(handler.body)


def _members(cls: ast.ClassDef) -> Iterator[str]:
    """The names in the body of a class, and the attributes that its methods set."""
    yield from (name for name, _ in _bindings(cls.body))
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


def _required(function: Function) -> list[str]:
    """The parameters without a default."""
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    keywords = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    return [
        *(arg.arg for arg in positional[: len(positional) - len(args.defaults)]),
        *(arg.arg for arg, default in keywords if default is None),
    ]


def _is_property(function: Function) -> bool:
    return any("property" in _last_word(decorator) for decorator in function.decorator_list)


def _is_static(function: Function) -> bool:
    return any(_last_word(decorator) == "staticmethod" for decorator in function.decorator_list)


def _last_word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
