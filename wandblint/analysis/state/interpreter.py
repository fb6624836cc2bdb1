"""The abstract interpreter's state, and the operations that all its parts need.

The interpreter runs facts instead of code, with values that may be unknown and through both branches of an
unknown condition. It records the events that wandb would receive.

Functions that need the interpreter take it as their first parameter, `m` (for abstract machine).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeAlias

import msgspec

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.heap import Heap
from wandblint.analysis.domain.heap_objects import (
    ActiveLoop,
    Dictionary,
    HeapObject,
    Instance,
    SequenceObject,
)
from wandblint.analysis.domain.identifiers import EntryPointKey, QualifiedName
from wandblint.analysis.domain.lattice import has_thunk, join, options
from wandblint.analysis.domain.values import (
    NONE,
    Branch,
    Frame,
    FunctionInfo,
    Ref,
    Thunk,
    Union,
    Unknown,
    Value,
    branch_of,
)
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.analysis.state import budget as limits
from wandblint.analysis.state.budget import Budget, BudgetSpentError
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.dispatch import Dispatch
from wandblint.analysis.state.entry_state import ANY_RUN, EntryState
from wandblint.analysis.state.evaluation import Moment
from wandblint.analysis.state.function_table import FunctionTable
from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.analysis.state.module_frame import ModuleFrame
from wandblint.analysis.state.on_branch import OnBranch
from wandblint.analysis.state.project_queries import ProjectQueries
from wandblint.analysis.state.recorder import Recorder
from wandblint.analysis.state.shared_facts import SharedFacts
from wandblint.analysis.state.summaries import InductionState, Summaries
from wandblint.analysis.state.thunks import Thunks
from wandblint.model.control_flow import BranchKind, Loop
from wandblint.span import Span
from wandblint.template import SymbolId

Evaluator: TypeAlias = "Callable[[Interpreter, Any, Frame], Value]"
"""Evaluates one kind of expression."""

Executor: TypeAlias = "Callable[[Interpreter, Any, Frame], bool]"
"""Runs one kind of statement; returns whether the code after it can be reached."""

Handler: TypeAlias = "Callable[[Interpreter, Arguments, Frame, Span], Value]"
"""Returns the result of a call of one external function."""


class Interpreter(msgspec.Struct):
    """An abstract run of a project, one entry point after the other."""

    project: ProjectQueries
    index: ModuleIndex
    dispatch: Dispatch[Interpreter]
    module_cache: ModuleCache
    heap: Heap
    recorder: Recorder
    shared_facts: SharedFacts
    functions: FunctionTable
    relevant: frozenset[str]
    """Files whose functions run at every call; those of other files run only where their result is needed."""
    reaches_wandb: frozenset[str]
    """The names of the functions and methods that reach wandb."""
    reaching: frozenset[QualifiedName]
    """These functions, methods and their classes."""
    budget: Budget
    entry: EntryState = msgspec.field(default_factory=EntryState)
    thunks: Thunks = msgspec.field(default_factory=Thunks)
    summaries: Summaries = msgspec.field(default_factory=Summaries)
    induction: InductionState = msgspec.field(default_factory=InductionState)
    modules: dict[str, ModuleFrame] = msgspec.field(default_factory=dict)
    """The loaded modules, by file."""
    branch: Branch | None = None
    active_functions: list[FunctionInfo] = msgspec.field(default_factory=list)
    """The running functions, outermost first."""
    raised_on: tuple[Branch | None, ...] = ()
    """The branch on which the statement has called a function that only raises, if it has."""
    call_stack: list[Span] = msgspec.field(default_factory=list)
    """The calls that entered them."""
    loops: list[ActiveLoop] = msgspec.field(default_factory=list)
    """The active loops of all running functions, outermost first."""
    hypotheses: dict[str, Value] = msgspec.field(default_factory=dict)
    """The values that a hypothetical run assumes for expressions, by source form: `self._run`."""
    contexts: dict[tuple[object, ...], int] = msgspec.field(default_factory=dict)
    context_keys: dict[int, tuple[object, ...]] = msgspec.field(default_factory=dict)
    """The inverse: what each context stands for."""

    def start(
        self,
        entry_id: int,
        key: EntryPointKey,
        position: int,
        *,
        main: str,
        in_test: bool,
        depth: int | None = None,
    ) -> None:
        """Starts an entry point as a new process: no run is open, and only reusable modules are loaded.

        `entry_id` numbers it in this run, `key` identifies it in all, `position` is its place in the order.
        `main` is the file that runs as a script, empty for functions that nobody calls. A `depth` limits the
        call stack; the events then make no claims."""
        shallow = depth is not None
        self.recorder.start(entry_id, caller_unseen=not main or shallow, in_test=in_test, approximate=shallow)
        self.entry.max_depth = limits.MAX_DEPTH if depth is None else depth
        self.modules = self.module_cache.reusable(self.modules, main)
        self.shared_facts.start(position)
        self.heap.start()
        self.entry.forget()
        self.thunks.pending_effects.clear()
        self.thunks.escapes.clear()
        self.entry.main, self.entry.key = main, key
        self.budget.start(in_test=in_test, shallow=shallow)
        self.entry.reads_other_entries = False
        self.leave_all_code()

    def abandon(self) -> None:
        """Drops the run of this entry point with all its effects."""
        self.leave_all_code()
        self.recorder.take(self.recorder.entry_id)
        self.heap.abandon()
        self.budget.steps = 0

    def leave_all_code(self) -> None:
        """Resets what belongs to running code."""
        self.branch = None
        self.heap.time.leave_evaluations()
        self.hypotheses = {}
        self.active_functions.clear()
        self.call_stack.clear()
        self.entry.resolving.clear()
        self.loops.clear()
        self.entry.start_with(NONE if self.entry.main else ANY_RUN)

    # --- identities ---

    def context(self, *key: object) -> int:
        """A number for a call stack and a position in it, the same in every run."""
        number = self.contexts.get(key)
        if number is None:
            number = self.contexts[key] = stable_hash(key)
            self.context_keys[number] = key
        return number

    def unknown(self, frame: Frame, node: facts.Node, label: str = "...", external: str = "") -> Unknown:
        """The unknown value of an expression: the same whenever this entry point reaches it."""
        symbol = SymbolId("at", frame.context, frame.path, node.start, node.end)
        return Unknown(symbol, label, external)

    def allocate(self, frame: Frame, site: object, instance: HeapObject) -> Ref:
        """Allocates an object at the address of this allocation site and context."""
        address = self.context("object", frame.context, frame.path, site)
        self.entry.escaped.discard(address)
        return self.heap.put(address, instance)

    def new_items(self, frame: Frame, site: object, items: Sequence[Value], tail: Value | None = None) -> Ref:
        """A list of these items."""
        return self.allocate(frame, site, self.heap.sequence(self.branch, items, tail))

    def new_dict(self, frame: Frame, site: object) -> tuple[Ref, Dictionary]:
        """An empty dictionary."""
        return self.allocate(frame, site, empty := Dictionary(self.branch)), empty

    # --- the parts of the interpreter ---

    def evaluate(self, expr: facts.Expr, frame: Frame) -> Value:
        """The value of an expression, with its effects."""
        if self.hypotheses:
            assumed = self.hypotheses.get(facts.source_form(expr))
            if assumed is not None:
                return assumed
        return self.dispatch.evaluators[type(expr)](self, expr, frame)

    def execute(self, body: list[facts.Stmt], frame: Frame) -> bool:
        """Runs statements in order; returns whether the code after them can be reached."""
        executors, tick = self.dispatch.executors, self.budget.tick
        for statement in body:
            tick()
            before = self.branch
            self.raised_on = ()
            if not executors[type(statement)](self, statement, frame):
                return False
            if self.raised_on and self.raised_on[0] is before:
                return False
        return True

    def call(self, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
        """The result of a call, with its effects."""
        return self.dispatch.call(self, function, arguments, frame, span)

    def attribute(self, value: Value, name: str, frame: Frame, span: Span) -> Value:
        """`value.name`."""
        return self.dispatch.attribute(self, value, name, frame, span)

    # --- values ---

    def defer(
        self,
        frame: Frame,
        site: object,
        work: Callable[[], Value],
        or_else: Callable[[], None] | None = None,
        *,
        scope: Frame | None = None,
    ) -> Thunk:
        """A thunk: its evaluation sees the objects, and the variables around both frames, as they are now.

        Where it takes too many statements, `or_else` applies what it may have done.
        """
        branch, deps = self.branch, self.module_cache.current_deps
        moment = Moment(self.heap.time, frame, scope)

        def evaluate() -> Value:
            outer, self.branch = self.branch, branch
            is_of_slice = deps.module or self.module_cache.current_module
            slice_ = self.running_slice(deps, limits.STEPS_PER_THUNK) if is_of_slice else nullcontext()
            with moment.resumed(), slice_:
                value = work()
            self.branch = outer
            return value

        return self.thunks.add(self.context("deferred", frame.context, frame.path, site), evaluate, or_else)

    def force(self, value: Value) -> Value:
        """The value with its thunks evaluated."""
        if isinstance(value, Thunk):
            return self._force_one(value)
        if isinstance(value, Union) and has_thunk(value):
            return join(self.force(part) for part in options(value))
        return value

    def _force_one(self, thunk: Thunk) -> Value:
        forced = self.thunks.forced
        if thunk.key not in forced:
            # A thunk that needs its own result gets an unknown one.
            unknown = forced[thunk.key] = Unknown(SymbolId("deferred", thunk.key))
            value = self._forced_within_budget(self.thunks.deferred[thunk.key])
            self.budget.calls_cut_off += value is None
            if value is None and (or_else := self.thunks.or_else[thunk.key]) is not None:
                or_else()
            forced[thunk.key] = value or unknown
            for let_escape in self.thunks.escapes.pop(thunk.key, {}).values():
                let_escape(forced[thunk.key])
            for effect in self.thunks.pending_effects.pop(thunk.key, ()):
                if self._forced_within_budget(effect) is None:
                    for _, instance in self.objects(forced[thunk.key]):
                        if isinstance(instance, Instance):
                            self.heap.widen_attributes(instance, self.dictionaries)
        return forced[thunk.key]

    def _forced_within_budget(self, work: Callable[[], Value]) -> Value | None:
        limit = self.budget.at_most(limits.STEPS_PER_THUNK)
        return self.run_with_budget(limit, lambda: self.force(work()))

    def objects(self, value: Value) -> Iterator[tuple[Value, HeapObject | None]]:
        """The alternatives of a value, each with its heap object: for an unknown mapping, the partial one."""
        for option in options(self.force(value)):
            if isinstance(option, Ref):
                yield option, self.heap[option]
            else:
                yield option, self.heap.partial_mapping(option) if isinstance(option, Unknown) else None

    def dictionaries(self, value: Value) -> list[Dictionary]:
        """The alternatives that are dictionaries."""
        return [instance for _, instance in self.objects(value) if isinstance(instance, Dictionary)]

    def heap_sequence(self, value: Value) -> SequenceObject | None:
        """The list, tuple, set or iterator that a value refers to; None for other values."""
        instance = self.heap[value] if isinstance(value, Ref) else None
        return instance if isinstance(instance, SequenceObject) else None

    def heap_instance(self, value: Value) -> Instance | None:
        """The instance that a value refers to; None for other values."""
        instance = self.heap[value] if isinstance(value, Ref) else None
        return instance if isinstance(instance, Instance) else None

    # --- shared facts ---

    def read_other_entries(self, *key: str | int) -> Value | None:
        """The fact that other entry points have published under a key; None where none has."""
        value = self.shared_facts.read(*key)
        if value is not None:
            self.use_other_entries()
        return value

    def use_other_entries(self) -> None:
        """Records that the code that runs now depends on facts of other entry points."""
        self.entry.reads_other_entries = True
        self.module_cache.mark_path_dependent()

    # --- functions and modules ---

    def define_function(self, info: FunctionInfo, value: Value) -> None:
        """Executes the definition of a function."""
        definitions = self.functions.definitions
        if self.active_functions:
            # Another entry point may call the outer function, too, and define its own.
            self.module_cache.apply(("defines", info.id), lambda: definitions.update({info: value}))
        else:
            definitions[info] = value
        self.module_cache.current_deps.defined.add(info.id)

    def enter_function(self, info: FunctionInfo, call: Span) -> None:
        """Pushes a function on the call stack."""
        self.module_cache.current_deps.entered.add(info.id)
        self.active_functions.append(info)
        self.call_stack.append(call)

    def leave_function(self) -> None:
        """Pops the function that was entered last."""
        self.call_stack.pop()
        self.active_functions.pop()

    def note_ambiguous_call(self, methods: Iterable[FunctionInfo]) -> None:
        """Records that a call on an unknown receiver may enter any of these methods."""
        self.module_cache.current_deps.ambiguous_targets.update(info.id for info in methods)

    @contextmanager
    def running_slice(self, deps: Dependencies, steps: int) -> Iterator[None]:
        """Runs code of a module slice with a budget of its own, or code of the entry point.

        Adds what the code depends on to `deps`.
        """
        with self.module_cache.running(deps), self.budget.separate(steps) if deps.module else nullcontext():
            yield

    # --- control ---

    def run_with_budget(self, limit: AbstractContextManager[None], work: Callable[[], Value]) -> Value | None:
        """The result of the work; None where it takes more statements than the `limit` allows.

        Then it notes the function that the work called first, so that this entry point does not try it again.
        Raises BudgetSpentError where the entry point has no statements left either.
        """
        state = (self.branch, self.hypotheses, self.recorder.depths(), self.heap.time.moment)
        depths = (len(self.active_functions), len(self.call_stack), len(self.loops))
        before = self.budget.steps
        try:
            with limit:
                return work()
        except BudgetSpentError:
            if self.budget.is_spent:
                raise
            for info in self.active_functions[depths[0] :][:1]:
                self.budget.attempted.note_cut_off(info.id, self.budget.steps - before)
            self.branch, self.hypotheses, recorder_depths, self.heap.time.moment = state
            self.recorder.may_depth, self.recorder.hypothetical_depth = recorder_depths
            del self.active_functions[depths[0] :], self.call_stack[depths[1] :], self.loops[depths[2] :]
            return None

    @property
    def in_loop(self) -> bool:
        """Whether the code that runs now may run any number of times."""
        return any(not loop.is_unrolled for loop in self.loops)

    def on_branch(
        self,
        frame: Frame | None = None,
        test: facts.Expr | None = None,
        *,
        holds: bool = True,
        kind: BranchKind = BranchKind.ALTERNATIVE,
        number: int = 0,
        span: Span | None = None,
        loop: Loop | None = None,
    ) -> AbstractContextManager[None]:
        """Runs code on a new branch: under a test, in an iteration of a loop, or of another `kind`.

        `number` and `span` distinguish several branches of the same kind.
        """
        branch = branch_of(self.branch, frame, test, holds=holds)
        branch.kind, branch.number, branch.span, branch.loop = kind, number, span, loop
        return OnBranch(self, branch)
