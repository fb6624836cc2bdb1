"""An entry point, and how it runs."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from wandblint.analysis.domain.identifiers import EntryPointKey
from wandblint.analysis.domain.values import Frame, Function, FunctionInfo
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.interpreter import receivers
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import processes
from wandblint.model.control_flow import BranchKind
from wandblint.model.events import EntryLocation
from wandblint.span import Span


class EntryPoint(msgspec.Struct, frozen=True):
    """A file that runs as a script, or functions that nobody calls: one function, or methods of one class.

    A `depth` limits the call stack.
    """

    id: int
    path: str
    functions: tuple[FunctionInfo, ...] = ()
    depth: int | None = None

    @property
    def span(self) -> Span:
        """Its location."""
        node = self.functions[0].node if self.functions else None
        return Span(self.path, 0, 0) if node is None else Span(self.path, node.start, node.end)

    @property
    def location(self) -> EntryLocation:
        """Its name for the reader: methods go by the name of their class."""
        first = self.functions[0] if self.functions else None
        if first is None:
            return EntryLocation(self.path)
        return EntryLocation(self.path, first.name if first.owner is None else first.owner.name)

    @property
    def key(self) -> EntryPointKey:
        """Identifies it in every run, except where a run has it twice."""
        return self.path, self.depth or 0, *(info.node.start for info in self.functions)


def run_script(m: Interpreter, path: str) -> None:
    """Runs a file as `__main__`."""
    processes.note_script(m, path)
    module_loader.module(m, path)


def run_functions(m: Interpreter, entry: EntryPoint) -> None:
    """Runs functions with unknown arguments.

    Methods run on one symbolic instance, twice, so that what one method leaves there reaches the others.
    """
    owner = entry.functions[0].owner
    frame = Frame(entry.path, m.context("outside", m.entry.key))
    frame.globals = module_loader.module(m, entry.path)
    for info in entry.functions:
        if frame.globals is not None:
            module_loader.variable(m, frame.globals, info.name if owner is None else owner.name)
        if not m.module_cache.is_defined(info.id):
            # A nested or conditional definition: its scope comes from the entry point that executed it.
            m.shared_facts.read("definition", *info.id)
    for _ in range(1 if owner is None else 2):
        for info in entry.functions:
            function = m.functions.definitions.get(info)
            if not isinstance(function, Function):
                continue
            if owner is not None and "staticmethod" not in info.decorators:
                function = replace(function, receiver=receivers.symbolic_instance(m, owner, frame))
            span = Span(info.path, info.node.start, info.node.end)
            with m.on_branch(frame, kind=BranchKind.ENTRY, span=span):
                invoke_callback(m, function, frame, entry.span)
