"""Ways to pass a row through functions, closures, lambdas, decorators and module globals."""

from __future__ import annotations

from tests.oracle.kinds import way

way("log", "LOG(ROW)")
way("log with step", "LOG(ROW, step=NUMBER)")
way("log without commit", "LOG(ROW, commit=False)")
way("log with commit", "LOG(ROW, commit=True)")
way("log with keyword", "LOG(data=ROW)")
way("log of the module", "THEN wandb.log | ROW")
way(
    "function",
    """
def send_(log_, row_):
    THEN log_ | row_
---
send_(LOG, ROW)
""",
)
way(
    "keyword-only parameter",
    """
def send_(log_, *, row_=None):
    if row_ is not None:
        THEN log_ | row_
---
send_(LOG, row_=ROW)
""",
)
way(
    "star arguments",
    """
def send_(log_, *rows_):
    for row_ in rows_:
        THEN log_ | row_
---
send_(LOG, *[ROW, {"extra": 1}])
""",
)
way(
    "double star arguments",
    """
def send_(log_, **row_):
    THEN log_ | row_
---
send_(LOG, **ROW)
""",
)
way(
    "recursion",
    """
def send_(log_, row_, depth):
    if depth:
        return send_(log_, row_, depth - 1)
    THEN log_ | row_
---
send_(LOG, ROW, 2)
""",
)
way(
    "nested function",
    """
def send_(row_):
    THEN LOG | row_
send_(ROW)
""",
)
way(
    "sibling functions",
    """
def write_(row_):
    THEN LOG | row_
def begin_(row_):
    write_(row_)
begin_(ROW)
""",
)
way(
    "returned closure",
    """
def make_(log_):
    def write_(row_):
        THEN log_ | row_
    def begin_(row_):
        write_(row_)
    return begin_
---
begin_ = make_(LOG)
begin_(ROW)
""",
)
way(
    "nonlocal",
    """
def make_(log_):
    last_ = {}
    def keep_(row):
        nonlocal last_
        last_ = row
    def flush_():
        THEN log_ | last_
    return keep_, flush_
---
keep_, flush_ = make_(LOG)
keep_(ROW)
flush_()
""",
)
way(
    "lambda calls helper",
    """
def send_(row_):
    THEN LOG | row_
jobs_ = [lambda: send_(ROW), lambda: send_({"second": 2})]
for job_ in jobs_:
    job_()
""",
)
way(
    "lambda in loop",
    """
jobs_ = []
for name_ in ("first", "second"):
    jobs_.append(lambda row, name=name_: {f"{name}/{key}": value for key, value in row.items()})
for job_ in jobs_:
    THEN LOG | job_(ROW)
""",
)
way(
    "lambda with late binding",
    """
jobs_ = []
for row_ in ({"never": 1}, ROW):
    jobs_.append(lambda: LOG(row_))
for job_ in jobs_:
    job_()
""",
)
way(
    "lambdas in dict comprehension",
    """
writers_ = {
    name: (lambda row, name=name: LOG({f"{name}/{key}": value for key, value in row.items()}))
    for name in ("train", "val")
}
THEN writers_["train"] | ROW
THEN writers_["val"] | ROW
""",
)
way(
    "lambdas in list comprehension",
    """
writers_ = [
    lambda row, size=size: LOG({f"{key}@{size}": value for key, value in row.items()}) for size in (1, 5)
]
for write_ in writers_:
    THEN write_ | ROW
""",
)
way(
    "partial of log",
    """
write_ = functools.partial(LOG)
THEN write_ | ROW
""",
)
way(
    "partial with row",
    """
def send_(log_, row_, extra):
    THEN log_ | {**row_, "extra": extra}
---
job_ = functools.partial(send_, LOG, extra=2)
job_(ROW)
""",
)
way(
    "wrapping decorator",
    """
def prefixed_(function):
    @functools.wraps(function)
    def inner(log, row):
        return function(log, {f"wrapped/{key}": value for key, value in row.items()})
    return inner
@prefixed_
def send_(log_, row_):
    THEN log_ | row_
---
send_(LOG, ROW)
""",
)
way(
    "decorator with arguments",
    """
def repeated_(times):
    def decorate(function):
        def inner(*args, **options):
            for _ in range(times):
                function(*args, **options)
        return inner
    return decorate
@repeated_(2)
def send_(log_, row_):
    THEN log_ | row_
---
send_(LOG, ROW)
""",
)
way(
    "registering decorator",
    """
HOOKS_ = []
def hook_(function):
    HOOKS_.append(function)
    return function
@hook_
def send_(log_, row_):
    THEN log_ | row_
---
for each_ in HOOKS_:
    each_(LOG, ROW)
""",
)
way(
    "named registry",
    """
TABLE_ = {}
def named_(name):
    def decorate(function):
        TABLE_[name] = function
        return function
    return decorate
@named_("send")
def send_(log_, row_):
    THEN log_ | row_
---
TABLE_["send"](LOG, ROW)
""",
)
way(
    "dict of functions",
    """
def skip_(log_, row_):
    pass
def send_(log_, row_):
    THEN log_ | row_
TABLE_ = {"skip": skip_, "send": send_}
---
for name_ in sorted(TABLE_):
    TABLE_[name_](LOG, ROW)
""",
)
way(
    "function attribute",
    """
def send_(log_):
    THEN log_ | send_.row
---
send_.row = ROW
send_(LOG)
""",
)
way(
    "mutable default",
    """
def keep_(row, rows=[]):
    rows.append(row)
    return rows
---
keep_(ROW)
for row_ in keep_({"second": 2}):
    THEN LOG | row_
""",
)
way(
    "rebound global",
    """
row_ = {"unset": 1}
def keep_(value):
    global row_
    row_ = value
def send_(log_):
    THEN log_ | row_
---
keep_(ROW)
send_(LOG)
""",
    needs_top=True,
)
way(
    "global of callback",
    """
callback_ = None
def install_(function):
    global callback_
    callback_ = function
def notify_(row):
    if callback_ is not None:
        callback_(row)
---
def send_(row_):
    THEN LOG | row_
install_(send_)
notify_(ROW)
""",
    needs_top=True,
)
way(
    "globals().update",
    """
row_ = {"unset": 1}
def keep_(value):
    globals().update({"row_": value})
def send_(log_):
    THEN log_ | row_
---
keep_(ROW)
send_(LOG)
""",
    needs_top=True,
)
way(
    "list in module",
    """
QUEUE_ = []
def keep_(row):
    QUEUE_.append(row)
def flush_(log_):
    while QUEUE_:
        row_ = QUEUE_.pop(0)
        THEN log_ | row_
---
keep_(ROW)
keep_({"second": 2})
flush_(LOG)
""",
)
way(
    "lru_cache",
    """
@functools.lru_cache(maxsize=None)
def key_(name):
    return f"cached/{name}"
---
THEN LOG | {key_(name): value for name, value in ROW.items()}
""",
)
way(
    "singledispatch",
    """
@functools.singledispatch
def send_(value, log_):
    log_({"other": 1})
@send_.register
def _(value: dict, log_):
    THEN log_ | value
---
send_(ROW, LOG)
""",
)
