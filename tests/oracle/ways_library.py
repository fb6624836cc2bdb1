"""Ways to pass a row through functions of the standard library that call functions, and generators."""

from __future__ import annotations

from tests.oracle.kinds import way

way(
    "thread subclass",
    """
class Worker_(threading.Thread):
    def __init__(self, log, row):
        super().__init__()
        self.log_, self.row = log, row
    def run(self):
        THEN self.log_ | self.row
---
worker_ = Worker_(LOG, ROW)
worker_.start()
worker_.join()
""",
)
way(
    "thread target",
    """
def send_(row_):
    THEN LOG | row_
thread_ = threading.Thread(target=send_, args=(ROW,))
thread_.start()
thread_.join()
""",
)
way(
    "queue to a thread",
    """
class Writer_(threading.Thread):
    def __init__(self, log):
        super().__init__(daemon=True)
        self.log_, self.rows = log, queue.Queue()
    def run(self):
        while (row_ := self.rows.get()) is not None:
            THEN self.log_ | row_
---
writer_ = Writer_(LOG)
writer_.start()
writer_.rows.put(ROW)
writer_.rows.put(None)
writer_.join()
""",
)
way(
    "executor submit",
    """
def send_(row_):
    THEN LOG | row_
    return {f"future/{key}": value for key, value in row_.items()}
with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool_:
    future_ = pool_.submit(send_, ROW)
LOG(future_.result())
""",
)
way(
    "executor map",
    """
def prefix_(row):
    return {f"mapped/{key}": value for key, value in row.items()}
---
with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool_:
    rows_ = list(pool_.map(prefix_, [ROW]))
for row_ in rows_:
    THEN LOG | row_
""",
)
way(
    "future callback",
    """
def done_(future):
    row_ = future.result()
    THEN LOG | row_
with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool_:
    pool_.submit(dict, ROW).add_done_callback(done_)
""",
)
way(
    "map",
    """
def send_(row_):
    THEN LOG | row_
list(map(send_, [ROW, {"second": 2}]))
""",
)
way("map of log", "list(map(LOG, [ROW, {'second': 2}]))")
way(
    "filter",
    """
def keep_(row_):
    THEN LOG | row_
    return True
kept_ = list(filter(keep_, [ROW]))
""",
)
way(
    "reduce",
    """
def merge_(left, right):
    return {**left, **{f"merged/{key}": value for key, value in right.items()}}
---
THEN LOG | functools.reduce(merge_, [ROW, {"second": 2}], {"start": 0})
""",
)
way("sorted with key", "sorted([ROW, {'second': 2}], key=lambda row: LOG(row) or 0)")
way(
    "sort with key",
    """
def rank_(row_):
    THEN LOG | row_
    return 0
rows_ = [ROW]
rows_.sort(key=rank_)
""",
)
way(
    "max with key",
    """
def prefix_(row):
    return {f"max/{key}": value for key, value in row.items()}
---
best_ = max([ROW, {"second": 2}], key=lambda row: LOG(prefix_(row)) or len(row))
THEN LOG | best_
""",
)
way(
    "min with key",
    """
def size_(row_):
    THEN LOG | row_
    return len(row_)
least_ = min([ROW, {"second": 2}], key=size_)
""",
)
way("any of generator", "any(LOG(row) for row in [ROW, {'second': 2}])")
way(
    "starmap",
    """
def send_(name, row_):
    THEN LOG | {f"{name}/{key}": value for key, value in row_.items()}
list(itertools.starmap(send_, [("star", ROW)]))
""",
)
way(
    "chain",
    """
for row_ in itertools.chain([ROW], ({"second": 2},)):
    THEN LOG | row_
""",
)
way(
    "methodcaller",
    """
class Reporter_:
    def __init__(self, log):
        self.log_ = log
    def send(self, row_):
        THEN self.log_ | row_
---
operator.methodcaller("send", ROW)(Reporter_(LOG))
""",
)
way(
    "ExitStack callback",
    """
def send_(row_):
    THEN LOG | row_
with contextlib.ExitStack() as stack_:
    stack_.callback(send_, ROW)
    LOG({"inside": 1})
""",
)
way(
    "contextmanager",
    """
@contextlib.contextmanager
def section_(log_, row_):
    yield {f"section/{key}": value for key, value in row_.items()}
    THEN log_ | row_
---
with section_(LOG, ROW) as inner_:
    LOG(inner_)
""",
)
way(
    "contextmanager with finally",
    """
@contextlib.contextmanager
def section_(log_, row_):
    try:
        yield
    finally:
        THEN log_ | row_
---
with contextlib.suppress(KeyError), section_(LOG, ROW):
    raise KeyError("inside")
""",
)
way(
    "cached_property",
    """
class Box_:
    def __init__(self, row):
        self.stored = row
    @functools.cached_property
    def row(self):
        return {f"cached/{key}": value for key, value in self.stored.items()}
---
THEN LOG | Box_(ROW).row
""",
)
way(
    "generator",
    """
def rows_(row):
    yield row
    yield {"second": 2}
---
for row_ in rows_(ROW):
    THEN LOG | row_
""",
)
way(
    "generator that logs",
    """
def steps_(log_, row_):
    THEN log_ | row_
    yield 1
    log_({"after": 1})
    yield 2
---
for step_ in steps_(LOG, ROW):
    LOG({"between": step_})
""",
)
way(
    "yield from",
    """
def inner_(row):
    yield {f"inner/{key}": value for key, value in row.items()}
    return row
def outer_(row):
    returned = yield from inner_(row)
    yield returned
---
for row_ in outer_(ROW):
    THEN LOG | row_
""",
)
way(
    "send to generator",
    """
def sink_(log_):
    while True:
        row_ = yield
        if row_ is None:
            return
        THEN log_ | row_
---
sinks_ = sink_(LOG)
next(sinks_)
sinks_.send(ROW)
sinks_.close()
""",
)
way(
    "async function",
    """
async def send_(log_, row_):
    await asyncio.sleep(0)
    THEN log_ | row_
---
asyncio.run(send_(LOG, ROW))
""",
    is_async=True,
)
way(
    "gather",
    """
async def send_(log_, name, row_):
    THEN log_ | {f"{name}/{key}": value for key, value in row_.items()}
async def all_(log, row):
    await asyncio.gather(*[send_(log, name, row) for name in ("one", "two")])
---
asyncio.run(all_(LOG, ROW))
""",
    is_async=True,
)
way(
    "async generator",
    """
async def rows_(row):
    yield row
    yield {"second": 2}
async def send_(log_, row):
    async for row_ in rows_(row):
        THEN log_ | row_
---
asyncio.run(send_(LOG, ROW))
""",
    is_async=True,
)
way(
    "async context",
    """
class Context_:
    def __init__(self, log, row):
        self.log_, self.row = log, row
    async def __aenter__(self):
        return self
    async def __aexit__(self, *error):
        THEN self.log_ | self.row
async def send_(log, row):
    async with Context_(log, row):
        log({"inside": 1})
---
asyncio.run(send_(LOG, ROW))
""",
    is_async=True,
)
way(
    "logging handler",
    """
class Handler_(logging.Handler):
    def __init__(self, log):
        super().__init__()
        self.log_ = log
    def emit(self, record):
        row_ = record.row
        THEN self.log_ | row_
---
logger_ = logging.Logger("oracle")
logger_.addHandler(Handler_(LOG))
logger_.warning("row", extra={"row": ROW})
""",
)
way(
    "import_module",
    """
NAME_ = "constant"
def send_(log_, row_):
    THEN log_ | row_
---
importlib.import_module(send_.__module__).send_(LOG, ROW)
""",
    needs_top=True,
)
