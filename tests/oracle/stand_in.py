"""A stand-in for wandb that records what a program tells it, and runs programs in this process.

It raises where wandb raises. `test_stand_in.py` compares it with the installed wandb.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType
from typing import Any

from tests.oracle.rendering import MAIN
from tests.oracle.trace import TICK, Location, Trace, call_stack, compiled
from wandblint.semantics.metrics import NESTING, UNLOGGED_AXIS_VALUE, applying, syncs_step
from wandblint.semantics.rows import Rows

SECONDS = 5.0
MAX_LOGGED = 5_000
"""A program that runs longer, or logs more to a run, is stopped: a list may grow while a loop reads it."""


class WandbError(Exception):
    """The errors of wandb: `wandb.Error`, and `UsageError` from finished runs."""


@dataclass(frozen=True)
class Logged:
    """A log call: the numbers and other values that it passes, and whether wandb keeps the row."""

    call_stack: frozenset[Location]
    """The lines of the program that were running, innermost first."""
    values: dict[str, Any]
    step: int
    is_kept: bool


@dataclass
class Recorded:
    """A run as its record shows it."""

    opened: list[frozenset[Location]] = field(default_factory=list)
    """The call stacks of every `wandb.init` that gave this run."""
    logged: list[Logged] = field(default_factory=list)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    definition_stacks: list[frozenset[Location]] = field(default_factory=list)
    """The call stacks of every `define_metric`."""
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    """The rows by their step, with the axes that wandb adds."""

    @property
    def keys(self) -> set[str]:
        """The recorded keys, without axes that only a replaced definition gave."""
        passed = self.passed
        axes = {axis for key in passed for axis in self.axes(key)}
        return {key for row in self.rows.values() for key in row if key in passed or key in axes}

    @property
    def passed(self) -> set[str]:
        """The recorded keys that the program passes itself."""
        return {key for call in self.logged if call.is_kept for key in call.values}

    def axes(self, key: str) -> set[str | None]:
        """The axes that wandb may plot a key over: several if several globs match."""
        names = applying(self.definitions, key)
        return {self.definitions[name].get("step_metric") for name in names} or {None}

    def logs_number(self, key: str) -> bool:
        """Whether some call passes a number under a key, even in a row that wandb drops."""
        return any(is_number(call.values.get(key)) for call in self.logged)


@dataclass
class Record:
    """What a program told wandb, and the error that it ended with."""

    runs: list[Recorded] = field(default_factory=list)
    inits: list[tuple[frozenset[Location], bool]] = field(default_factory=list)
    """The call stack of each `wandb.init`, and whether it returned a run that was open."""
    trace: Trace = field(default_factory=Trace)
    error: str | None = None

    @property
    def is_endless(self) -> bool:
        """Whether it was stopped because it did not end."""
        return (self.error or "").startswith(EndlessError.__name__)


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and value is not None


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the keys that wandb records."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            found |= {f"{key}{NESTING}{inner}": each for inner, each in flat(value).items()}
        else:
            found[key] = value
    return found


class Metric:
    """The result of `define_metric`."""

    def __init__(self, name: str) -> None:
        self.name = name


class Run:
    """A run that records."""

    def __init__(self, module: Wandb, recorded: Recorded) -> None:
        self.recorded = recorded
        self.config: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}
        self.id = self.name = f"run{len(module.record.runs)}"
        self._module = module
        self._rows = Rows()
        self._last: dict[str, Any] = {}
        self._written: set[int] = set()
        self.is_finished = False

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *error: object) -> None:
        self.finish()

    def _may(self, name: str) -> bool:
        """Whether wandb does what a method asks for: a finished run refuses it."""
        return self._module.may(name, f"Run ({self.id}) is finished." if self.is_finished else "")

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        if not self._may("log"):
            return
        if not isinstance(data, Mapping):
            raise TypeError("wandb.log must be passed a dictionary")
        if any(not isinstance(key, str) for key in data):
            raise TypeError("Key values passed to `wandb.log` must be strings.")
        if len(self.recorded.logged) >= MAX_LOGGED:
            raise EndlessError
        values = flat(data)
        before = self._rows.current
        is_kept = self._rows.log(step, commit=commit)
        at = before if step is None else step
        self.recorded.logged.append(Logged(call_stack(), values, at, is_kept))
        if is_kept:
            self.recorded.rows.setdefault(at, {}).update(values)

    def define_metric(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        if not self._may("define_metric"):
            return Metric(name)
        if not name or "*" in name[:-1]:
            raise WandbError("Unhandled define_metric() arg: name")
        axis = step_metric.name if isinstance(step_metric, Metric) else step_metric
        options = {"step_metric": axis, "step_sync": step_sync, "hidden": hidden, "summary": summary}
        mentioned = {key: value for key, value in options.items() if value is not None}
        known = {} if overwrite else self.recorded.definitions.get(name, {})
        self._write_rows()
        self.recorded.definitions[name] = {**known, **mentioned}
        self.recorded.definition_stacks.append(call_stack())
        return Metric(name)

    def _write_rows(self, *, all_rows: bool = False) -> None:
        """Adds the axes of the definitions so far to the rows that are complete."""
        for step in sorted(self.recorded.rows):
            row = self.recorded.rows[step]
            if step in self._written or (step >= self._rows.current and not all_rows):
                continue
            self._written.add(step)
            self._add_axes(row)

    def _add_axes(self, row: dict[str, Any]) -> None:
        definitions = self.recorded.definitions
        axes = {
            options["step_metric"]: None
            for key in list(row)
            for name in applying(definitions, key)
            if (options := definitions[name]).get("step_metric")
            and syncs_step(options["step_metric"], options.get("step_sync"))
        }
        self._last |= {key: value for key, value in row.items() if is_number(value)}
        for axis in axes:
            if axis not in row:
                row[axis] = self._last.get(axis, UNLOGGED_AXIS_VALUE)

    def finish(self, exit_code: int | None = None) -> None:
        self._module.record.trace.add("finish")
        if not self.is_finished:
            self._write_rows(all_rows=True)
            self.is_finished = True
            self._module.forget(self)


class Wandb(ModuleType):
    """The module `wandb` of one program."""

    def __init__(self, *, is_lenient: bool) -> None:
        super().__init__("wandb")
        self.record = Record()
        self._is_lenient = is_lenient
        self.active: list[Run] = []
        self.run: Run | None = None
        self.config: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}
        self.Run = Run
        self.Error = WandbError
        self.forget(None)

    def init(self, **options: Any) -> Run:
        """`wandb.init` with the settings that decide which run it gives."""
        self.record.trace.add("init")
        reinit = options.get("reinit")
        if reinit in {True, "finish_previous"}:
            for run in list(self.active):
                run.finish()
        returns = bool(self.active) and reinit != "create_new"
        self.record.inits.append((call_stack(), returns))
        if returns:
            self.active[-1].recorded.opened.append(call_stack())
            return self.active[-1]
        recorded = Recorded([call_stack()])
        self.record.runs.append(recorded)
        run = Run(self, recorded)
        run.config.update(options.get("config") or {})
        self.active.append(run)
        if self.run is None and reinit != "create_new":
            self.run = run
            self.log, self.define_metric = run.log, run.define_metric
            self.config, self.summary = run.config, run.summary
        return run

    def finish(self, exit_code: int | None = None) -> None:
        """`wandb.finish`."""
        if self.run is None:
            self.record.trace.add("finish")
        else:
            self.run.finish(exit_code)

    def forget(self, run: Run | None) -> None:
        """Drops a finished run; the functions of the module raise if it was the current one."""
        if run is not None:
            self.active.remove(run)
        if run is self.run:
            self.run = None
            self.log = self._before_init_log
            self.define_metric = self._before_init_define

    def _before_init_log(self, *args: object, **options: object) -> None:
        self.may("log", "You must call wandb.init() before wandb.log()")

    def _before_init_define(self, name: str, *args: object, **options: object) -> Metric:
        self.may("define_metric", "You must call wandb.init() before wandb.define_metric()")
        return Metric(name)

    def may(self, name: str, refusal: str) -> bool:
        """Notes a call and returns whether wandb does it; a strict one raises if not."""
        self.record.trace.add(name, is_refused=bool(refusal))
        if refusal and not self._is_lenient:
            raise WandbError(refusal)
        return not refusal


class Modules(MetaPathFinder, Loader):
    """Imports the files of a program."""

    def __init__(self, code: Mapping[str, CodeType]) -> None:
        self._code = code

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if f"{fullname}.py" in self._code else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code[f"{module.__name__}.py"], module.__dict__)


class EndlessError(BaseException):
    """The program does not end, or not soon. No program catches it."""


def record(files: Mapping[str, str], *, is_lenient: bool = False) -> Record:
    """Runs a program; its record. The program sees a fresh module `wandb` and itself as `__main__`.

    A lenient one goes on where wandb refuses a call, which the trace tells.
    """
    code = {name: compiled(name, text) for name, text in files.items()}
    wandb, finder, script = Wandb(is_lenient=is_lenient), Modules(code), ModuleType("__main__")
    setattr(builtins, TICK, wandb.record.trace.tick)
    names = [name.removesuffix(".py") for name in files]
    kept = {name: sys.modules.get(name) for name in (*names, "wandb", "__main__")}
    sys.modules.update({"wandb": wandb, "__main__": script})
    sys.meta_path.insert(0, finder)
    errors: list[str] = []
    arguments, sys.argv = sys.argv, [MAIN]
    hook, threading.excepthook = (
        threading.excepthook,
        lambda args: errors.append(f"{args.exc_type.__name__}: {args.exc_value}"),
    )
    try:
        with _limited(), contextlib.redirect_stderr(io.StringIO()):
            exec(code[MAIN], script.__dict__)
    except (Exception, SystemExit, EndlessError) as raised:
        errors.append(f"{type(raised).__name__}: {raised}")
    finally:
        threading.excepthook, sys.argv = hook, arguments
        sys.meta_path.remove(finder)
        delattr(builtins, TICK)
        for name, module in kept.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
    for run in list(wandb.active):
        run.finish()
    wandb.record.error = errors[0] if errors else None
    return wandb.record


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Stops code that runs too long."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
