"""What is made of the rank: variables, attributes and functions such as `is_main = rank == 0`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint import facts
from wandblint.linking.modules import Files
from wandblint.linking.walk import walk
from wandblint.semantics.ranks import asks_rank

ROUNDS = 2
"""How far it is followed from one variable to another, over files."""


class RankTable:
    """Every such word of the files that are read. A word too many only silences."""

    def __init__(self, files: Files, read: Mapping[str, facts.FileFacts]) -> None:
        self._texts = {path: files.text(path) for path in read}
        self._own: dict[str, set[str]] = defaultdict(set)
        self._shared: set[str] = set()
        self._params: dict[str, list[str]] = {}
        asking = {path: file for path, file in read.items() if asks_rank(self._texts[path])}
        for file in read.values():
            for node in walk(*file.body):
                if isinstance(node, facts.Function):
                    self._params.setdefault(node.name, _positional(node))
                elif isinstance(node, facts.Class):
                    for method in node.body:
                        if isinstance(method, facts.Function) and method.name == "__init__":
                            self._params[node.name] = _positional(method)
        for _ in range(ROUNDS):
            for path, file in asking.items():
                self._read(path, file)

    def holds(self, path: str, word: str) -> bool:
        """Whether a word of a file stands for something made of the rank."""
        return word in self._shared or word in self._own[path]

    def asks(self, path: str, test: facts.Expr) -> bool:
        """Whether a test, or a variable in it, asks which process this is."""
        return asks_rank(self._texts.get(path, "")[test.start : test.end]) or any(
            self.holds(path, word) for word in _words(test)
        )

    def _read(self, path: str, file: facts.FileFacts) -> None:
        for node in walk(*file.body):
            match node:
                case facts.Assign(value=value) if value is not None and self.asks(path, value):
                    self._bind(path, node)
                case facts.If(test=test, body=body, orelse=orelse) if self.asks(path, test):
                    for statement in walk(*body, *orelse):
                        if isinstance(statement, facts.Assign):
                            self._bind(path, statement)
                case facts.Call():
                    self._hand_over(path, node)
                case facts.Function(name=name, body=body) if self._decides(path, body):
                    self._shared.add(name)

    def _bind(self, path: str, node: facts.Assign) -> None:
        for target in node.targets:
            if isinstance(target, facts.Name):
                self._own[path].add(target.id)
            elif isinstance(target, facts.Attr):
                is_own = facts.source_form(target.value) == "self"
                (self._own[path] if is_own else self._shared).add(target.attr)

    def _hand_over(self, path: str, call: facts.Call) -> None:
        names = self._params.get(facts.source_form(call.func).rpartition(".")[2], [])
        for position, arg in enumerate(call.args):
            if arg.keyword is not None:
                name = arg.keyword
            elif position < len(names) and not arg.star:
                name = names[position]
            else:
                continue
            if isinstance(arg.value, (facts.Compare, facts.Bool, facts.Not, facts.Name)) and self.asks(
                path, arg.value
            ):
                self._shared.add(name)

    def _decides(self, path: str, body: list[facts.Stmt]) -> bool:
        """Whether what a function returns depends on the rank."""
        for node in walk(*body, into_scopes=False):
            if isinstance(node, facts.Return) and node.value is not None and self.asks(path, node.value):
                return True
            if isinstance(node, facts.If) and self.asks(path, node.test):
                returned = [inner.value for inner in walk(*node.body) if isinstance(inner, facts.Return)]
                if any(isinstance(value, facts.Const) and value.value in {True, False} for value in returned):
                    return True
        return False


def _positional(function: facts.Function) -> list[str]:
    names = [param.name for param in function.params if param.kind in {"", "/"}]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _words(test: facts.Expr) -> Iterator[str]:
    """The names that a test asks for: of `args.wandb` the last one."""
    match test:
        case facts.Name(id=name) | facts.Attr(attr=name):
            yield name
        case facts.Call(func=value) | facts.Not(value=value):
            yield from _words(value)
        case facts.Bool(values=values):
            for value in values:
                yield from _words(value)
        case facts.Compare(left=left, rights=rights):
            for value in (left, *rights):
                yield from _words(value)
        case facts.Subscript(index=facts.Const(value=str(name))):
            yield name
