"""The state of an abstract run of the project, and what every part of the interpreter needs.

The interpreter runs the linted code without running it: over facts, with values that may be unknown,
both ways of a condition that is not known. What wandb would be told is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from wandblint import facts
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.heap import (
    ActiveLoop,
    Branch,
    ClassInfo,
    Dictionary,
    Frame,
    FunctionInfo,
    Heap,
    HeapObject,
    Instance,
    Range,
    SequenceObject,
    branch_of,
)
from wandblint.analysis.domain.values import (
    CALLERS_RUN,
    MANY,
    NONE,
    Ref,
    Thunk,
    Union,
    Unknown,
    Value,
    has_thunk,
    join,
    options,
)
from wandblint.analysis.state import budget
from wandblint.analysis.state.budgeted import run_with_budget
from wandblint.findings.finding import Span
from wandblint.index.walk import ByKind, functions, last_word
from wandblint.model.control_flow import InductionVariable, Loop
from wandblint.template import Hole, SymbolId, template

if TYPE_CHECKING:
    from wandblint.analysis.domain.arguments import Arguments
    from wandblint.analysis.interpreter.side_effects import SideEffect
    from wandblint.analysis.project.module_index import ModuleIndex
    from wandblint.analysis.state.dependencies import Dependencies, FunctionId
    from wandblint.analysis.state.module_cache import ModuleCache
    from wandblint.analysis.state.project_queries import ProjectQueries
    from wandblint.analysis.state.recorder import Recorder
    from wandblint.analysis.state.shared_facts import SharedFacts

Evaluator: TypeAlias = "Callable[[Interpreter, Any, Frame], Value]"
"""Gives the value of one kind of expression."""

Executor: TypeAlias = "Callable[[Interpreter, Any, Frame], bool]"
"""Runs one kind of statement; tells whether the code behind it can be reached."""


class Dispatch(msgspec.Struct):
    """The parts of the interpreter that call each other, tied together in one place (`interpreter.py`)."""

    evaluators: dict[type[facts.Node], Evaluator]
    executors: dict[type[facts.Node], Executor]
    call: Callable[[Interpreter, Value, Arguments, Frame, Span], Value]
    attribute: Callable[[Interpreter, Value, str, Frame, Span], Value]
    open_field: Callable[[Interpreter, ClassInfo, str], Value]


class Interpreter(msgspec.Struct):
    """One project under abstract execution."""

    project: ProjectQueries
    index: ModuleIndex
    dispatch: Dispatch
    module_cache: ModuleCache
    heap: Heap
    recorder: Recorder
    shared_facts: SharedFacts
    relevant: frozenset[str]
    """Files whose functions are followed wherever they are called; others only where a value needs them."""
    reaches_wandb: frozenset[str]
    """Names of functions and methods that lead to wandb."""
    branch: Branch | None = None
    functions_entered: list[FunctionInfo] = msgspec.field(default_factory=list)
    call_stack: list[Span] = msgspec.field(default_factory=list)
    modules: dict[str, Frame] = msgspec.field(default_factory=dict)
    symbolic_instances: set[int] = msgspec.field(default_factory=set)
    """The instances of which nothing is known that this call path has met."""
    modules_before: frozenset[str] = frozenset()
    """The modules that this call path found loaded."""
    infos: dict[tuple[str, int], FunctionInfo] = msgspec.field(default_factory=dict)
    classes: dict[tuple[str, int], ClassInfo] = msgspec.field(default_factory=dict)
    definitions: dict[FunctionInfo, Value] = msgspec.field(default_factory=dict)
    """The function value of each definition met so far, with the scope it closes over."""
    class_frames: dict[int, ClassInfo] = msgspec.field(default_factory=dict)
    """The class whose body a context is."""
    reads_other_entries: bool = False
    """Whether this call path took something from other call paths, of which a later one may know more."""
    deferred: dict[int, Callable[[], Value]] = msgspec.field(default_factory=dict)
    forced: dict[int, Value] = msgspec.field(default_factory=dict)
    owners: dict[int, int] = msgspec.field(default_factory=dict)
    """Of what object each put-off attribute is one, by their numbers."""
    pending_effects: dict[int, list[Callable[[], Value]]] = msgspec.field(default_factory=dict)
    """What this call path does to objects that nobody has needed yet."""
    hypotheses: dict[str, Value] = msgspec.field(default_factory=dict)
    """Values that a shadow run supposes for expressions, by their source form: `self._run`."""
    session: Instance = msgspec.field(
        default_factory=lambda: Instance(None, ClassInfo("", "", facts.Class(0, 0, "", 0, [], [], [])))
    )
    loops: list[ActiveLoop] = msgspec.field(default_factory=list)
    """The loops around what is run now, outermost first, over all callers."""
    process_starts: dict[FunctionInfo, tuple[int, int, bool] | None] = msgspec.field(default_factory=dict)
    """The place in a function that starts processes, or asks for the rank (`processes.py`)."""
    consecutive_calls: dict[FunctionInfo | str, dict[Span, Span]] = msgspec.field(default_factory=dict)
    """The calls that follow others of their kind in a block, with the first of them, by function or file."""
    side_effects: dict[FunctionInfo, SideEffect] = msgspec.field(default_factory=dict)
    """What functions change that others can see."""
    own_side_effects: dict[FunctionInfo, SideEffect] = msgspec.field(default_factory=dict)
    """The same without what they call."""
    resolving: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Imported names that are being looked up."""
    key: tuple[str | int, ...] = ()
    """What this call path is called in every run."""
    main: str = ""
    """The file that runs as `__main__` on this call path."""
    budget: budget.Budget = msgspec.field(default_factory=budget.Budget)
    max_depth: int = budget.MAX_DEPTH
    loop_assignments: dict[int, tuple[list[str], set[str]]] = msgspec.field(default_factory=dict)
    """Names that a loop's body assigns, and those that it only adds to, by the body."""
    loop_variants: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)
    """Names and attributes that loops assign, by the file."""
    contexts: dict[tuple[object, ...], int] = msgspec.field(default_factory=dict)
    ranges: dict[int, Range] = msgspec.field(default_factory=dict)
    """Each `range` and `enumerate`, by what it counts with."""
    variables: dict[SymbolId, InductionVariable] = msgspec.field(default_factory=dict)
    """The unknown values that are known to count."""

    def start(
        self,
        root: int,
        key: tuple[str | int, ...],
        place: int,
        *,
        main: str,
        in_test: bool,
        depth: int | None = None,
    ) -> None:
        """A new process: no run is open, no module is loaded but those that are the same in all of them.

        `root` is the path's number in this run, `key` what it is called in all, `place` its place in order.
        `main` is the file that runs as a script; without one the path starts in functions that nobody calls.
        With a `depth` the path follows calls only so far, and proves nothing.
        """
        shallow = depth is not None
        self.recorder.start(root, from_outside=not main or shallow, in_test=in_test, guessed=shallow)
        self.entry.max_depth = budget.MAX_DEPTH if depth is None else depth
        self.modules = self.module_cache.reusable(self.modules, self.entry.main, main)
        self.entry.modules_before = frozenset(self.modules)
        self.shared_facts.start(place)
        self.heap.start()
        self.entry.symbolic_instances.clear()
        self.thunks.pending_effects.clear()
        self.entry.main, self.entry.key = main, key
        self.budget.start(in_test=in_test, shallow=shallow)
        self.entry.reads_other_entries = False
        self.leave_all_code()

    def abandon(self) -> None:
        """This call path is not followed, for now: nothing is left of what was."""
        self.leave_all_code()
        self.recorder.take(self.recorder.entry_id)
        self.heap.abandon()
        self.module_cache.forget(self.modules.keys() - self.entry.modules_before)
        self.modules = {
            path: frame for path, frame in self.modules.items() if path in self.entry.modules_before
        }
        self.budget.steps = 0

    def leave_all_code(self) -> None:
        """No code is being run."""
        self.branch = self.heap.allocation_time = None
        self.hypotheses = {}
        self.functions_entered.clear()
        self.call_stack.clear()
        self.entry.resolving.clear()
        self.loops.clear()
        self.entry.session.attributes["run"] = NONE if self.entry.main else join((CALLERS_RUN, NONE))

    # --- identities ---

    def function(
        self, path: str, node: facts.Function | facts.Lambda, owner: ClassInfo | None = None
    ) -> FunctionInfo:
        """A function of a file."""
        made = self.functions.infos.get((path, node.start))
        if made is None:
            name, decorators = "<lambda>", tuple[str, ...]()
            if isinstance(node, facts.Function):
                # What wraps a function may call it at once, before its definition is done.
                name, decorators = node.name, tuple(map(last_word, reversed(node.decorators)))
            made = self.functions.infos[path, node.start] = FunctionInfo(path, name, node, owner, decorators)
        return made

    def method(self, owner: ClassInfo, name: str) -> FunctionInfo | None:
        """The method that the body of a class defines last under a name."""
        found = [node for node in owner.node.body if isinstance(node, facts.Function) and node.name == name]
        return self.functions.function(owner.path, found[-1], owner) if found else None

    def function_at(self, place: FunctionId) -> FunctionInfo:
        """A function of a file that is read, whether or not its definition was met."""
        if place not in self.functions.infos:
            file = self.project.facts_untracked(place[0])
            body = [] if file is None else file.body
            for node, owner in functions(*body):
                self.functions.function(
                    place[0], node, None if owner is None else self.functions.class_of(place[0], owner)
                )
            if place not in self.functions.infos:
                for function in ByKind(body).of(facts.Lambda):
                    self.functions.function(place[0], function)
        return self.functions.infos[place]

    def class_of(self, path: str, node: facts.Class) -> ClassInfo:
        """A class of a file."""
        made = self.functions.classes.get((path, node.start))
        if made is None:
            made = self.functions.classes[path, node.start] = ClassInfo(path, node.name, node)
        return made

    def context(self, *key: object) -> int:
        """A number for a place on a call path, the same in every run."""
        number = self.contexts.get(key)
        if number is None:
            number = self.contexts[key] = stable_hash(key)
        return number

    def unknown(self, frame: Frame, node: facts.Node, label: str = "...", library: str = "") -> Unknown:
        """The unknown value of an expression: the same whenever this place is reached on this path."""
        return Unknown(SymbolId("at", frame.context, frame.path, node.start, node.end), label, library)

    def allocate(self, frame: Frame, at: object, made: HeapObject) -> Ref:
        """A new object of this place on this call path."""
        return self.heap.put(self.context("object", frame.context, frame.path, at), made)

    def new_items(self, frame: Frame, at: object, items: Sequence[Value], rest: Value | None = None) -> Ref:
        """A list of these items; too many are not told apart."""
        if len(items) > budget.MAX_ITEMS:
            items, rest = (), MANY
        return self.allocate(frame, at, SequenceObject(self.branch, list(items), rest))

    def new_dict(self, frame: Frame, at: object) -> tuple[Ref, Dictionary]:
        """An empty dictionary."""
        made = Dictionary(self.branch)
        return self.allocate(frame, at, made), made

    # --- the parts of the interpreter ---

    def evaluate(self, expr: facts.Expr, frame: Frame) -> Value:
        """The value of an expression, with its effects."""
        if self.hypotheses:
            supposed = self.hypotheses.get(facts.source_form(expr))
            if supposed is not None:
                return supposed
        return self.dispatch.evaluators[type(expr)](self, expr, frame)

    def execute(self, body: list[facts.Stmt], frame: Frame) -> bool:
        """Runs statements in order; tells whether the code behind them can be reached."""
        executors, tick = self.dispatch.executors, self.budget.tick
        for statement in body:
            tick()
            if not executors[type(statement)](self, statement, frame):
                return False
        return True

    def call(self, function: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
        """The result of a call, with its effects."""
        return self.dispatch.call(self, function, arguments, frame, span)

    def attribute(self, value: Value, name: str, frame: Frame, span: Span) -> Value:
        """`value.name`."""
        return self.dispatch.attribute(self, value, name, frame, span)

    # --- looking at values ---

    def defer(self, frame: Frame, at: object, work: Callable[[], Value]) -> Thunk:
        """A value that is worked out when it is needed, as on the branch that it stands on."""
        branch, clock, deeds = self.branch, self.heap.clock, self.module_cache.current_deps
        key = self.context("deferred", frame.context, frame.path, at)

        def later() -> Value:
            outer, self.branch = self.branch, branch
            date, self.heap.allocation_time = self.heap.allocation_time, clock
            if deeds.module or self.module_cache.current_deps.module:
                with self.loading(deeds, budget.STEPS_PER_THUNK):
                    made = work()
            else:
                made = work()
            self.branch, self.heap.allocation_time = outer, date
            return made

        self.thunks.deferred[key] = later
        self.thunks.forced.pop(key, None)
        self.thunks.pending_effects.pop(key, None)
        return Thunk(key)

    def attach_effect(self, function: Thunk, result: Thunk) -> None:
        """A method is called for what it does to an object that is put off: it is run when that is needed."""
        owner = self.thunks.owners.get(function.key, function.key)
        if owner in self.thunks.forced:
            self.force(result)
        else:
            self.thunks.pending_effects.setdefault(owner, []).append(self.thunks.deferred[result.key])

    def force(self, value: Value) -> Value:
        """The value with put-off calls carried out."""
        if isinstance(value, Thunk):
            return self._force_one(value)
        if isinstance(value, Union) and has_thunk(value):
            return join(self.force(part) for part in options(value))
        return value

    def _force_one(self, value: Thunk) -> Value:
        if value.key not in self.thunks.forced:
            # A put-off call that needs its own result is unknown.
            unknown = self.thunks.forced[value.key] = Unknown(SymbolId("deferred", value.key))
            self.thunks.forced[value.key] = (
                self._forced_within_budget(self.thunks.deferred[value.key]) or unknown
            )
            for work in self.thunks.pending_effects.pop(value.key, ()):
                if self._forced_within_budget(work) is None:
                    self.widen_instance(self.thunks.forced[value.key])
        return self.thunks.forced[value.key]

    def widen_instance(self, value: Value) -> None:
        """It is not known what was done to an instance: its dictionaries may hold anything."""
        for _, made in self.objects(value):
            if isinstance(made, Instance):
                place = Span(made.cls.path, made.cls.node.start, made.cls.node.end)
                why = template(Hole(SymbolId("changed by", place), "..."))
                for attribute in made.attributes.values():
                    for dictionary in self.dictionaries(attribute):
                        self.heap.widen(dictionary, why, place)

    def _forced_within_budget(self, work: Callable[[], Value]) -> Value | None:
        limit = self.budget.at_most(budget.STEPS_PER_THUNK)
        return run_with_budget(self, limit, lambda: self.force(work()))

    def objects(self, value: Value) -> Iterator[tuple[Value, HeapObject | None]]:
        """The alternatives of a value, each with its heap object if it has one.

        That of an unknown mapping holds the items that were put into it.
        """
        for option in options(self.force(value)):
            if isinstance(option, Ref):
                yield option, self.heap[option]
            else:
                yield option, self.heap.partial_mapping(option) if isinstance(option, Unknown) else None

    def dictionaries(self, value: Value) -> list[Dictionary]:
        """The alternatives that are dictionaries."""
        return [made for _, made in self.objects(value) if isinstance(made, Dictionary)]

    def heap_sequence(self, value: Value) -> SequenceObject | None:
        """The list behind a value that is one."""
        made = self.heap[value] if isinstance(value, Ref) else None
        return made if isinstance(made, SequenceObject) else None

    def heap_instance(self, value: Value) -> Instance | None:
        """The instance behind a value that is one."""
        made = self.heap[value] if isinstance(value, Ref) else None
        return made if isinstance(made, Instance) else None

    def publish_attribute(self, cls: ClassInfo, name: str, value: Value) -> None:
        """Notes what instances of a class hold, for receivers of which only the class is known."""
        self.shared_facts.publish_true("made", *cls.id)
        self.shared_facts.publish(value, "attribute", *cls.id, name)

    # --- control ---

    @contextmanager
    def loading(self, deeds: Dependencies, steps: int) -> Iterator[None]:
        """Code of a part of a module is run, in so many statements, or code of the call path: what it does is
        added to those deeds."""
        with self.module_cache.running(deeds), self.budget.separate(steps) if deeds.module else nullcontext():
            yield

    @property
    def in_loop(self) -> bool:
        """Whether what is run now may run any number of times."""
        return any(not passes.is_unrolled for passes in self.loops)

    def on_branch(
        self,
        frame: Frame | None = None,
        test: facts.Expr | None = None,
        *,
        holds: bool = True,
        label: str = "",
        place: Span | None = None,
        loop: Loop | None = None,
    ) -> AbstractContextManager[None]:
        """Code that may not run although the code before it does.

        It runs under a test, in a pass of a loop, or as one of several ways: those have a label, and a place
        where more have the same.
        """
        branch = branch_of(self.branch, frame, test, holds=holds)
        branch.label, branch.span, branch.loop = label, place, loop
        return _OnBranch(self, branch)

    # --- the active run ---

    @property
    def active_run(self) -> Value:
        """What `wandb.run` is now."""
        self.module_cache.mark_path_dependent()
        return self.entry.session.attributes["run"]

    def set_active_run(self, value: Value) -> None:
        """`wandb.run` changes here."""
        self.heap.set_attribute(self.entry.session, "run", value, self.branch)


class _OnBranch:
    """Code is run on a branch. It is a class for speed: a generator takes three times as long."""

    __slots__ = ("_before", "_branch", "_m")

    def __init__(self, m: Interpreter, branch: Branch) -> None:
        self._m, self._branch, self._before = m, branch, m.branch

    def __enter__(self) -> None:
        self._m.branch = self._branch

    def __exit__(self, *_: object) -> None:
        self._m.branch = self._before
