"""What wandb would be told: the calls of an abstract run, as the model's words."""

from __future__ import annotations

from dataclasses import dataclass, field

from wandblint.finding import Span
from wandblint.model import Definition, Guard, Init, LogCall, TrackingModel


@dataclass
class Recorder:
    """Collects inits, definitions and log calls, each once a call path (`root`)."""

    root: int = 0
    from_outside: bool = False
    """The call path starts in a function that nobody calls: its caller is not seen."""
    in_test: bool = False
    effects: int = 0
    """How often wandb was reached, recorded or not."""
    shadow: int = 0
    """Inside a supposed branch nothing is recorded."""
    uncertain: int = 0
    """Inside a guessed call what is recorded can silence claims, not make them."""
    inits: dict[Init, None] = field(default_factory=dict)
    definitions: dict[Definition, None] = field(default_factory=dict)
    log_calls: dict[LogCall, None] = field(default_factory=dict)
    guards: dict[Guard, None] = field(default_factory=dict)
    hidden: dict[tuple[Span, int], None] = field(default_factory=dict)

    def guessing(self) -> tuple[int, int]:
        """How deep in guessed and in supposed code this is."""
        return self.uncertain, self.shadow

    @property
    def certain(self) -> bool:
        """Whether what is recorded now can make a claim."""
        return self.uncertain == 0

    def init(self, made: Init) -> None:
        """A run is opened."""
        self.effects += 1
        if not self.shadow:
            self.inits.setdefault(made)

    def define(self, made: Definition) -> None:
        """A metric is defined."""
        self.effects += 1
        if not self.shadow and not (self.in_test and not made.runs):
            self.definitions.setdefault(made)

    def log(self, made: LogCall) -> None:
        """A row is logged. Tests log to mocks: a run that is not known is none there."""
        self.effects += 1
        if not self.shadow and not (self.in_test and not made.runs):
            self.log_calls.setdefault(made)

    def guard(self, made: Guard) -> None:
        """A test of a variable that can only be None. Reached on several paths it reaches wandb if it does on one."""
        if self.shadow:
            return
        for known in list(self.guards):
            if known.span == made.span and known.variable == made.variable:
                if known.reaches_wandb or not made.reaches_wandb:
                    return
                del self.guards[known]
        self.guards.setdefault(made)

    def use(self) -> None:
        """A run is used in another way."""
        self.effects += 1

    def hide(self, span: Span) -> None:
        """From here anything may be logged unseen on this call path, or on every one where the path's start is open."""
        if not self.shadow and not self.in_test:
            self.hidden.setdefault((span, -1 if self.from_outside else self.root))

    def into(self, model: TrackingModel) -> None:
        """Hands everything over, in a fixed order."""
        model.inits = sorted(self.inits, key=lambda init: (init.span, init.root))
        model.definitions = sorted(self.definitions, key=lambda made: (made.span, made.root, str(made.name)))
        model.log_calls = sorted(
            self.log_calls, key=lambda call: (call.span, call.root, [str(key.name) for key in call.keys])
        )
        model.guards = sorted(self.guards, key=lambda guard: guard.span)
        model.hidden_loggers = sorted(self.hidden)
