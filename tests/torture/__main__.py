"""Tortures wandblint for hours: `python -m tests.torture --hours 2 --seed 1000000`.

Every case has a number, and `--seed` is the first. A failing case is printed and kept; to run it alone, give
its kind and number: `--only kills --seed 1000007 --hours 0`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.torture import pathological
from tests.torture.campaign import KINDS, campaign, one, table
from tests.torture.program import Program


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0, help="how long; 0 for one case of each kind")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first case of each kind")
    parser.add_argument("--only", choices=KINDS, action="append", help="a kind; can be repeated")
    parser.add_argument("--keep", type=Path, default=Path("build/torture"), help="a folder for failing cases")
    options = parser.parse_args()
    kinds = options.only or list(KINDS)
    if not options.hours:
        with Program() as program:
            complaints = [line for kind in kinds for line in one(kind, options.seed, program, options.keep)]
        print("\n".join(complaints or ["nothing found"]))
        return bool(complaints)
    tallies = campaign(
        kinds, options.hours * 3600, options.seed, options.keep, lambda text: print(text, flush=True)
    )
    print(f"\n{table(tallies)}")
    if pathological.MEASURED:
        print(f"\n{pathological.table()}")
    return any(tally.failures for tally in tallies.values())


if __name__ == "__main__":
    sys.exit(main())
