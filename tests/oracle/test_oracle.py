"""What random programs record is what wandblint predicts: a short run. `make oracle` runs for hours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.oracle.campaign import one_text, regressions
from tests.oracle.gaps import KNOWN_GAPS
from tests.oracle.judge import TIGHT, TOLERATED, judge
from tests.oracle.programs import BREAKING, CURRENT_RUN, KINDS, alone, files_of, programs, random_program
from tests.oracle.stand_in import record
from tests.oracle.trees import Program, shrink

REGRESSIONS = regressions()
MIXTURES = 300
STATES = 150
UNMIXED = BREAKING | KNOWN_GAPS.keys()
"""The kinds that most programs lack."""
UNMIXED_STATES = KNOWN_GAPS.keys() | {CURRENT_RUN}


def assert_true(files: dict[str, str], limits: Mapping[str, int] = MappingProxyType({})) -> None:
    failures = [failure for failure in judge(files, limits).failures if failure[0] not in TOLERATED]
    assert not failures, f"{failures}\n{one_text(files)}"


def may_fail(*kinds: str) -> list[pytest.MarkDecorator]:
    """Marks for a test of these kinds."""
    reasons = sorted({KNOWN_GAPS[kind] for kind in kinds if kind in KNOWN_GAPS})
    return [pytest.mark.xfail(reason="; ".join(reasons), strict=False)] if reasons else []


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=may_fail(kind)) for kind in KINDS])
def test_each_kind_alone(kind: str) -> None:
    for program in alone(kind):
        assert_true(files_of(program))


@seed(0)
@settings(max_examples=MIXTURES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(programs(excluded=UNMIXED))
def test_mixtures(program: Program) -> None:
    assert_true(files_of(program))


@seed(1)
@settings(max_examples=MIXTURES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(programs(excluded=UNMIXED))
def test_mixtures_that_are_cut_off(program: Program) -> None:
    assert_true(files_of(program), TIGHT)


@pytest.mark.parametrize("limits", [{}, TIGHT], ids=["usual", "tight"])
def test_states_of_runs(limits: Mapping[str, int]) -> None:
    """Programs that use runs before they are open and after they are finished."""
    for number in range(STATES):
        assert_true(files_of(random_program(number, UNMIXED_STATES)), limits)


def test_many_programs_use_a_run_that_is_not_open() -> None:
    drawn = [random_program(number, UNMIXED_STATES) for number in range(100)]
    assert sum(record(files_of(each), is_lenient=True).trace.has_refusals for each in drawn) > 30


@pytest.mark.parametrize("limits", [{}, TIGHT], ids=["usual", "tight"])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=may_fail(*kinds)) for name, (kinds, _) in REGRESSIONS.items()]
)
def test_programs_that_failed_once(name: str, limits: Mapping[str, int]) -> None:
    assert_true(REGRESSIONS[name][1], limits)


def test_the_gaps_are_kinds() -> None:
    assert KNOWN_GAPS.keys() <= KINDS.keys()


def test_most_predictions_are_closed() -> None:
    """An open prediction is never wrong, so it must be the exception."""
    verdicts = [judge(files_of(random_program(number, UNMIXED))) for number in range(200)]
    assert sum(verdict.is_closed for verdict in verdicts) > 150


def test_programs_use_all_kinds_and_several_files() -> None:
    drawn = [random_program(number) for number in range(1500)]
    assert {
        kind for program in drawn for root in program for kind in root.kinds
    } >= KINDS.keys() - BREAKING - {
        "run",
        "send",
        "loss",
        "log",
    }
    assert max(len(files_of(program)) for program in drawn) == 3


def test_shrinking_keeps_what_fails() -> None:
    program = random_program(11)

    def fails(smaller: Program) -> bool:
        return "log(" in one_text(files_of(smaller))

    shrunk = shrink(program, fails)
    assert fails(shrunk)
    assert sum(root.size for root in shrunk) < sum(root.size for root in program)
