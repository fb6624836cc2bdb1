"""Programs that open and close runs in ways that are hard to follow. wandb refuses none of their calls."""

from __future__ import annotations

from tests.semantics.open_configs import CONFIG_PROGRAMS

HELPERS = '''import importlib

import wandb

def close(run):
    run.finish()

def reopen():
    wandb.finish()
    return wandb.init()

def unseen(name, *arguments):
    """Calls a function of this file that only its name tells."""
    return getattr(importlib.import_module("helpers"), "".join(name))(*arguments)

class Session:
    """Opens a run in `__enter__` and finishes it in `__exit__`."""

    def __enter__(self):
        self.run = wandb.init()
        return self.run

    def __exit__(self, *error):
        self.run.finish()
'''
"""`helpers.py` of each program."""

PROGRAMS = {
    "finished in a callback that is called later": """import wandb

run = wandb.init()
callbacks = [lambda: run.finish()]
run.log({"loss": 0.5})
for callback in callbacks:
    callback()
run = wandb.init()
wandb.log({"loss": 0.4})
run.log({"loss": 0.4})
""",
    "finished in another file, which opens the next run": """import wandb
from helpers import reopen

run = wandb.init()
run.log({"loss": 0.5})
run = reopen()
run.log({"loss": 0.4})
wandb.log({"loss": 0.3})
""",
    "a helper that is not followed reopens the run": """import wandb
from helpers import unseen

run = wandb.init()
run.log({"loss": 0.5})
run.finish()
unseen(["re", "open"])
wandb.log({"loss": 0.4})
wandb.config.update({"lr": 0.1})
""",
    "a helper that is not followed opens the only run": """import wandb
from helpers import unseen

unseen(["re", "open"])
wandb.log({"loss": 0.4})
wandb.finish()
with wandb.init() as run:
    run.log({"loss": 0.3})
""",
    "finished in an except that is not entered": """import wandb

run = wandb.init()
try:
    run.log({"loss": 0.5})
except ZeroDivisionError:
    run.finish()
    raise
run.log({"loss": 0.4})
""",
    "finished in an except, and opened again": """import wandb

run = wandb.init()
for number in range(3):
    try:
        run.log({"loss": 1 / (1 - number)})
    except ZeroDivisionError:
        run.finish()
        run = wandb.init()
    run.log({"number": number})
""",
    "finished by atexit": """import atexit
import wandb

run = wandb.init()
atexit.register(run.finish)
atexit.register(wandb.finish)
run.log({"loss": 0.5})
wandb.log({"loss": 0.4})
""",
    "finished by a finalizer": """import weakref
import wandb

class Logger:
    def __init__(self):
        self.run = wandb.init()
        weakref.finalize(self, self.run.finish)

    def log(self, **values):
        self.run.log(values)

logger = Logger()
logger.log(loss=0.5)
""",
    "finished by a destructor": """import wandb

class Logger:
    def __init__(self):
        self.run = wandb.init()

    def __del__(self):
        self.run.finish()

logger = Logger()
logger.run.log({"loss": 0.5})
wandb.log({"loss": 0.5})
""",
    "a rebound run": """import wandb

run = wandb.init()
run.log({"loss": 0.5})
old = run
run = wandb.init(reinit="create_new")
old.finish()
run.log({"loss": 0.4})
run.finish()
run = wandb.init()
run.log({"loss": 0.3})
wandb.log({"loss": 0.3})
""",
    "finish in a loop with an init later in the body": """import wandb

wandb.init()
for number in range(3):
    wandb.log({"loss": number})
    wandb.finish()
    wandb.init()
    wandb.log({"again": number})
""",
    "finish at the end of each iteration": """import wandb

for number in range(3):
    run = wandb.init(reinit=True)
    wandb.log({"loss": number})
    for batch in range(2):
        run.log({"batch": batch})
    run.finish()
wandb.init()
wandb.log({"loss": 0})
""",
    "a while loop that reopens its run on a condition": """import wandb

run = None
number = 0
while number < 5:
    if run is None:
        run = wandb.init()
    run.log({"loss": number})
    wandb.log({"loss": number})
    if number % 2:
        run.finish()
        run = None
    number += 1
""",
    "a with that is left by an exception": """import wandb

try:
    with wandb.init() as run:
        run.log({"loss": 0.5})
        raise ValueError
except ValueError:
    run = wandb.init()
run.log({"loss": 0.4})
wandb.log({"loss": 0.4})
""",
    "a with that is left by continue": """import wandb

for number in range(3):
    with wandb.init() as run:
        run.log({"loss": number})
        if number == 1:
            continue
        wandb.log({"other": number})
with wandb.init() as run:
    run.log({"loss": 0})
""",
    "a with that is left by return": """import wandb

def train(number):
    with wandb.init() as run:
        for step in range(3):
            run.log({"loss": step})
            if step == number:
                return run
    return wandb.init()

train(1)
train(5)
wandb.log({"loss": 0})
""",
    "suppressed errors": """import contextlib
import wandb

run = wandb.init()
with contextlib.suppress(ValueError):
    int("a")
    run.finish()
run.log({"loss": 0.5})
""",
    "a callback stack": """import contextlib
import wandb

with contextlib.ExitStack() as stack:
    run = stack.enter_context(wandb.init())
    stack.callback(wandb.finish)
    run.log({"loss": 0.5})
    wandb.log({"loss": 0.4})
run = wandb.init()
stack.pop_all()
run.log({"loss": 0.3})
""",
    "reinit in a loop": """import wandb

for number in range(3):
    wandb.init(reinit=True, config={"number": number})
    wandb.config["lr"] = number
    wandb.log({"loss": number})
for number in range(3):
    run = wandb.init(reinit="finish_previous", config={"number": number})
    run.config.update({"lr": number})
    run.log({"loss": number})
""",
    "runs beside each other": """import wandb

runs = [wandb.init(reinit="create_new") for _ in range(3)]
for number, run in enumerate(runs):
    run.log({"loss": number})
    run.finish()
last = wandb.init()
last.log({"loss": 0})
wandb.log({"loss": 0})
""",
    "finish passed as a value to a thread": """import threading
import wandb

run = wandb.init()
thread = threading.Thread(target=run.finish)
run.log({"loss": 0.5})
thread.start()
thread.join()
run = wandb.init()
run.log({"loss": 0.4})
wandb.log({"loss": 0.4})
""",
    "an init in a thread": """import threading
import wandb

thread = threading.Thread(target=wandb.init)
thread.start()
thread.join()
wandb.log({"loss": 0.5})
wandb.finish()
wandb.init()
wandb.log({"loss": 0.5})
""",
    "an init in a pool": """from concurrent.futures import ThreadPoolExecutor
import wandb

with ThreadPoolExecutor() as pool:
    run = pool.submit(wandb.init).result()
run.log({"loss": 0.5})
wandb.log({"loss": 0.5})
run.finish()
wandb.init()
""",
    "getattr": """import wandb

run = wandb.init()
run.log({"loss": 0.5})
getattr(run, "finish")()
getattr(wandb, "in" + "it")()
wandb.log({"loss": 0.4})
wandb.finish()
for name in ("init", "finish", "init"):
    getattr(wandb, name)()
wandb.log({"loss": 0.4})
""",
    "methodcaller and partial": """import functools
import operator
import wandb

run = wandb.init()
operator.methodcaller("finish")(run)
start = functools.partial(wandb.init, reinit=True)
start()
wandb.log({"loss": 0.4})
list(map(wandb.Run.finish, [wandb.run]))
list(map(lambda number: start(), range(2)))
wandb.log({"loss": 0.4})
""",
    "a dict of runs": """import wandb

runs = {}
for name in ("train", "test"):
    runs[name] = wandb.init(reinit="create_new", name=name)
runs["train"].log({"loss": 0.5})
runs["train"].finish()
runs["test"].log({"loss": 0.4})
runs.pop("test").finish()
runs["train"] = wandb.init()
runs["train"].log({"loss": 0.3})
""",
    "a dict of runs, filled by setdefault": """import collections
import wandb

runs = collections.defaultdict(lambda: wandb.init(reinit="create_new"))
runs["train"].log({"loss": 0.5})
runs["train"].finish()
runs["test"].log({"loss": 0.4})
del runs["train"]
runs["train"].log({"loss": 0.3})
""",
    "finished in __exit__": """import wandb
from helpers import Session

with Session() as run:
    run.log({"loss": 0.5})
with Session() as run:
    wandb.log({"loss": 0.5})
    wandb.config["lr"] = 0.1
session = Session()
with session:
    session.run.log({"loss": 0.5})
""",
    "a generator that owns the run": """import contextlib
import wandb

@contextlib.contextmanager
def session():
    run = wandb.init()
    try:
        yield run
    finally:
        run.finish()

with session() as run:
    run.log({"loss": 0.5})
with session() as run:
    wandb.log({"loss": 0.5})
""",
    "a generator that is advanced by hand": """import wandb

def runs():
    while True:
        run = wandb.init()
        yield run
        run.finish()

generator = runs()
next(generator).log({"loss": 0.5})
next(generator).log({"loss": 0.4})
wandb.log({"loss": 0.4})
""",
    "a decorator that opens the run": """import functools
import wandb

def tracked(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        with wandb.init():
            return function(*arguments)
    return wrapper

@tracked
def train(number):
    wandb.log({"loss": number})
    wandb.config["number"] = number

train(1)
train(2)
""",
    "a property that opens the run": """import wandb

class Logger:
    _run = None

    @property
    def run(self):
        if self._run is None:
            self._run = wandb.init()
        return self._run

    def close(self):
        if self._run is not None:
            self._run.finish()
            self._run = None

logger = Logger()
logger.run.log({"loss": 0.5})
logger.close()
logger.run.log({"loss": 0.4})
wandb.log({"loss": 0.4})
""",
    "a global that a function sets": """import wandb

run = None

def start():
    global run
    if run is not None:
        run.finish()
    run = wandb.init()

def log(**values):
    wandb.log(values)
    run.log(values)

start()
log(loss=0.5)
start()
log(loss=0.4)
""",
    "a hook that is swapped": """import wandb

def start():
    return wandb.init()

opened = []
original = wandb.finish
wandb.finish = lambda *arguments: opened.append(arguments)
run = start()
wandb.finish()
run.log({"loss": 0.5})
wandb.log({"loss": 0.5})
wandb.finish = original
""",
    "finish of what may be another run": """import random
import wandb

first = wandb.init()
second = wandb.init(reinit="create_new")
ended = first if random.random() > 2 else second
ended.finish()
first.log({"loss": 0.5})
wandb.log({"loss": 0.5})
""",
    "exec": """import wandb

exec("wandb.init()")
wandb.log({"loss": 0.5})
exec("wandb.finish()")
wandb.init()
wandb.log({"loss": 0.5})
""",
    "a module whose import opens the run": """import importlib
import wandb
from helpers import unseen

module = importlib.import_module("started")
wandb.log({"loss": 0.5})
wandb.finish()
importlib.reload(module)
wandb.log({"loss": 0.4})
wandb.finish()
wandb.init()
""",
    "a signal handler": """import os
import signal
import wandb

run = wandb.init()

def stop(number, frame):
    global run
    run.finish()
    run = wandb.init()

signal.signal(signal.SIGUSR1, stop)
run.log({"loss": 0.5})
os.kill(os.getpid(), signal.SIGUSR1)
run.log({"loss": 0.4})
wandb.log({"loss": 0.4})
""",
    "a config that is another one": """import wandb

config = {"lr": 0.1}
with wandb.init(config=config) as run:
    config["lr"] = 0.2
    run.config["lr"] = 0.1
    run.config.update({"lr": 0.1})
with wandb.init(config=config) as run:
    run.config["lr"] = 0.2
    run.config.update({"lr": 0.3}, allow_val_change=True)
    run.config["lr"] = 0.3
    run.config.setdefaults({"lr": 0.4})
""",
    "a config key that another file has changed": """import wandb
from helpers import unseen

run = wandb.init(config={"lr": 0.1})
run.config.update(dict(lr=0.2), allow_val_change=True)
wandb.config["lr"] = 0.2
unseen(["close"], run)
run = wandb.init()
run.config["lr"] = 0.4
""",
    "a config of what looks like wandb": """import types
import wandb

class Run:
    config = summary = id = None

run = Run()
run.config = {"lr": 0.1}
run.summary = {}
run.id = "a"
run = wandb.init()
run.name = "a"
run.notes = "b"
run.tags = ("c",)
run = types.SimpleNamespace(config=None)
run.config = {"lr": 0.1}
""",
    "caught errors": """import wandb

run = wandb.init(config={"lr": 0.1})
run.finish()
try:
    run.log({"loss": 0.5})
except wandb.Error:
    pass
try:
    wandb.log({"loss": 0.5})
except Exception:
    wandb.init()
wandb.log({"loss": 0.4})
""",
    "errors that are caught outside": """import wandb

def log(values):
    wandb.log(values)

try:
    log({"loss": 0.5})
except wandb.Error:
    wandb.init()
log({"loss": 0.4})
""",
    "a run that is asked about": """import wandb

run = wandb.init()
run.finish()
if wandb.run is not None:
    wandb.log({"loss": 0.5})
if wandb.run:
    wandb.log({"loss": 0.5})
wandb.run and wandb.log({"loss": 0.5})
wandb.init()
""",
    "a stack of runs": """import wandb

stack = [wandb.init()]
stack[-1].log({"loss": 0.5})
stack.pop().finish()
stack.append(wandb.init())
stack[-1].log({"loss": 0.4})
first, *rest = stack
first.log({"loss": 0.4})
""",
    "asyncio": """import asyncio
import wandb

async def train(number):
    run = wandb.init(reinit="create_new")
    await asyncio.sleep(0)
    run.log({"loss": number})
    run.finish()

async def main():
    await asyncio.gather(train(1), train(2))
    async with asyncio.Lock():
        run = wandb.init()
    wandb.log({"loss": 0})

asyncio.run(main())
""",
    "another process": """import multiprocessing
import wandb

def work(number):
    with wandb.init() as run:
        run.log({"loss": number})
    wandb.init().finish()

def main():
    run = wandb.init()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=print, args=(1,))
    process.start()
    process.join()
    run.log({"loss": 0.5})
    if run.id == "":
        context.Process(target=work, args=(1,)).start()
    run.log({"loss": 0.4})

main()
""",
    "a run of its own only where none is open": """import contextlib
import wandb

def evaluate():
    own = wandb.init() if wandb.run is None else contextlib.nullcontext(wandb.run)
    with own as run:
        run.log({"score": 0.5})

with wandb.init() as run:
    evaluate()
    run.log({"loss": 0.5})
evaluate()
""",
    "log is another function": """import wandb

run = wandb.init(reinit="create_new")
wandb.log = run.log
wandb.log({"loss": 0.5})
""",
    "log is patched": """from unittest import mock
import wandb

with mock.patch("wandb.log") as log:
    wandb.log({"loss": 0.5})
with mock.patch.object(wandb, "log"):
    wandb.log({"loss": 0.5})
wandb.init()
wandb.log({"loss": 0.5})
""",
    "log is nothing before the run": """import wandb

def nothing(*arguments, **keywords):
    pass

original = wandb.log
wandb.log = nothing
wandb.log({"loss": 0.5})
wandb.log = original
wandb.init()
wandb.log({"loss": 0.5})
""",
    "a disabled run": """import os
import wandb

os.environ["WANDB_MODE"] = "disabled"
run = wandb.init(config={"lr": 0.1})
run.log({"loss": 0.5})
wandb.log({"loss": 0.5})
del os.environ["WANDB_MODE"]
""",
    "a condition that decides twice": """import sys
import wandb

is_tracked = len(sys.argv) < 5
if is_tracked:
    wandb.init()
for number in range(3):
    if is_tracked:
        wandb.log({"loss": number})
if is_tracked:
    wandb.finish()
if not is_tracked:
    wandb.log({"loss": 0})
""",
    "an early return": """import sys
import wandb

def main(tracked):
    if tracked:
        wandb.init()
    else:
        return
    wandb.log({"loss": 0.5})
    if len(sys.argv) > 5:
        wandb.finish()
        return
    wandb.log({"loss": 0.4})

main(True)
main(False)
""",
    "a break after finish": """import wandb

run = wandb.init()
for number in range(5):
    run.log({"loss": number})
    if number == 3:
        run.finish()
        break
else:
    run.log({"done": 1})
run = wandb.init()
while True:
    wandb.log({"loss": 1})
    wandb.finish()
    break
""",
    "equal values of one config key": """import wandb

run = wandb.init(config={"lr": 1, "on": True})
run.config["lr"] = 1.0
run.config.update({"on": 1})
for number in range(2):
    run.config["kind"] = "a"
with wandb.init(config={"lr": 2}, reinit="create_new") as other:
    other.config["lr"] = 2
run.config["lr"] = 1
""",
    "a function that is its own decorator": """import wandb

def close_after(function):
    def wrapper(run):
        try:
            return function(run)
        finally:
            run.finish()
    return wrapper

@close_after
def train(run):
    run.log({"loss": 0.5})
    run.config["lr"] = 0.1

train(wandb.init())
train(wandb.init())
""",
    "a closure over the run of another function": """import wandb

def start():
    run = wandb.init()

    def log(values):
        run.log(values)

    def close():
        run.finish()

    return log, close

log, close = start()
log({"loss": 0.5})
close()
log, close = start()
log({"loss": 0.4})
close()
""",
    "a class with a counter of its own": """import wandb

class Tracker:
    shared = None

    @classmethod
    def get(cls):
        if cls.shared is None or cls.shared.run is None:
            cls.shared = cls()
        return cls.shared

    def __init__(self):
        self.run = wandb.init()

    def close(self):
        self.run.finish()
        self.run = None

Tracker.get().run.log({"loss": 0.5})
Tracker.get().close()
Tracker.get().run.log({"loss": 0.4})
wandb.log({"loss": 0.3})
""",
    "a config and a summary that outlive their run": """import wandb

def fit():
    with wandb.init(config={"lr": 0.1}):
        config, summary = wandb.config, wandb.summary
        wandb.log({"loss": 0.5})
    print(config.lr, config["lr"], dict(config), summary.get("loss"))
    return config

class Model:
    def __init__(self, config):
        self.config = config

    def fit(self):
        with wandb.init():
            wandb.log({"loss": 0.4})
        print(self.config["lr"])

fit().get("lr")
with wandb.init(config={"lr": 0.2}):
    Model(wandb.config).fit()
""",
    "runs and flags on a class and in a module": """import started
import wandb

class Shared:
    run = None
    is_on = True

def stop():
    global current
    current.finish()
    current = None

def log(values):
    if Shared.is_on:
        wandb.log(values)

def go(name):
    if Shared.run is None:
        Shared.run = wandb.init(project="p", name=name)
    Shared.run.log({"loss": 0.5})

wandb.finish()
go("a")
Shared.run.finish()
Shared.run = None
if Shared.run is not None:
    Shared.run.log({"loss": 0.4})
go("b")
log({"loss": 0.3})
Shared.run.finish()
Shared.is_on = False
log({"loss": 0.2})
started.run = wandb.init(project="p")
started.run.finish()
started.run = None
if started.run is not None:
    started.run.log({"loss": 0.1})
current = wandb.init(project="p")
stop()
if current is not None:
    current.log({"loss": 0.0})
""",
    "handlers that are taken out of their list": """import wandb

handlers = []
run = wandb.init()
handlers.append(run.log)
run.finish()
handlers.remove(run.log)
for handler in handlers:
    handler({"loss": 0.5})

for seed in range(2):
    handlers = []
    run = wandb.init(project="p", name=str(seed))
    handlers.append(run.log)
    run.finish()
    while handlers:
        handlers.pop()
    for handler in handlers:
        handler({"loss": 0.4})
""",
    "a run that the destructor of its holder finishes": """import wandb

class Holder:
    def __init__(self, name):
        self.run = wandb.init(project="p", name=name)

    def __del__(self):
        self.run.finish()

def train(seed):
    holder = Holder(f"seed {seed}")
    holder.run.log({"loss": 0.5})

for seed in range(2):
    train(seed)
""",
    "a run that is opened unless one is open": """import wandb

def start(project):
    if project is None or wandb.run is not None:
        return
    wandb.init(project=project)

def job():
    try:
        wandb.init(group="jobs")
        start("first")
        wandb.log({"loss": 0.5})
        if wandb.run is not None:
            wandb.finish()
    except wandb.Error:
        wandb.finish()

wandb.init(group="script")
if wandb.run is None:
    wandb.init(project="second")
start("third")
wandb.finish()
for call in [job]:
    call()
job()
start("fourth")
if not wandb.run:
    wandb.init(name="fifth")
wandb.log({"loss": 0.4})
""",
    **CONFIG_PROGRAMS,
}
"""The programs, by what they do."""

STARTED = """import wandb

wandb.init()
"""
"""`started.py` of each program."""


def files_of(name: str) -> dict[str, str]:
    """The project of a program."""
    return {"train.py": PROGRAMS[name], "helpers.py": HELPERS, "started.py": STARTED}
