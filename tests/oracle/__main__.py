"""Runs random programs for hours: `python -m tests.oracle --hours 1 --seed 7`, or `--report`.

Every failing program is shrunk, printed and added to `regressions/`. It also judges given programs: folders
with a `train.py`, or saved failures.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tests.oracle.campaign import (
    Failure,
    each_kind_alone,
    failing_alone,
    files_at,
    mixtures,
    report,
    save,
    seeds_from,
)
from tests.oracle.gaps import KNOWN_GAPS
from tests.oracle.judge import TIGHT, judge
from tests.oracle.programs import BREAKING, CURRENT_RUN


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--report", action="store_true", help="try every kind alone, and print a table")
    parser.add_argument("--hours", type=float, default=0.0, help="how long to run mixtures of kinds")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other mixtures")
    parser.add_argument("--all-kinds", action="store_true", help="mix the kinds in gaps.py, too")
    parser.add_argument("--no-save", action="store_true", help="add nothing to the regressions")
    parser.add_argument("--states", action="store_true", help="mix in kinds that use runs that are finished")
    parser.add_argument("programs", nargs="*", type=Path, help="programs to judge")
    parser.add_argument("--tight", action="store_true", help="cut off what takes more than a few statements")
    options = parser.parse_args()
    limits = TIGHT if options.tight else {}
    for path in options.programs:
        verdict = judge(files_at(path), limits)
        print(f"{path}: {'closed' if verdict.is_closed else 'open'}")
        for category, detail in verdict.failures:
            print(f"  {category}: {detail}")
    if options.report:
        tally = each_kind_alone(limits)
        print(report(tally))
        fixed = KNOWN_GAPS.keys() - failing_alone(tally)
        print(f"\nin gaps.py and right alone: {', '.join(sorted(fixed))}", flush=True)
    if options.hours:
        end = time.monotonic() + options.hours * 3600

        def found(failure: Failure) -> None:
            where = "" if options.no_save else f"# saved as {save(failure)}\n"
            print(f"\n{where}{failure.text}", flush=True)

        excluded = set() if options.all_kinds else set(KNOWN_GAPS)
        if not options.states:
            excluded |= BREAKING
        else:
            excluded |= {CURRENT_RUN}
        tally = mixtures(seeds_from(options.seed), lambda _: time.monotonic() > end, excluded, found, limits)
        print(report(tally))


if __name__ == "__main__":
    main()
