"""Ways to open a run, and what happens to it: definitions, loops over epochs, a wrapper of `log`."""

from __future__ import annotations

from tests.oracle.kinds import run, statement

run(
    "run",
    """
run_ = wandb.init()
BODY run_
run_.finish()
""",
)
run(
    "run in main",
    """
def main_():
    run_ = wandb.init(project="p")
    BODY run_
    run_.finish()
main_()
""",
)
run(
    "run left open",
    """
run_ = wandb.init()
BODY run_
""",
)
run(
    "run under main guard",
    """
def main_():
    run_ = wandb.init(config={"lr": 1})
    BODY run_
    wandb.finish()
if __name__ == "__main__":
    main_()
""",
)
run(
    "module log",
    """
wandb.init()
BODY wandb
wandb.finish()
""",
)
run(
    "with init",
    """
with wandb.init() as run_:
    BODY run_
""",
)
run(
    "run of helper",
    """
def open_(name):
    return wandb.init(name=name)
---
run_ = open_("first")
BODY run_
run_.finish()
""",
)
run(
    "run of rebound global",
    """
current_ = None
def open_():
    global current_
    if current_ is None:
        current_ = wandb.init()
    return current_
---
open_()
BODY open_()
wandb.finish()
""",
    needs_top=True,
)
run(
    "run of trainer",
    """
class Trainer_:
    def __init__(self):
        self.run_ = wandb.init()
    def fit(self):
        BODY self.run_
    def close(self):
        self.run_.finish()
---
trainer_ = Trainer_()
trainer_.fit()
trainer_.close()
""",
)
run(
    "run of decorator",
    """
def with_run_(**settings):
    def decorate(function):
        @functools.wraps(function)
        def inner(*args):
            with wandb.init(**settings) as run:
                return function(run, *args)
        return inner
    return decorate
@with_run_(project="p")
def main_(run_, epochs):
    BODY run_
---
main_(2)
""",
)
run(
    "run of contextmanager",
    """
@contextlib.contextmanager
def session_():
    run = wandb.init()
    try:
        yield run
    finally:
        run.finish()
---
with session_() as run_:
    BODY run_
""",
)
run(
    "run of async main",
    """
async def main_():
    run_ = wandb.init()
    BODY run_
    run_.finish()
asyncio.run(main_())
""",
    is_async=True,
)
run(
    "runs in loop",
    """
for seed_ in range(2):
    run_ = wandb.init(name=f"seed{seed_}")
    BODY run_
    run_.finish()
""",
)
run(
    "runs with reinit",
    """
for seed_ in range(2):
    run_ = wandb.init(reinit="finish_previous")
    BODY run_
wandb.finish()
""",
)
run(
    "second init returns the run",
    """
def setup_(project):
    wandb.init(project=project)
---
run_ = wandb.init()
setup_("p")
BODY wandb
wandb.finish()
""",
)

statement("send", "SEND")
statement(
    "epochs",
    """
for epoch_ in range(3):
    DO epoch_
""",
)
statement(
    "epochs by while",
    """
step_ = 0
while step_ < 3:
    DO step_
    step_ += 1
""",
)
statement(
    "epochs by enumerate",
    """
for index_, batch_ in enumerate(["a", "b"]):
    DO index_
""",
)
statement(
    "epochs and batches",
    """
for epoch_ in range(2):
    for batch_ in range(2):
        DO epoch_ * 2 + batch_
""",
)
statement(
    "epochs of config",
    """
RUN.config.update({"epochs": 4})
for epoch_ in range(RUN.config["epochs"]):
    DO epoch_
""",
)
statement(
    "every second epoch",
    """
if NUMBER % 2 == 0:
    SEND
""",
)
statement(
    "function of run",
    """
def train_(run_):
    BODY run_
---
train_(RUN)
""",
)
statement(
    "trainer of run",
    """
class Trainer_:
    def __init__(self, run):
        self.run_ = run
    def step(self):
        BODY self.run_
---
trainer_ = Trainer_(RUN)
trainer_.step()
""",
)
statement(
    "callbacks of run",
    """
class Silent_:
    def on_step(self, run):
        pass
class Logging_(Silent_):
    def on_step(self, run_):
        BODY run_
---
for callback_ in [Silent_(), Logging_()]:
    callback_.on_step(RUN)
""",
)
statement("current run", "BODY wandb.run")
statement("define glob", 'RUN.define_metric("val/*", step_metric="epoch")')
statement("define exact", 'RUN.define_metric("train/loss", step_metric="step")')
statement(
    "define everything",
    """
RUN.define_metric("epoch")
RUN.define_metric("*", step_metric="epoch")
""",
)
statement("define without sync", 'RUN.define_metric("val/loss", step_metric="epoch", step_sync=False)')
statement(
    "define in loop",
    """
for part_ in ("train", "val"):
    RUN.define_metric(f"{part_}/*", step_metric="epoch")
""",
)
statement(
    "define by function",
    """
def define_(run, name, **options):
    run.define_metric(name, **options)
---
define_(RUN, "val/*", step_metric="epoch")
""",
)
statement(
    "define by metric",
    """
axis_ = RUN.define_metric("epoch", summary="max")
RUN.define_metric("val/*", step_metric=axis_)
""",
)
statement("log axis", 'RUN.log({"epoch": NUMBER}, commit=False)')
statement("log with counted step", 'RUN.log({"counted": NUMBER}, step=NUMBER)')
statement(
    "log replaced by wrapper",
    """
original_ = RUN.log
def write_(data, **options):
    original_({f"replaced/{key}": value for key, value in data.items()}, **options)
RUN.log = write_
DO
RUN.log = original_
""",
)
