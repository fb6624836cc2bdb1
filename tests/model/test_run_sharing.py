"""Which calls may belong to which run, compared with a direct computation of the definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wandblint.model.run_sharing import ByRun, SharedRuns
from wandblint.span import Span

SITES = [Span("train.py", start, start + 1) for start in range(5)]
runs = st.frozensets(st.sampled_from(SITES), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(SITES), runs, st.booleans()), max_size=6), st.sampled_from(SITES))
def test_a_run_is_shared_with_inits_that_return_or_resume_it(
    inits: list[tuple[Span, frozenset[Span], bool]], run: Span
) -> None:
    expected = {run}
    for site, active, resumes in inits:
        if site == run:
            expected |= active
            if resumes:
                expected.update(site for site, _, _ in inits)
        elif run in active or resumes:
            expected.add(site)

    assert SharedRuns(inits).shared_with(run) == expected


@given(st.lists(runs, max_size=8), runs, st.sampled_from(SITES))
def test_calls_are_found_in_order(
    calls: list[frozenset[Span]], runs_of_a_call: frozenset[Span], run: Span
) -> None:
    by_run = ByRun(enumerate(calls))

    assert by_run.may_be_on(runs_of_a_call) == tuple(
        n for n, on in enumerate(calls) if not on or on & runs_of_a_call
    )
    assert by_run.must_be_on(run) == [n for n, on in enumerate(calls) if run in on]
