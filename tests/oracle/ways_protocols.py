"""Ways to pass a row through methods that Python itself calls: properties, operators, iteration, contexts."""

from __future__ import annotations

from tests.oracle.kinds import way

PROTOCOLS = {
    "__getitem__": ("def __getitem__(self, row_):", "value_[ROW]"),
    "__call__": ("def __call__(self, row_):", "value_(ROW)"),
    "__lshift__": ("def __lshift__(self, row_):", "value_ << ROW"),
    "__iadd__": ("def __iadd__(self, row_):", "value_ += ROW"),
    "__add__": ("def __add__(self, row_):", "value_ + ROW"),
    "__radd__": ("def __radd__(self, row_):", "ROW + value_"),
    "__matmul__": ("def __matmul__(self, row_):", "value_ @ ROW"),
    "__eq__": ("def __eq__(self, row_):", "value_ == ROW"),
    "__lt__": ("def __lt__(self, row_):", "value_ < ROW"),
    "__contains__": ("def __contains__(self, row_):", "ROW in value_"),
    "__delitem__": ("def __delitem__(self, row_):", "del value_[ROW]"),
}
"""Methods that get the row: their first line, and the code that calls them."""

for method, (header, call) in PROTOCOLS.items():
    result = "\n        return self" if method in {"__iadd__", "__add__", "__radd__"} else ""
    result = "\n        return True" if method in {"__contains__", "__eq__", "__lt__"} else result
    way(
        method,
        f"""
class Value_:
    def __init__(self, log):
        self.log_ = log
    {header}
        THEN self.log_ | row_{result}
---
value_ = Value_(LOG)
{call}
""",
    )

UNARY = {
    "__neg__": ("", "-value_"),
    "__len__": ("1", "len(value_)"),
    "__bool__": ("True", "if value_:\n    pass"),
    "__str__": ('"value"', 'text_ = f"{value_}"'),
    "__format__": ('"value"', 'text_ = "{}".format(value_)'),
    "__float__": ("1.0", "number_ = float(value_)"),
    "__hash__": ("1", 'table_ = {value_: "one"}'),
}
"""Methods without the row: what they return, and the code that calls them."""

for method, (returned, call) in UNARY.items():
    parameters = "self, spec" if method == "__format__" else "self"
    result = f"\n        return {returned}" if returned else ""
    way(
        method,
        f"""
class Value_:
    def __init__(self, log, row):
        self.log_, self.row = log, row
    def {method}({parameters}):
        THEN self.log_ | self.row{result}
---
value_ = Value_(LOG, ROW)
{call}
""",
    )

way(
    "property",
    """
class Clock_:
    def __init__(self, row):
        self.stored = row
    @property
    def row(self):
        return {f"read/{key}": value for key, value in self.stored.items()}
---
THEN LOG | Clock_(ROW).row
""",
)
way(
    "property setter",
    """
class Clock_:
    def __init__(self):
        self.kept = {}
    @property
    def row(self):
        return self.kept
    @row.setter
    def row(self, value):
        self.kept = {f"set/{key}": each for key, each in value.items()}
---
clock_ = Clock_()
clock_.row = ROW
THEN LOG | clock_.kept
""",
)
way(
    "property deleter",
    """
class Clock_:
    def __init__(self, log):
        self.log_, self.kept = log, {}
    @property
    def row(self):
        return self.kept
    @row.deleter
    def row(self):
        THEN self.log_ | self.kept
---
clock_ = Clock_(LOG)
clock_.kept = ROW
del clock_.row
""",
)
way(
    "descriptor",
    """
class Field_:
    def __set_name__(self, owner, name):
        self.name = name
    def __get__(self, instance, owner):
        return {f"{self.name}/{key}": value for key, value in instance.values.items()}
    def __set__(self, instance, value):
        instance.values = value
class Holder_:
    row = Field_()
---
holder_ = Holder_()
holder_.row = ROW
THEN LOG | holder_.row
""",
)
way(
    "__setitem__",
    """
class Sink_:
    def __init__(self, log):
        self.log_ = log
    def __setitem__(self, name, row_):
        THEN self.log_ | {f"{name}/{key}": value for key, value in row_.items()}
---
sink_ = Sink_(LOG)
sink_["item"] = ROW
""",
)
way(
    "__setattr__",
    """
class Sink_:
    def __init__(self, log):
        object.__setattr__(self, "log_", log)
    def __setattr__(self, name, row_):
        THEN self.log_ | {f"{name}/{key}": value for key, value in row_.items()}
---
sink_ = Sink_(LOG)
sink_.item = ROW
""",
)
way(
    "__getattr__",
    """
class Magic_:
    def __init__(self, log):
        self.log_ = log
    def __getattr__(self, name):
        def write_(row_):
            THEN self.log_ | {f"{name}/{key}": value for key, value in row_.items()}
        return write_
---
magic_ = Magic_(LOG)
magic_.attribute(ROW)
""",
)
way(
    "__missing__",
    """
class Writers_(dict):
    def __missing__(self, name):
        self[name] = f"missing/{name}"
        return self[name]
---
names_ = Writers_()
THEN LOG | {names_[key]: value for key, value in ROW.items()}
""",
)
way(
    "__iter__",
    """
class Rows_:
    def __init__(self, *rows):
        self.rows = rows
    def __iter__(self):
        for row in self.rows:
            yield {f"iter/{key}": value for key, value in row.items()}
---
for row_ in Rows_(ROW, {"second": 2}):
    THEN LOG | row_
""",
)
way(
    "__next__",
    """
class Rows_:
    def __init__(self, log, row):
        self.log_, self.row, self.left = log, row, 2
    def __iter__(self):
        return self
    def __next__(self):
        if not self.left:
            raise StopIteration
        self.left -= 1
        THEN self.log_ | self.row
        return self.left
---
for left_ in Rows_(LOG, ROW):
    LOG({"left": left_})
""",
)
way(
    "iteration by __getitem__",
    """
class Data_:
    def __init__(self, log, row):
        self.log_, self.row = log, row
    def __getitem__(self, index):
        if index >= 2:
            raise IndexError
        THEN self.log_ | self.row
        return index
---
for item_ in Data_(LOG, ROW):
    LOG({"item": item_})
""",
)
way(
    "__enter__ and __exit__",
    """
class Context_:
    def __init__(self, log, row):
        self.log_, self.row = log, row
    def __enter__(self):
        return {f"enter/{key}": value for key, value in self.row.items()}
    def __exit__(self, *error):
        THEN self.log_ | self.row
---
with Context_(LOG, ROW) as row_:
    THEN LOG | row_
""",
)
way(
    "__exit__ swallows",
    """
class Swallow_:
    def __init__(self, log):
        self.log_ = log
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        row_ = error.args[0]
        THEN self.log_ | row_
        return True
---
with Swallow_(LOG):
    raise ValueError(ROW)
""",
)
