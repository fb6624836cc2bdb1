"""Read logs into a `Record`."""

from __future__ import annotations

import os
import re
from collections.abc import Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from wandblint.audit.dropping import dropped_calls
from wandblint.audit.inspecting import Inspection, reader
from wandblint.audit.log_folders import logs
from wandblint.dashboard.record import Column, Record, RecordedLog, RecordedRun
from wandblint.semantics.metrics import BUILT_IN_AXES, NESTING

MAX_READERS = 8
"""The maximum number of parallel readers: most of the time goes into starting wandb."""

HEADER = b":W&B"
HEADER_SIZE = 7
"""A log begins with these bytes, a magic number and a version (core transactionlog/)."""

_KEY_PART = re.compile(rb'^\s+nested_key:\s+("(?:[^"\\]|\\.)*")\s*$')
_ITEM_END = re.compile(rb"^\s+\}\s*$")
"""Lines of the text that wandb prints: a part of the key of an item of a row, and the end of the item."""

_MEDIA = "._type"
"""The suffix of a key that every media value has."""
_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""The JSON strings of numbers that JSON cannot represent."""


class _RunInfo(msgspec.Struct):
    run_id: str = ""
    project: str = ""


class _Control(msgspec.Struct):
    overwrite: bool = False


class _Metric(msgspec.Struct):
    name: str = ""
    glob_name: str = ""
    step_metric: str | None = None
    expanded_from_glob: bool = False
    control: _Control = msgspec.field(default_factory=_Control, name="_control")


class _Number(msgspec.Struct):
    num: int = 0


class _History(msgspec.Struct):
    item: dict[str, object] = {}
    step: _Number = msgspec.field(default_factory=_Number)


class _Exit(msgspec.Struct):
    exit_code: int = 0


class _Output(msgspec.Struct):
    line: str = ""


class _LogRecord(msgspec.Struct):
    """The relevant fields of a record in a log; other fields and record types are ignored."""

    type: str
    run: _RunInfo | None = None
    metric: _Metric | None = None
    history: _History | None = None
    exit: _Exit | None = None
    output_raw: _Output | None = None
    output: _Output | None = None


_DECODER = msgspec.json.Decoder(_LogRecord)


def read(path: Path) -> Record:
    """The record at a path: a log, the folder of a run or a folder with runs below it.

    Raises `NoLogsError` if there is no log, `NoReaderError` if wandb is missing or too old.
    """
    paths = logs(path)
    command = reader()
    with ThreadPoolExecutor(min(MAX_READERS, (os.cpu_count() or 1) + 1)) as pool:
        recorded = list(pool.map(lambda log: _read_log(command, log), paths))
    runs: dict[str, list[RecordedLog]] = {}
    for log in recorded:
        runs.setdefault(log.run_id, []).append(log)
    return Record(path.as_posix(), [RecordedRun(run_id, of_run) for run_id, of_run in runs.items()])


def _read_log(command: str, path: Path) -> RecordedLog:
    log = RecordedLog(path.as_posix(), path.stem.removeprefix("run-"))
    if not _has_header(path):
        log.damage.append("not a wandb log, or its beginning is missing")
        return log
    inspection = Inspection(command, path)
    output: list[str] = []
    for line in inspection.lines():
        _add_line(log, line, output)
    log.damage += inspection.errors
    dotted = {axis for axis in log.step_metrics if NESTING in axis and axis in log.columns}
    if dotted:
        log.recorded_twice = _recorded_twice(Inspection(command, path), dotted)
    log.dropped, log.dropped_is_complete = dropped_calls("".join(output), path.parent)
    return log


def _recorded_twice(inspection: Inspection, axes: Set[str]) -> set[str]:
    """The axes that a row has as a key with a dot and again as a nested key, which wandb adds.

    JSON joins the parts of a nested key, so that both look alike.
    """
    twice: set[str] = set()
    keys: set[tuple[str, ...]] = set()
    key: list[str] = []
    for line in inspection.lines(as_json=False):
        if part := _KEY_PART.match(line):
            key.append(msgspec.json.decode(part[1], type=str))
        elif _ITEM_END.match(line):
            keys.add(tuple(key))
            key = []
        elif line.startswith(b"# record"):
            twice |= {axis for axis in axes if {(axis,), tuple(axis.split(NESTING))} <= keys}
            keys = set()
            key = []
    return twice | {axis for axis in axes if {(axis,), tuple(axis.split(NESTING))} <= keys}


def _has_header(path: Path) -> bool:
    """Whether the file begins like a log; wandb's reader silently ignores other files."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_SIZE)
    except OSError:
        return False
    return len(head) == HEADER_SIZE and head.startswith(HEADER)


def _add_line(log: RecordedLog, line: bytes, output: list[str]) -> None:
    try:
        record = _DECODER.decode(line)
    except msgspec.DecodeError as error:
        log.damage.append(f"wandblint cannot read this record: {error}")
    else:
        _add(log, record, output)


def _add(log: RecordedLog, record: _LogRecord, output: list[str]) -> None:
    if record.run is not None:
        log.run_id, log.project = record.run.run_id or log.run_id, record.run.project
    elif record.metric is not None:
        _define(log, record.metric)
    elif record.history is not None:
        _add_row(log, record.history)
    elif record.exit is not None:
        log.exit_code = record.exit.exit_code
    elif (printed := record.output_raw or record.output) is not None:
        output.append(printed.line)


def _define(log: RecordedLog, metric: _Metric) -> None:
    """Add a definition; unless it overwrites, it keeps the axis of an earlier one (core definedmetric.go)."""
    name = metric.glob_name or metric.name
    earlier = None if metric.control.overwrite else log.definitions.get(name)
    # Releases before 0.31 also wrote a definition for each key that a glob matched.
    if not metric.expanded_from_glob:
        log.definitions[name] = metric.step_metric or earlier


def _add_row(log: RecordedLog, history: _History) -> None:
    """Add a row: its numbers go to the columns of their keys."""
    media = tuple(key.removesuffix(_MEDIA) + "." for key in history.item if key.endswith(_MEDIA))
    is_empty = True
    for key, value in history.item.items():
        is_own = key not in BUILT_IN_AXES
        is_empty = is_empty and not is_own
        number = None if media and key.startswith(media) else _number(value)
        if number is not None:
            column = log.columns.setdefault(key, Column())
            column.rows.append(log.rows)
            column.values.append(number)
        elif is_own:
            log.others.add(key)
    if is_empty:
        log.empty.append(history.step.num)
    log.rows += 1


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return _NUMBERS.get(value) if isinstance(value, str) else None
