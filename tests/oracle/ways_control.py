"""Ways to pass a row through branches, loops, exceptions and unpacking."""

from __future__ import annotations

from tests.oracle.kinds import way

way(
    "if else",
    """
if len(ROW) > 5:
    THEN LOG | ROW
else:
    THEN LOG | {**ROW, "few": 1}
""",
)
way(
    "isinstance",
    """
for item_ in (1, ROW, "text"):
    if isinstance(item_, dict):
        THEN LOG | item_
    elif isinstance(item_, str):
        LOG({item_: 1})
""",
)
way(
    "while loop",
    """
left_ = 2
while left_:
    left_ -= 1
    THEN LOG | ROW
""",
)
way(
    "while pops a stack",
    """
stack_ = [("", ROW)]
while stack_:
    name_, row_ = stack_.pop()
    if not name_:
        stack_.append(("popped", row_))
        continue
    THEN LOG | {f"{name_}/{key}": value for key, value in row_.items()}
""",
)
way(
    "break and else",
    """
for number_ in range(3):
    if number_ == 1:
        THEN LOG | ROW
        break
else:
    LOG({"not broken": 1})
""",
)
way(
    "loop else",
    """
for number_ in range(2):
    if number_ > 5:
        break
else:
    THEN LOG | ROW
""",
)
way(
    "continue",
    """
for item_ in (None, ROW):
    if item_ is None:
        continue
    THEN LOG | item_
""",
)
way(
    "raise and except",
    """
try:
    raise ValueError(ROW)
except ValueError as error_:
    THEN LOG | error_.args[0]
else:
    LOG({"not raised": 1})
""",
)
way(
    "real exception",
    """
try:
    {}["absent"]
    LOG({"unreachable": 1})
except KeyError:
    THEN LOG | ROW
finally:
    LOG({"finally": 1})
""",
)
way(
    "exception from a call",
    """
class Stop_(Exception):
    def __init__(self, row):
        super().__init__("stop")
        self.row = row
def fail_(row):
    raise Stop_(row)
---
try:
    fail_(ROW)
    LOG({"unreachable": 1})
except (KeyError, Stop_) as error_:
    THEN LOG | error_.row
""",
)
way(
    "try else",
    """
try:
    value_ = ROW
except Exception:
    LOG({"failed": 1})
else:
    THEN LOG | value_
""",
)
way(
    "return in finally",
    """
def send_(log_, row_):
    try:
        return 1
    finally:
        THEN log_ | row_
---
send_(LOG, ROW)
""",
)
way(
    "early return",
    """
def send_(log_, row_):
    if not row_:
        return
    for key in row_:
        if key == "absent":
            return
    THEN log_ | row_
---
send_(LOG, ROW)
""",
)
way(
    "match",
    """
match ("event", ROW):
    case ("other", _):
        LOG({"other": 1})
    case ("event", dict() as row_):
        THEN LOG | row_
""",
)
way(
    "match mapping",
    """
match {"kind": "row", "data": ROW}:
    case {"kind": "row", "data": data_}:
        THEN LOG | data_
    case _:
        LOG({"unmatched": 1})
""",
)
way(
    "walrus",
    """
if (row_ := ROW):
    THEN LOG | row_
""",
)
way(
    "conditional expression",
    """
flag_ = len(ROW) > 0
THEN LOG | (ROW if flag_ else {"empty": 1})
""",
)
way(
    "and or",
    """
missing_ = None
missing_ and LOG({"skipped": 1})
THEN LOG | (missing_ or ROW)
""",
)
way(
    "star unpacking",
    """
first_, *others_ = [ROW, {"second": 2}, {"third": 3}]
THEN LOG | first_
for other_ in others_:
    LOG(other_)
""",
)
way(
    "nested unpacking",
    """
(name_, (row_, *_)), number_ = ("pair", (ROW, 1)), 2
THEN LOG | {f"{name_}/{key}": value for key, value in row_.items()}
""",
)
way(
    "list append and pop",
    """
rows_ = []
rows_.append(ROW)
rows_.append({"popped": 1})
last_ = rows_.pop()
THEN LOG | rows_[0]
LOG(last_)
""",
)
way(
    "list insert and remove",
    """
rows_ = [{"removed": 1}, {"kept": 2}]
rows_.insert(0, ROW)
rows_.remove({"removed": 1})
for row_ in rows_:
    THEN LOG | row_
""",
)
way(
    "list slice",
    """
rows_ = [{"first": 1}, ROW, {"third": 3}]
rows_[:1] = []
for row_ in rows_[:1]:
    THEN LOG | row_
""",
)
way(
    "list reversed and sorted",
    """
rows_ = sorted([(2, ROW), (1, {"one": 1})], key=lambda pair: pair[0])
rows_.reverse()
THEN LOG | rows_[0][1]
""",
)
way(
    "deque",
    """
rows_ = collections.deque([{"first": 1}], maxlen=2)
rows_.appendleft(ROW)
first_ = rows_.popleft()
THEN LOG | first_
LOG(rows_[0])
""",
)
way(
    "enumerate and zip",
    """
for index_, (name_, row_) in enumerate(zip(["zip"], [ROW])):
    THEN LOG | {f"{name_}{index_}/{key}": value for key, value in row_.items()}
""",
)
way(
    "comprehension that logs",
    """
results_ = [LOG({f"{name}/{key}": value for key, value in ROW.items()}) for name in ("a", "b")]
""",
)
way(
    "one key per call",
    """
for key_, value_ in ROW.items():
    THEN LOG | {key_: value_}
""",
)
way(
    "assert and del",
    """
row_ = {**ROW, "deleted": 1}
assert "deleted" in row_
del row_["deleted"]
THEN LOG | row_
""",
)
way(
    "wrapper with prefix",
    """
def write_(row, prefix="pre"):
    LOG({f"{prefix}/{key}": value for key, value in row.items()})
THEN write_ | ROW
""",
)
way(
    "buffer that flushes",
    """
class Buffer_:
    def __init__(self, log):
        self.log_, self.row = log, {}
    def add(self, **values):
        self.row.update(values)
        return self
    def flush(self):
        row_, self.row = self.row, {}
        THEN self.log_ | row_
---
buffer_ = Buffer_(LOG)
buffer_.add(**ROW).add(added=1).flush()
""",
)
way(
    "name that was None",
    """
import random
last_ = None
for item_ in random.Random(7).sample(range(9), 3):
    if last_ is None:
        THEN LOG | ROW
    else:
        LOG({"not the first": 1})
    last_ = item_
""",
)
way(
    "name that a loop makes unknown",
    """
import random
stage_ = "first"
for item_ in random.Random(7).sample(range(9), 3):
    LOG({f"{stage_}/seen": 1})
    stage_ = str(item_)
    THEN LOG | ROW
""",
)
