"""A short run of every kind of torture; `make torture` runs for hours."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest

from tests.hostile import GOOD

if sys.platform == "win32":
    pytest.skip("forks and signals are those of POSIX", allow_module_level=True)

from tests.torture import campaign, pathological
from tests.torture.campaign import KINDS, Tally, one, table
from tests.torture.mutations import broken, damaged, misplaced
from tests.torture.program import Program, Run
from tests.torture.projects import write

SMALL = 6
"""The size of pathological programs that are linted only for their findings."""


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with Program() as started:
        yield started


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("mutations", range(5)), ("kills", range(4)), ("names", range(1)), ("caches", range(2))],
)
def test_a_few_cases(program: Program, kind: str, numbers: range) -> None:
    assert [complaint for number in numbers for complaint in one(kind, number, program)] == []


@pytest.mark.parametrize("name", pathological.PROGRAMS)
def test_pathological_programs_are_programs(program: Program, tmp_path: Path, name: str) -> None:
    shape = pathological.write(name, tmp_path, SMALL)
    result = program.run(*shape.arguments, "--no-cache", cwd=tmp_path)
    assert (result.complaints(), b"WB001" in result.out, result.code in (0, 1)) == ([], False, True)


def test_the_cost_of_a_program_is_measured(tmp_path: Path) -> None:
    cost = pathological.measure(pathological.write("classes with super()", tmp_path, SMALL), tmp_path)
    assert (cost.code in (0, 1), cost.err) == (True, "")
    assert 0.01 < cost.seconds < pathological.SECONDS
    # Linux counts the peak of the process that started it, too: here the test runner's, whatever that is.
    assert cost.megabytes > 10


def test_the_known_programs_exist() -> None:
    assert pathological.KNOWN.keys() <= pathological.PROGRAMS.keys()


def test_damage_is_repeatable_and_changes_files() -> None:
    assert damaged(GOOD.encode(), Random(5)) == damaged(GOOD.encode(), Random(5))
    assert sum(damaged(GOOD.encode(), Random(number)) != GOOD.encode() for number in range(50)) > 40


def ran(out: str = "[]", err: str = "", code: int = 1) -> Run:
    return Run(("--fix",), code, out.encode(), err.encode())


def test_what_is_wrong_with_any_run() -> None:
    lines = "error: a.py: cannot be read: x\nerror: b.py: cannot be read: x\nnote: \x1b[1mc\x1b[0m\n"
    assert ran(err=lines).complaints() == []
    assert ran(code=-11).complaints() == ["`--fix` ended with -11"]
    assert len(ran(err="Traceback (most recent call last):\nKeyError: 'a'\n").complaints()) == 1
    assert len(ran(err=lines.replace("b.py", "a.py")).complaints()) == 1


@pytest.mark.parametrize(("row", "column", "wrong"), [(2, 6, 0), (2, 7, 1), (4, 1, 1), (0, 1, 1)])
def test_findings_outside_their_files(row: int, column: int, wrong: int) -> None:
    place = {"row": row, "column": column}
    finding = {"code": "X", "filename": "a.py", "cell": None, "location": place, "end_location": place}
    assert len(misplaced(ran(json.dumps([finding])), {"a.py": b"x\r\nx = 1\n"})) == wrong
    assert misplaced(ran(json.dumps([finding])), {}) == ["a finding in 'a.py'"]


def test_files_that_a_fix_broke() -> None:
    before = {"a.py": b"x = 1\n", "b.py": b"x = (\n", "c.ipynb": b"{}", "d.toml": b"", "e.py": b""}
    after = {"a.py": b"x = (\n", "b.py": b"x = ((\n", "c.ipynb": b"{", "d.toml": b"#", "f.py": b""}
    assert broken(before, after) == [
        "--fix made or removed e.py",
        "--fix made or removed f.py",
        "--fix broke a.py",
        "--fix broke c.ipynb",
        "--fix changed d.toml",
    ]


def test_a_run_can_be_killed(program: Program, tmp_path: Path) -> None:
    write({f"m{number}.py": GOOD.encode() for number in range(30)}, tmp_path)
    assert program.run("--no-cache", cwd=tmp_path, kill=(SIGKILL, 0.0)).code == -SIGKILL


def test_failures_are_told_counted_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def attempt(number: int, folder: Path, _: Program) -> list[str]:
        (folder / "a.py").write_text(GOOD)
        return ["lost"] if number % 2 else []

    monkeypatch.setitem(KINDS, "names", attempt)
    monkeypatch.setitem(campaign.FINITE, "names", 4)
    tallies = campaign.campaign(["names"], 60, 10, tmp_path, print)
    assert capsys.readouterr().out == "names 11:\n    lost\nnames 13:\n    lost\n"
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["names-11", "names-13"]
    assert {file.name for file in (tmp_path / "names-11").iterdir()} == {"a.py", "complaints.txt"}
    assert (tallies["names"].cases, tallies["names"].failures) == (4, 2)


def test_the_table() -> None:
    assert table({"kills": Tally(1200, 90.0, 1)}).splitlines()[2:] == ["| kills | 1,200 | 1.5 | 1 |"]
