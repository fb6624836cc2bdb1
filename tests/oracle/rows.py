"""Ways to make a row. The first ones are literals."""

from __future__ import annotations

from tests.oracle.kinds import row

row("loss", '{"loss": 0.5}')
row("axis", '{"epoch": NUMBER}')
row("covered key", '{"val/loss": NUMBER}')
row("key and axis", '{"val/acc": 0.5, "epoch": NUMBER}')
row("two keys", '{"train/loss": 1.5, "step": NUMBER}')
row("text value", '{"note": "text", "n": 1}')
row("nested dict", '{"nested": {"inner": 1, "deep": {"x": NUMBER}}}')
row("f-string keys", '{f"{part}/{name}": NUMBER for part in ("train", "val") for name in ("a", "b")}')
row("key of environment", "{f\"{os.environ.get('ORACLE_PART', 'train')}/env\": 1}")
row("dict call", "dict(ROW1, called=1)")
row("dict of zip", 'dict(zip(("zip/a", "zip/b"), (1, NUMBER)))')
row("fromkeys", 'dict.fromkeys(["key/a", "key/b"], 0)')
row("double star", "{**ROW1, **ROW2}")
row("union", "(ROW1 | ROW2)")
row("comprehension", '{f"all/{key}": value for key, value in ROW1.items()}')
row(
    "filtering comprehension",
    """
all_ = {**ROW1, "drop/me": 1}
=> {key: value for key, value in all_.items() if not key.startswith("drop/")}
""",
)
row("swapped names", '{key.replace("/", "_"): value for key, value in ROW1.items()}')
row("string methods", '{"/".join(["joined", key.upper()]): value for key, value in ROW1.items()}')
row("percent format", '{"%s/%s" % ("percent", key): value for key, value in ROW1.items()}')
row("str.format", '{"{}-{name}".format(key, name="format"): value for key, value in ROW1.items()}')
row(
    "string split",
    """
texts_ = "split/a=1,split/b=2".split(",")
=> {text.split("=")[0]: float(text.split("=")[1]) for text in texts_}
""",
)
row("string slice", '{"prefix/sliced"[7:]: 1, "last/part".rpartition("/")[2]: 2}')
row("json", "json.loads(json.dumps(ROW1))")
row("deepcopy", "copy.deepcopy(ROW1)")
row("chain map", "dict(collections.ChainMap(ROW1, ROW2))")
row("counter", 'dict(collections.Counter(["count/a", "count/b", "count/a"]))')
row(
    "nested comprehension",
    """
lists_ = {"sum/a": [1], "sum/b": [2, 3]}
=> {name: sum(value for value in values) for name, values in lists_.items()}
""",
)
row(
    "update",
    """
row_ = {}
row_.update(ROW1)
row_.update(updated=1)
=> row_
""",
)
row(
    "in-place union",
    """
row_ = dict(ROW1)
row_ |= ROW2
=> row_
""",
)
row(
    "setdefault and pop",
    """
row_ = dict(ROW1)
row_.setdefault("default", 1)
row_["popped"] = 2
row_.pop("popped")
row_.pop("absent", None)
=> row_
""",
)
row(
    "renamed key",
    """
row_ = {"old": 1, **ROW1}
row_["new"] = row_.pop("old")
=> row_
""",
)
row(
    "item assignment in loop",
    """
row_ = {}
for name_ in ("one", "two"):
    row_[f"loop/{name_}"] = NUMBER
for key_, value_ in ROW1.items():
    row_[key_] = value_
=> row_
""",
)
row(
    "default dict",
    """
row_ = collections.defaultdict(int)
for name_ in ("dd/a", "dd/b", "dd/a"):
    row_[name_] += 1
=> dict(row_)
""",
)
row(
    "default dict of lists",
    """
lists_ = collections.defaultdict(list)
for key_, value_ in ROW1.items():
    lists_[f"mean/{key_}"].append(1)
=> {key: sum(values) / len(values) for key, values in lists_.items()}
""",
)
row(
    "list of pairs",
    """
pairs_ = [("pair/a", 1)]
pairs_.append(("pair/b", NUMBER))
pairs_ += [("pair/c", 2)]
=> dict(pairs_)
""",
)
row(
    "row of function",
    """
def values_(number):
    row = {"made/by": number}
    if number >= 0:
        row["made/positive"] = 1
    return row
---
=> values_(NUMBER)
""",
)
row(
    "row changed by function",
    """
def add_(row, name):
    row[f"added/{name}"] = 1
---
row_ = dict(ROW1)
add_(row_, "x")
=> row_
""",
)
row(
    "constants",
    """
KEYS_ = ("const/a", "const/b")
PREFIX_ = "pre"
---
=> {f"{PREFIX_}/{key}": 1 for key in KEYS_}
""",
)
row(
    "rebound constant",
    """
prefix_ = "before"
def rename_(name):
    global prefix_
    prefix_ = name
def keys_(row):
    return {f"{prefix_}/{key}": value for key, value in row.items()}
---
rename_("after")
=> keys_(ROW1)
""",
    needs_top=True,
)
row(
    "class constants",
    """
class Names_:
    LOSS = "names/loss"
    ALL = [LOSS, "names/acc"]
---
=> {name: NUMBER for name in Names_.ALL}
""",
)
row(
    "enum keys",
    """
class Key_(enum.Enum):
    A = "enum/a"
    B = "enum/b"
---
=> {key.value: 1 for key in Key_}
""",
)
row(
    "str enum keys",
    """
class Key_(str, enum.Enum):
    A = "strenum/a"
    B = "strenum/b"
---
=> {f"{key.value}": 1 for key in Key_ if key is not Key_.B}
""",
)
row(
    "asdict",
    """
@dataclasses.dataclass
class Metrics_:
    loss: float = 0.5
    accuracy: float = 1.0
---
=> dataclasses.asdict(Metrics_(loss=NUMBER))
""",
)
row(
    "dataclass fields",
    """
@dataclasses.dataclass
class Metrics_:
    first: float = 0.5
    second: float = 1.0
---
=> {f"field/{field.name}": 1 for field in dataclasses.fields(Metrics_)}
""",
)
row(
    "vars of instance",
    """
class State_:
    def __init__(self, number):
        self.number = number
        self.done = 1
---
=> {f"vars/{key}": value for key, value in vars(State_(NUMBER)).items()}
""",
)
row(
    "named tuple asdict",
    """
Point_ = collections.namedtuple("Point", ["px", "py"])
---
=> Point_(1, NUMBER)._asdict()
""",
)
row(
    "next of generator",
    """
def rows_(row):
    yield row
    yield {"never": 1}
---
row_ = next(rows_(ROW1))
=> row_
""",
)
row(
    "recursive flatten",
    """
def flatten_(tree, prefix=""):
    flat = {}
    for key, value in tree.items():
        name = f"{prefix}/{key}" if prefix else key
        if isinstance(value, dict):
            flat.update(flatten_(value, name))
        else:
            flat[name] = value
    return flat
---
=> flatten_({"tree": {"a": 1, "b": {"c": 2}}, "row": ROW1})
""",
)
row(
    "stack flatten",
    """
def flatten_(tree):
    flat, stack = {}, [("", tree)]
    while stack:
        prefix, node = stack.pop()
        for key, value in node.items():
            name = f"{prefix}/{key}" if prefix else key
            if isinstance(value, dict):
                stack.append((name, value))
            else:
                flat[name] = value
    return flat
---
=> flatten_({"stack": {"a": {"b": 1}}, "row": ROW1})
""",
)
row(
    "sorted items",
    """
items_ = sorted(ROW1.items(), key=lambda item: item[0], reverse=True)
=> {f"{index}/{key}": value for index, (key, value) in enumerate(items_)}
""",
)
row(
    "best of names",
    """
scores_ = {"low": 1, "high": 2}
best_ = max(scores_, key=scores_.get)
=> {f"best/{best_}": scores_[best_]}
""",
)
row(
    "copy is changed",
    """
first_ = ROW1
second_ = dict(first_)
second_["copied"] = 1
second_ = {**second_}
=> second_
""",
)
row(
    "alias is changed",
    """
first_ = dict(ROW1)
second_ = first_
second_["aliased"] = 1
=> first_
""",
)
row(
    "cleared row",
    """
row_ = {"gone": 1}
row_.clear()
row_.update(ROW1)
=> row_
""",
)
row(
    "counting keys",
    """
row_ = {}
count_ = 0
while count_ < 3:
    row_[f"layer{count_}/norm"] = 1
    count_ += 1
=> row_
""",
)
row(
    "copy before a change",
    """
def copied_(row):
    return {f"copied/{key}": value for key, value in row.items()}
---
row_ = dict(ROW1)
copy_ = copied_(row_)
row_["too late"] = 1
=> copy_
""",
)
row(
    "attribute before a change",
    """
class State_:
    def __init__(self, row):
        self.row, self.prefix = row, "early"
    def named(self):
        return {f"{self.prefix}/{key}": value for key, value in self.row.items()}
---
state_ = State_(ROW1)
row_ = state_.named()
state_.prefix, state_.row = "too late", {}
=> row_
""",
)
row(
    "name before a rebinding",
    """
prefix_ = "early"
def keys_(row):
    return {f"{prefix_}/{key}": value for key, value in row.items()}
---
row_ = keys_(ROW1)
prefix_ = "too late"
=> row_
""",
    needs_top=True,
)
row(
    "list before a change",
    """
def merged_(rows):
    found = {}
    for row in rows:
        found.update(row)
    return found
---
rows_ = [ROW1, {"merged": NUMBER}]
row_ = merged_(rows_)
rows_.clear()
rows_.append({"too late": 1})
=> row_
""",
)
