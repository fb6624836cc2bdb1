"""What wandb would be told: the calls of an abstract run, as the model's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.model.control_flow import Increment, Initialization, RunOpened
from wandblint.model.events import (
    ApiUse,
    Definition,
    EntryLocation,
    Init,
    InitWhileActive,
    LogCall,
    NoneGuard,
    ProcessLaunch,
)
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span


class EntryEvents(msgspec.Struct):
    """What one call path does, in the order in which it was met."""

    inits: dict[Init, None] = msgspec.field(default_factory=dict)
    definitions: dict[Definition, None] = msgspec.field(default_factory=dict)
    log_calls: dict[LogCall, None] = msgspec.field(default_factory=dict)
    guards: dict[NoneGuard, None] = msgspec.field(default_factory=dict)
    unseen_effects: dict[tuple[Span, int], None] = msgspec.field(default_factory=dict)
    api_uses: dict[ApiUse, None] = msgspec.field(default_factory=dict)
    induction_events: dict[Initialization | Increment, Initialization | Increment] = msgspec.field(
        default_factory=dict
    )
    runs_opened: dict[RunOpened, RunOpened] = msgspec.field(default_factory=dict)
    sequence: dict[tuple[object, ...], int] = msgspec.field(default_factory=dict)
    """When each place was first met."""
    inits_while_active: dict[InitWhileActive, None] = msgspec.field(default_factory=dict)
    launches: dict[ProcessLaunch, None] = msgspec.field(default_factory=dict)

    @property
    def used_induction_events(self) -> dict[Initialization | Increment, Initialization | Increment]:
        """Those of the variables that its own steps are made of."""
        used = {number for call in self.log_calls if call.induction for number in call.induction.variables}
        return {made: made for made in self.induction_events if made.variable in used}


class Recorder(msgspec.Struct):
    """Collects inits, definitions and log calls, each once a call path (`root`)."""

    module_cache: ModuleCache
    """Told of all that belongs to a call path."""
    entry_id: int = 0
    caller_unseen: bool = False
    """The call path starts in a function that nobody calls: its caller is not seen."""
    in_test: bool = False
    effect_count: int = 0
    """How often wandb was reached, recorded or not."""
    hypothetical_uses: int = 0
    """How often a variable that is None was used as a run in a supposed branch."""
    hypothetical_depth: int = 0
    """Inside a supposed branch nothing is recorded."""
    may_depth: int = 0
    """Inside a approximate call what is recorded can silence claims, not make them."""
    non_wandb_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that read as a log of wandb's and enter the project's own code, or another library."""
    records: dict[int, EntryEvents] = msgspec.field(default_factory=lambda: defaultdict(EntryEvents))
    """What each call path was seen to do."""
    entry_points: dict[int, EntryLocation] = msgspec.field(default_factory=dict)
    """Where each call path starts."""
    crashed: set[str] = msgspec.field(default_factory=set)
    """Files over which the linker made a mistake."""

    approximate_only: set[int] = msgspec.field(default_factory=set)
    """Call paths that neither make claims nor silence them."""
    given_up: set[int] = msgspec.field(default_factory=set)
    """Call paths that were not followed to their end."""

    def start(self, root: int, *, caller_unseen: bool, in_test: bool, approximate: bool = False) -> None:
        """A new call path. One that is `approximate` is looked at for what is known of its rows, no more: its
        code may be dead, and where it was only cut off, the path that was cut has hidden what it may do."""
        if approximate:
            self.approximate_only.add(root)
        self.entry_id, self.caller_unseen, self.in_test = root, caller_unseen, in_test
        self.hypothetical_depth, self.may_depth = 0, int(approximate)

    def leave_guesses(self) -> None:
        """The call path is not in any code that is approximate or supposed."""
        self.hypothetical_depth, self.may_depth = 0, int(self.entry_id in self.approximate_only)

    def add_initializations(self, starts: Iterable[Initialization]) -> None:
        """Counting variables of a module that an earlier path has loaded."""
        for made in starts:
            self.record.induction_events.setdefault(made, made)

    def take(self, root: int) -> EntryEvents:
        """What a call path did, taken out: it is run again."""
        return self.records.pop(root, EntryEvents())

    def put_back(self, root: int, before: EntryEvents) -> None:
        """Running a call path again was given up: what it did before stands, what it hides stands too."""
        self.records[root] = replace(
            before, unseen_effects={**before.unseen_effects, **self.take(root).unseen_effects}
        )

    @property
    def init_places(self) -> set[Span]:
        """Where inits were seen on any call path."""
        return {init.span for record in self.records.values() for init in record.inits}

    @property
    def log_places(self) -> set[Span]:
        """Where rows were seen to be logged on any call path."""
        return {call.span for record in self.records.values() for call in record.log_calls}

    @property
    def record(self) -> EntryEvents:
        """What this call path was seen to do so far."""
        return self.records[self.entry_id]

    @property
    def _entry_record(self) -> EntryEvents:
        """The same, where something is added that belongs to this call path."""
        self.module_cache.mark_path_dependent()
        return self.record

    def depths(self) -> tuple[int, int]:
        """How deep in approximate and in supposed code this is."""
        return self.may_depth, self.hypothetical_depth

    @property
    def is_must(self) -> bool:
        """Whether what is recorded now can make a claim."""
        return self.may_depth == 0

    def _reach(self) -> None:
        self.effect_count += 1
        self.module_cache.mark_path_dependent()

    def sequence(self, *place: object) -> int:
        """The order in which this place was first met on this call path."""
        return self.record.sequence.setdefault(place, len(self.record.sequence))

    def init(self, made: Init, number: int) -> None:
        """A run is opened; `number` tells apart the times that the path comes here."""
        self._reach()
        if not self.hypothetical_depth:
            self.record.inits.setdefault(made)
            opening = RunOpened(made.span, number, made.point)
            self.record.runs_opened.setdefault(opening, opening)

    def init_while_active(self, made: InitWhileActive) -> None:
        """An init is reached while a run is open."""
        self._entry_record.inits_while_active.setdefault(made)

    def launch(self, made: ProcessLaunch) -> None:
        """A job of several processes is started or joined."""
        if not self.hypothetical_depth and not self.in_test:
            self._entry_record.launches.setdefault(made)

    def count(self, made: Initialization | Increment) -> None:
        """A counting variable starts or rises."""
        if isinstance(made, Increment):
            self.module_cache.mark_path_dependent()
        else:
            self.module_cache.note_initialization(made)
        if not self.hypothetical_depth:
            self.record.induction_events.setdefault(made, made)

    def define(self, made: Definition) -> None:
        """A metric is defined."""
        self._reach()
        if not self.hypothetical_depth and not (self.in_test and not made.runs):
            self.record.definitions.setdefault(made)

    def log(self, made: LogCall) -> None:
        """A row is logged. Tests log to mocks: a run that is not known is none there."""
        self._reach()
        if not self.hypothetical_depth and not (self.in_test and not made.runs):
            self.record.log_calls.setdefault(made)

    def guard(self, made: NoneGuard) -> None:
        """A test of a variable that can only be None."""
        if self.hypothetical_depth:
            return
        self._entry_record.guards.setdefault(made)

    def use_api(self, made: ApiUse) -> None:
        """Something of wandb is used that some release has lost."""
        if not self.hypothetical_depth:
            self._entry_record.api_uses.setdefault(made)

    def use_hypothetical(self) -> None:
        """What is supposed in place of None is used as a run."""
        self.hypothetical_uses += 1
        self._reach()

    def use(self) -> None:
        """A run is used in another way."""
        self._reach()

    def note_non_wandb_call(self, span: Span) -> None:
        """A call is no call of wandb."""
        self.module_cache.current_deps.non_wandb_calls.add(span)

    def mark_unseen_logging(self, span: Span) -> None:
        """From here on anything may be logged unseen."""
        if not self.hypothetical_depth and not self.in_test:
            # Who starts in a function that nobody calls may be on any run.
            self._entry_record.unseen_effects.setdefault((span, -1 if self.caller_unseen else self.entry_id))

    def fill(self, model: TrackingModel) -> None:
        """Hands everything over: by place, then call path, then the order in which it was met."""
        records = [self.records[root] for root in sorted(self.records)]
        model.inits = sorted((i for r in records for i in r.inits), key=lambda init: init.span)
        model.definitions = sorted((d for r in records for d in r.definitions), key=lambda made: made.span)
        model.log_calls = sorted((c for r in records for c in r.log_calls), key=lambda call: call.span)
        model.api_uses = sorted({use for r in records for use in r.api_uses})
        model.guards = sorted((g for r in records for g in r.guards), key=lambda guard: guard.span)
        model.entry_points = self.entry_points
        model.induction_events = {
            root: tuple(self.records[root].used_induction_events) for root in sorted(self.records)
        }
        model.non_wandb_calls = frozenset(self.non_wandb_calls)
        model.runs_opened = {root: tuple(self.records[root].runs_opened) for root in sorted(self.records)}
        model.inits_while_active = sorted(
            (r for x in records for r in x.inits_while_active), key=lambda made: made.span
        )
        model.process_launches = sorted(
            (made for r in records for made in r.launches), key=lambda made: made.span
        )
        model.approximate_only = frozenset(self.approximate_only)
        model.entries_given_up = len(self.given_up)
        heard = [self.records[root] for root in sorted(self.records) if root not in self.approximate_only]
        model.unseen_effects = sorted(hidden for r in heard for hidden in r.unseen_effects)
