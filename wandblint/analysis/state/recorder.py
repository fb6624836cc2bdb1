"""Records the events of an abstract run: what wandb would receive."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.model.control_flow import Increment, Initialization, RunOpened
from wandblint.model.events import (
    ApiUse,
    Definition,
    EntryLocation,
    FrontEndRun,
    Init,
    InitWhileActive,
    LogCall,
    NoneGuard,
    ProcessLaunch,
)
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, Read, Write
from wandblint.span import Span


class EntryEvents(msgspec.Struct):
    """The events of an entry point, in order of first appearance."""

    inits: dict[Init, None] = msgspec.field(default_factory=dict)
    definitions: dict[Definition, None] = msgspec.field(default_factory=dict)
    log_calls: dict[LogCall, None] = msgspec.field(default_factory=dict)
    guards: dict[NoneGuard, None] = msgspec.field(default_factory=dict)
    unseen_effects: dict[tuple[Span, int], None] = msgspec.field(default_factory=dict)
    api_uses: dict[ApiUse, None] = msgspec.field(default_factory=dict)
    induction_events: dict[tuple[Initialization | Increment, int], Initialization | Increment] = (
        msgspec.field(default_factory=dict)
    )
    """With the sequence of their points: a second call of a method sets its counter again."""
    runs_opened: dict[RunOpened, RunOpened] = msgspec.field(default_factory=dict)
    sequence: dict[tuple[object, ...], int] = msgspec.field(default_factory=dict)
    """The order in which program points were first reached."""
    inits_while_active: dict[InitWhileActive, None] = msgspec.field(default_factory=dict)
    launches: dict[ProcessLaunch, None] = msgspec.field(default_factory=dict)
    front_end_runs: dict[FrontEndRun, None] = msgspec.field(default_factory=dict)
    calls: dict[Call, None] = msgspec.field(default_factory=dict)
    writes: dict[Write, None] = msgspec.field(default_factory=dict)
    reads: dict[Read, None] = msgspec.field(default_factory=dict)

    @property
    def used_induction_events(
        self,
    ) -> dict[tuple[Initialization | Increment, int], Initialization | Increment]:
        """The events of the induction variables that its steps are made of."""
        used = {number for call in self.log_calls if call.induction for number in call.induction.variables}
        return {key: event for key, event in self.induction_events.items() if event.variable in used}


class Recorder(msgspec.Struct):
    """Collects the events, each once per entry point."""

    module_cache: ModuleCache
    """Receives the effects that depend on the entry point."""
    entry_id: int = 0
    caller_unseen: bool = False
    """Whether the entry point is a function that nobody calls, so that its caller is unseen."""
    in_test: bool = False
    effect_count: int = 0
    """How often code reached wandb, recorded or not."""
    hypothetical_uses: int = 0
    """How often a hypothetical run used a variable that is None as a run."""
    hypothetical_depth: int = 0
    """The nesting of hypothetical runs, in which nothing is recorded."""
    is_single_process: bool = False
    """Whether the code that runs is a job of one process, so that it starts none."""
    may_depth: int = 0
    """The nesting of approximate calls, whose events can silence claims but not make them."""
    non_wandb_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that read as logging but enter the project's own code, or another library."""
    records: dict[int, EntryEvents] = msgspec.field(default_factory=lambda: defaultdict(EntryEvents))
    """The events, by entry point."""
    entry_points: dict[int, EntryLocation] = msgspec.field(default_factory=dict)
    crashed: set[str] = msgspec.field(default_factory=set)
    """Files in which the analysis had an internal error."""
    approximate_only: set[int] = msgspec.field(default_factory=set)
    """Entry points that neither make claims nor silence them."""
    tracker_owners: set[int] = msgspec.field(default_factory=set)
    """Entry points that make an object whose trackers may include wandb's."""
    over_budget: set[int] = msgspec.field(default_factory=set)
    """Entry points that were cut off."""
    calls: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    """By entry point: how many calls its last run has met, and how many of them were cut off."""

    def start(self, entry_id: int, *, caller_unseen: bool, in_test: bool, approximate: bool = False) -> None:
        """Starts an entry point.

        An `approximate` one runs only to learn about its rows: its code may be dead, or it was cut off before
        and its unseen effects are recorded already.
        """
        if approximate:
            self.approximate_only.add(entry_id)
        self.entry_id, self.caller_unseen, self.in_test = entry_id, caller_unseen, in_test
        self.hypothetical_depth, self.may_depth = 0, int(approximate)
        self.is_single_process = False

    def reset_depths(self) -> None:
        """Leaves all approximate and hypothetical code."""
        self.hypothetical_depth, self.may_depth = 0, int(self.entry_id in self.approximate_only)

    def take(self, entry_id: int) -> EntryEvents:
        """Removes and returns the events of an entry point, which runs again."""
        return self.records.pop(entry_id, EntryEvents())

    def put_back(self, entry_id: int, before: EntryEvents) -> None:
        """Restores the events from before a second run that was cut off; its unseen effects are added."""
        unseen_effects = {**before.unseen_effects, **self.take(entry_id).unseen_effects}
        self.records[entry_id] = replace(before, unseen_effects=unseen_effects)

    @property
    def init_spans(self) -> set[Span]:
        """The inits that any entry point reached."""
        return {init.span for record in self.records.values() for init in record.inits}

    @property
    def log_spans(self) -> set[Span]:
        """The log calls, and other recorded calls, that any entry point reached."""
        logged = {call.span for record in self.records.values() for call in record.log_calls}
        return logged.union(call.span for record in self.records.values() for call in record.calls)

    @property
    def record(self) -> EntryEvents:
        """The events of this entry point so far."""
        return self.records[self.entry_id]

    @property
    def _entry_record(self) -> EntryEvents:
        """The same, for an event that makes the module that is being loaded depend on the entry point."""
        self.module_cache.mark_path_dependent()
        return self.record

    def depths(self) -> tuple[int, int]:
        """The nesting of approximate and of hypothetical code."""
        return self.may_depth, self.hypothetical_depth

    @property
    def is_must(self) -> bool:
        """Whether the events recorded now can make claims."""
        return self.may_depth == 0

    def use(self) -> None:
        """Records that code reaches wandb."""
        self.effect_count += 1
        self.module_cache.mark_path_dependent()

    def sequence(self, *point: object) -> int:
        """The order in which this entry point first reached a program point."""
        return self.record.sequence.setdefault(point, len(self.record.sequence))

    def init(self, init: Init, context: int) -> None:
        """Records that a run is opened in a context."""
        self.use()
        if not self.hypothetical_depth:
            self.record.inits.setdefault(init)
            opened = RunOpened(init.span, context, init.point)
            self.record.runs_opened.setdefault(opened, opened)

    def call(self, call: Call) -> None:
        """Records a call that `semantics/api.py` names."""
        if not self.hypothetical_depth and not self.in_test:
            self._entry_record.calls.setdefault(call)

    def write(self, write: Write) -> None:
        """Records a write to a run's config, summary or attributes."""
        if not self.hypothetical_depth and not self.in_test:
            self._entry_record.writes.setdefault(write)

    def read(self, read: Read) -> None:
        """Records a read of a run's config or summary, or of the environment."""
        if not self.hypothetical_depth and not self.in_test:
            self._entry_record.reads.setdefault(read)

    def front_end_run(self, run: FrontEndRun) -> None:
        """Records that a front end opens a run by itself."""
        self.use()
        if not self.hypothetical_depth and not self.in_test:
            self.record.front_end_runs.setdefault(run)

    def init_while_active(self, event: InitWhileActive) -> None:
        """Records an init that is reached while a run is open."""
        self._entry_record.inits_while_active.setdefault(event)

    def drop_init_while_active(self, init: Init) -> None:
        """Records that an init is reached in a later iteration, or on another path, while no run is open."""
        same = [other for other in self.record.inits if other.span == init.span]
        if any(other.is_surely_active and other.call_stack == init.call_stack for other in same):
            events = self.record.inits_while_active
            self.record.inits_while_active = {
                event: None for event in events if event.span != init.span or event.loop is not None
            }

    def launch(self, launch: ProcessLaunch) -> None:
        """Records that a job of several processes is started or joined."""
        if not self.hypothetical_depth and not self.in_test and not self.is_single_process:
            self._entry_record.launches.setdefault(launch)

    def drop_launches(self, span: Span | None) -> None:
        """Records that the job is a single process: as the launch at `span` says, or in all of the code."""
        self.is_single_process = self.is_single_process or span is None
        launches = self._entry_record.launches
        self.record.launches = {event: None for event in launches if span is not None and event.span != span}

    def count(self, event: Initialization | Increment) -> None:
        """Records the initialization or increment of an induction variable."""
        if self.module_cache.current_module or not self.hypothetical_depth:
            self.module_cache.apply((event, event.point.sequence), lambda: self._count(event))

    def _count(self, event: Initialization | Increment) -> None:
        self.record.induction_events.setdefault((event, event.point.sequence), event)

    def define(self, definition: Definition) -> None:
        """Records the definition of a metric."""
        self.use()
        if not self.hypothetical_depth and not (self.in_test and not definition.runs):
            self.record.definitions.setdefault(definition)

    def log(self, call: LogCall) -> None:
        """Records a logged row, except one to an unknown run in a test, which is a mock."""
        self.use()
        if not self.hypothetical_depth and not (self.in_test and not call.runs):
            self.record.log_calls.setdefault(call)

    def guard(self, guard: NoneGuard) -> None:
        """Records a test of a variable that can only be None."""
        if not self.hypothetical_depth:
            self._entry_record.guards.setdefault(guard)

    def use_api(self, use: ApiUse) -> None:
        """Records the use of an API that some wandb release has removed."""
        if not self.hypothetical_depth:
            self._entry_record.api_uses.setdefault(use)

    def use_hypothetical(self) -> None:
        """Records that the hypothetical value of a variable that is None is used as a run."""
        self.hypothetical_uses += 1
        self.use()

    def note_non_wandb_call(self, span: Span) -> None:
        """Records a call that reads as logging but is not a call of wandb."""
        self.module_cache.current_deps.non_wandb_calls.add(span)

    def mark_unseen_logging(self, span: Span) -> None:
        """Records that unseen code may log any key from here on."""
        if not self.hypothetical_depth and not self.in_test:
            # An unseen caller may have opened any run.
            self._entry_record.unseen_effects.setdefault((span, -1 if self.caller_unseen else self.entry_id))

    def fill(self, model: TrackingModel) -> None:
        """Fills the model with all events, ordered by location, entry point and first appearance."""
        by_entry = dict(sorted(self.records.items()))
        records, location = by_entry.values(), attrgetter("span")
        model.inits = sorted((init for r in records for init in r.inits), key=location)
        model.front_end_runs = sorted((run for r in records for run in r.front_end_runs), key=location)
        model.calls = sorted((call for r in records for call in r.calls), key=location)
        model.writes = sorted((write for r in records for write in r.writes), key=location)
        model.reads = sorted((read for r in records for read in r.reads), key=location)
        model.definitions = sorted((event for r in records for event in r.definitions), key=location)
        model.log_calls = sorted((call for r in records for call in r.log_calls), key=location)
        model.api_uses = sorted({use for r in records for use in r.api_uses})
        model.guards = sorted((guard for r in records for guard in r.guards), key=location)
        model.entry_points = self.entry_points
        model.induction_events = {
            entry: tuple(r.used_induction_events.values()) for entry, r in by_entry.items()
        }
        model.non_wandb_calls = frozenset(self.non_wandb_calls)
        model.runs_opened = {entry: tuple(r.runs_opened) for entry, r in by_entry.items()}
        while_active = sorted((e for r in records for e in r.inits_while_active), key=location)
        model.inits_while_active = [event for event in while_active if event.held_back is None]
        model.held_back_inits = [event for event in while_active if event.held_back is not None]
        model.process_launches = sorted((launch for r in records for launch in r.launches), key=location)
        model.approximate_only = frozenset(self.approximate_only)
        model.over_budget = frozenset(self.over_budget)
        model.calls_met = sum(met for met, _ in self.calls.values())
        model.calls_cut_off = sum(cut_off for _, cut_off in self.calls.values())
        model.unseen_effects = sorted(
            effect
            for entry, r in by_entry.items()
            if entry not in self.approximate_only
            for effect in r.unseen_effects
        )
