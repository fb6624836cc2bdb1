"""Runs random programs for hours: `python -m tests.oracle --hours 1 --seed 7`, or `--report`."""

from __future__ import annotations

import argparse
import time

from tests.oracle.campaign import (
    Failure,
    Tally,
    each_kind_alone,
    failing_alone,
    mixtures,
    report,
    save,
    seeds_from,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("--hours", type=float, default=0.0, help="how long to run mixtures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report", action="store_true", help="try every kind alone, and print a table")
    parser.add_argument("--all-kinds", action="store_true", help="mix kinds that fail alone, too")
    parser.add_argument("--save", action="store_true", help="add the failures to the regressions")
    options = parser.parse_args()
    alone = each_kind_alone()
    if options.report:
        print(report(alone), flush=True)
        _save(alone, wanted=options.save)
    if options.hours:
        end = time.monotonic() + options.hours * 3600
        excluded = set() if options.all_kinds else failing_alone(alone)

        def found(failure: Failure) -> None:
            print(f"\n{failure.text}", flush=True)

        tally = mixtures(seeds_from(options.seed), lambda _: time.monotonic() > end, excluded, found)
        print(report(tally))
        _save(tally, wanted=options.save)


def _save(tally: Tally, *, wanted: bool) -> None:
    for failure in tally.failures if wanted else []:
        save(failure)


if __name__ == "__main__":
    main()
