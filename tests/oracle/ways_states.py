"""What finishes a run before its last use, opens another one, or uses none: states that must not be mistaken.

In most programs wandb refuses some call then; the stand-in lets them go on.
"""

from __future__ import annotations

from tests.oracle.kinds import run, statement


def _run(name: str, text: str) -> None:
    run(name, text, breaks_runs=True)


def _statement(name: str, text: str) -> None:
    statement(name, text, breaks_runs=True)


_run(
    "log before init",
    """
wandb.log({"early": 1})
run_ = wandb.init()
BODY run_
run_.finish()
""",
)
_run(
    "run used after with",
    """
with wandb.init() as run_:
    BODY run_
BODY run_
""",
)
_run(
    "run used after finish",
    """
run_ = wandb.init()
run_.finish()
BODY run_
""",
)
_run(
    "global use after finish",
    """
wandb.init()
BODY wandb
wandb.finish()
BODY wandb
""",
)
_run(
    "run opened under a condition",
    """
run_ = wandb.init()
for number_ in range(2):
    if number_ > 0:
        wandb.init()
    BODY wandb
    wandb.finish()
""",
)
_run(
    "two runs and the first one",
    """
first_ = wandb.init()
second_ = wandb.init(reinit="create_new")
BODY second_
second_.finish()
BODY first_
first_.finish()
BODY second_
""",
)
_run(
    "previous run is finished",
    """
first_ = wandb.init()
second_ = wandb.init(reinit="finish_previous")
BODY first_
BODY second_
second_.finish()
""",
)
_run(
    "runs in a list",
    """
runs_ = []
for number_ in range(2):
    run_ = wandb.init(reinit="create_new")
    runs_.append(run_)
for run_ in runs_:
    BODY run_
    run_.finish()
BODY runs_[0]
""",
)
_run(
    "run of class that closes",
    """
class Tracker_:
    def __init__(self):
        self.run = wandb.init()
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.run.finish()
---
with Tracker_() as tracker_:
    BODY tracker_.run
BODY tracker_.run
""",
)
_run(
    "run of exit stack",
    """
with contextlib.ExitStack() as stack_:
    run_ = stack_.enter_context(wandb.init())
    BODY run_
BODY run_
""",
)
_run(
    "run of helper that closes",
    """
def fit_(run):
    run.log({"fit": 1})
    run.finish()
---
run_ = wandb.init()
fit_(run_)
BODY run_
""",
)
_run(
    "run of helper called twice",
    """
def open_():
    return wandb.init()
---
run_ = open_()
run_.finish()
again_ = open_()
BODY again_
BODY run_
again_.finish()
""",
)

_statement("finish", "RUN.finish()")
_statement("finish the active run", "wandb.finish()")
_statement(
    "finish under a condition",
    """
if NUMBER % 2 == 0:
    RUN.finish()
""",
)
_statement(
    "finish by function",
    """
def close_(run, *, really=True):
    if really:
        run.finish()
---
close_(RUN)
""",
)
_statement(
    "finish never",
    """
def keep_(run, *, really=False):
    if really:
        run.finish()
---
keep_(RUN)
DO
""",
)
_statement(
    "finish in finally",
    """
try:
    DO
finally:
    RUN.finish()
""",
)
_statement(
    "finish in handler",
    """
try:
    if NUMBER > 1:
        raise ValueError(NUMBER)
    DO
except ValueError:
    RUN.finish()
DO
""",
)
_statement(
    "finish and return",
    """
def last_(run, number):
    if number > 0:
        run.finish()
        return
    run.log({"kept": number})
---
last_(RUN, NUMBER)
""",
)
_statement(
    "finish in the last iteration",
    """
for number_ in range(3):
    DO number_
    if number_ == 2:
        RUN.finish()
""",
)
_statement(
    "finish and break",
    """
for number_ in range(3):
    if number_ == 1:
        RUN.finish()
        break
    DO number_
""",
)
_statement(
    "finish in a loop",
    """
for number_ in range(2):
    DO number_
    RUN.finish()
""",
)
_statement(
    "finish later",
    """
later_ = [RUN.finish]
DO
for call_ in later_:
    call_()
""",
)
_statement(
    "helper with a run of its own",
    """
def evaluate_():
    with wandb.init() as run:
        run.log({"evaluated": 1})
---
evaluate_()
DO
""",
)
_statement(
    "open again",
    """
wandb.finish()
wandb.init()
BODY wandb
""",
)
_statement(
    "open again where none is open",
    """
if wandb.run is None:
    wandb.init()
BODY wandb
""",
)
_statement(
    "generator that finishes",
    """
def rows_(run):
    for number in range(2):
        yield number
    run.finish()
---
for row_ in rows_(RUN):
    DO row_
""",
)
_statement(
    "log where it is open",
    """
if wandb.run is not None:
    wandb.log({"open": 1})
""",
)
_statement(
    "finish by exit stack",
    """
with contextlib.ExitStack() as stack_:
    stack_.callback(RUN.finish)
    DO
DO
""",
)
