"""`charts` against the record of the same program: as many runs, all keys, and no other certain key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest

from tests.analysis.projects import FilesInMemory
from tests.audit.recording import record
from tests.dashboard import recorded_programs
from wandblint.analysis import analyze
from wandblint.audit.log_folders import NoLogsError
from wandblint.audit.reading import read
from wandblint.dashboard.contract import compare
from wandblint.dashboard.prediction import PredictedRun, predict
from wandblint.dashboard.record import Record

# The programs run once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("programs")

PROGRAMS = {
    f"{kind.lower()}: {name}": dedent(program)
    for kind in ("PLOTS", "SECOND_INITS", "HEADINGS", "STUBS")
    for name, program in getattr(recorded_programs, kind).items()
}


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """What each program records."""

    def recorded(program: str, folder: Path) -> Record:
        try:
            return read(record(folder, (program,)))
        except NoLogsError:
            return Record("", [])

    # Here, not in the threads: `mktemp` may give two of them the same folder.
    folders = [tmp_path_factory.mktemp("program") for _ in PROGRAMS]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(PROGRAMS, pool.map(recorded, PROGRAMS.values(), folders), strict=True))


def predicted(name: str) -> list[PredictedRun]:
    return predict(analyze(FilesInMemory({"train.py": PROGRAMS[name]})))


@pytest.mark.parametrize("name", PROGRAMS)
def test_charts_shows_what_the_program_records(records: dict[str, Record], name: str) -> None:
    runs = predicted(name)
    assert sum(run.site is not None for run in runs) == len(records[name].runs)
    comparison = compare(records[name], runs)
    assert [key.key for key in comparison.keys if not key.predicted] == []
    assert [str(chart.key) for _, chart in comparison.never_recorded] == []
    assert comparison.differences == 0
    assert not any(run.may_log_more for run in runs)
