"""What wandb would be told: the calls of an abstract run, as the model's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from wandblint.finding import Span
from wandblint.flow import Opening, Start, Tick
from wandblint.linking.sharing import Sharing
from wandblint.model import ApiUse, Definition, Entry, Guard, Init, Launch, LogCall, Reopening, TrackingModel


class Record(msgspec.Struct):
    """What one call path does, in the order in which it was met."""

    inits: dict[Init, None] = msgspec.field(default_factory=dict)
    definitions: dict[Definition, None] = msgspec.field(default_factory=dict)
    log_calls: dict[LogCall, None] = msgspec.field(default_factory=dict)
    guards: dict[Guard, None] = msgspec.field(default_factory=dict)
    hidden: dict[tuple[Span, int], None] = msgspec.field(default_factory=dict)
    api_uses: dict[ApiUse, None] = msgspec.field(default_factory=dict)
    counts: dict[Start | Tick, Start | Tick] = msgspec.field(default_factory=dict)
    openings: dict[Opening, Opening] = msgspec.field(default_factory=dict)
    order: dict[tuple[object, ...], int] = msgspec.field(default_factory=dict)
    """When each place was first met."""
    reopenings: dict[Reopening, None] = msgspec.field(default_factory=dict)
    launches: dict[Launch, None] = msgspec.field(default_factory=dict)

    @property
    def used_counts(self) -> dict[Start | Tick, Start | Tick]:
        """Those of the variables that its own steps are made of."""
        used = {number for call in self.log_calls if call.counter for number in call.counter.variables}
        return {made: made for made in self.counts if made.variable in used}


class Recorder(msgspec.Struct):
    """Collects inits, definitions and log calls, each once a call path (`root`)."""

    sharing: Sharing
    """Told of all that belongs to a call path."""
    root: int = 0
    from_outside: bool = False
    """The call path starts in a function that nobody calls: its caller is not seen."""
    in_test: bool = False
    effects: int = 0
    """How often wandb was reached, recorded or not."""
    supposed_uses: int = 0
    """How often a variable that is None was used as a run in a supposed branch."""
    shadow: int = 0
    """Inside a supposed branch nothing is recorded."""
    uncertain: int = 0
    """Inside a guessed call what is recorded can silence claims, not make them."""
    other_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that read as a log of wandb's and enter the project's own code, or another library."""
    records: dict[int, Record] = msgspec.field(default_factory=lambda: defaultdict(Record))
    """What each call path was seen to do."""
    entries: dict[int, Entry] = msgspec.field(default_factory=dict)
    """Where each call path starts."""
    crashed: set[str] = msgspec.field(default_factory=set)
    """Files over which the linker made a mistake."""

    looked_at: set[int] = msgspec.field(default_factory=set)
    """Call paths that neither make claims nor silence them."""
    given_up: set[int] = msgspec.field(default_factory=set)
    """Call paths that were not followed to their end."""

    def start(self, root: int, *, from_outside: bool, in_test: bool, guessed: bool = False) -> None:
        """A new call path. One that is `guessed` is looked at for what is known of its rows, no more: its
        code may be dead, and where it was only cut off, the path that was cut has hidden what it may do."""
        if guessed:
            self.looked_at.add(root)
        self.root, self.from_outside, self.in_test = root, from_outside, in_test
        self.shadow, self.uncertain = 0, int(guessed)

    def start_over(self) -> None:
        """The call path is not in any code that is guessed or supposed."""
        self.shadow, self.uncertain = 0, int(self.root in self.looked_at)

    def started_before(self, starts: Iterable[Start]) -> None:
        """Counting variables of a module that an earlier path has loaded."""
        for made in starts:
            self.record.counts.setdefault(made, made)

    def take(self, root: int) -> Record:
        """What a call path did, taken out: it is run again."""
        return self.records.pop(root, Record())

    def put_back(self, root: int, before: Record) -> None:
        """Running a call path again was given up: what it did before stands, what it hides stands too."""
        self.records[root] = replace(before, hidden={**before.hidden, **self.take(root).hidden})

    @property
    def init_places(self) -> set[Span]:
        """Where inits were seen on any call path."""
        return {init.span for record in self.records.values() for init in record.inits}

    @property
    def log_places(self) -> set[Span]:
        """Where rows were seen to be logged on any call path."""
        return {call.span for record in self.records.values() for call in record.log_calls}

    @property
    def record(self) -> Record:
        """What this call path was seen to do so far."""
        return self.records[self.root]

    @property
    def _told(self) -> Record:
        """The same, where something is added that belongs to this call path."""
        self.sharing.note_effect()
        return self.record

    def guessing(self) -> tuple[int, int]:
        """How deep in guessed and in supposed code this is."""
        return self.uncertain, self.shadow

    @property
    def certain(self) -> bool:
        """Whether what is recorded now can make a claim."""
        return self.uncertain == 0

    def _reach(self) -> None:
        self.effects += 1
        self.sharing.note_effect()

    def order(self, *place: object) -> int:
        """The order in which this place was first met on this call path."""
        return self.record.order.setdefault(place, len(self.record.order))

    def init(self, made: Init, number: int) -> None:
        """A run is opened; `number` tells apart the times that the path comes here."""
        self._reach()
        if not self.shadow:
            self.record.inits.setdefault(made)
            opening = Opening(made.span, number, made.moment)
            self.record.openings.setdefault(opening, opening)

    def reopen(self, made: Reopening) -> None:
        """An init is reached while a run is open."""
        self._told.reopenings.setdefault(made)

    def launch(self, made: Launch) -> None:
        """A job of several processes is started or joined."""
        if not self.shadow and not self.in_test:
            self._told.launches.setdefault(made)

    def count(self, made: Start | Tick) -> None:
        """A counting variable starts or rises."""
        if isinstance(made, Tick):
            self.sharing.note_effect()
        else:
            self.sharing.note_start(made)
        if not self.shadow:
            self.record.counts.setdefault(made, made)

    def define(self, made: Definition) -> None:
        """A metric is defined."""
        self._reach()
        if not self.shadow and not (self.in_test and not made.runs):
            self.record.definitions.setdefault(made)

    def log(self, made: LogCall) -> None:
        """A row is logged. Tests log to mocks: a run that is not known is none there."""
        self._reach()
        if not self.shadow and not (self.in_test and not made.runs):
            self.record.log_calls.setdefault(made)

    def guard(self, made: Guard) -> None:
        """A test of a variable that can only be None."""
        if self.shadow:
            return
        self._told.guards.setdefault(made)

    def use_api(self, made: ApiUse) -> None:
        """Something of wandb is used that some release has lost."""
        if not self.shadow:
            self._told.api_uses.setdefault(made)

    def use_supposed(self) -> None:
        """What is supposed in place of None is used as a run."""
        self.supposed_uses += 1
        self._reach()

    def use(self) -> None:
        """A run is used in another way."""
        self._reach()

    def enter_other(self, span: Span) -> None:
        """A call is no call of wandb."""
        self.sharing.now.other_calls.add(span)

    def hide(self, span: Span) -> None:
        """From here on anything may be logged unseen."""
        if not self.shadow and not self.in_test:
            # Who starts in a function that nobody calls may be on any run.
            self._told.hidden.setdefault((span, -1 if self.from_outside else self.root))

    def into(self, model: TrackingModel) -> None:
        """Hands everything over: by place, then call path, then the order in which it was met."""
        records = [self.records[root] for root in sorted(self.records)]
        model.inits = sorted((i for r in records for i in r.inits), key=lambda init: init.span)
        model.definitions = sorted((d for r in records for d in r.definitions), key=lambda made: made.span)
        model.log_calls = sorted((c for r in records for c in r.log_calls), key=lambda call: call.span)
        model.api_uses = sorted({use for r in records for use in r.api_uses})
        model.guards = sorted((g for r in records for g in r.guards), key=lambda guard: guard.span)
        model.entries = self.entries
        model.counts = {root: tuple(self.records[root].used_counts) for root in sorted(self.records)}
        model.other_calls = frozenset(self.other_calls)
        model.openings = {root: tuple(self.records[root].openings) for root in sorted(self.records)}
        model.reopenings = sorted((r for x in records for r in x.reopenings), key=lambda made: made.span)
        model.launches = sorted((made for r in records for made in r.launches), key=lambda made: made.span)
        model.looked_at = frozenset(self.looked_at)
        model.given_up = len(self.given_up)
        heard = [self.records[root] for root in sorted(self.records) if root not in self.looked_at]
        model.hidden_loggers = sorted(hidden for r in heard for hidden in r.hidden)
