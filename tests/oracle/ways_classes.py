"""Ways to pass a row through classes: methods, attributes, registries of classes, classes made by hand."""

from __future__ import annotations

from tests.oracle.kinds import way

way(
    "method",
    """
class Reporter_:
    def __init__(self, log):
        self.log_ = log
    def begin(self, row):
        self.write(row)
    def write(self, row_):
        THEN self.log_ | row_
---
Reporter_(LOG).begin(ROW)
""",
)
way(
    "local class",
    """
log_ = LOG
class Reporter_:
    def begin(self, row):
        self.write(**row)
    def write(self, **row_):
        THEN log_ | row_
Reporter_().begin(ROW)
""",
)
way(
    "attribute of instance",
    """
class Box_:
    def __init__(self):
        self.row = {"unset": 1}
---
box_ = Box_()
box_.row = ROW
THEN LOG | box_.row
""",
)
way(
    "inherited method",
    """
class Base_:
    def __init__(self, log):
        self.log_ = log
    def send(self, row):
        self.write({f"base/{key}": value for key, value in row.items()})
class Child_(Base_):
    def write(self, row_):
        THEN self.log_ | row_
---
Child_(LOG).send(ROW)
""",
)
way(
    "super call",
    """
class Base_:
    def send(self, log_, row_):
        THEN log_ | row_
class Mixin_(Base_):
    def send(self, log, row):
        super().send(log, {**row, "mixin": 1})
class Child_(Mixin_):
    def send(self, log, row):
        super().send(log, {**row, "child": 1})
---
Child_().send(LOG, ROW)
""",
)
way(
    "static and class method",
    """
class Reporter_:
    prefix = "static"
    @classmethod
    def name(cls, key):
        return f"{cls.prefix}/{key}"
    @staticmethod
    def send(log_, row_):
        THEN log_ | row_
---
Reporter_.send(LOG, {Reporter_.name(key): value for key, value in ROW.items()})
""",
)
way(
    "bound method as callback",
    """
class Reporter_:
    def __init__(self, log):
        self.log_ = log
    def send(self, row_):
        THEN self.log_ | row_
---
callbacks_ = [Reporter_(LOG).send]
for callback_ in callbacks_:
    callback_(ROW)
""",
)
way(
    "class decorator registry",
    """
HOOKS_ = []
def hook_(cls):
    HOOKS_.append(cls)
    return cls
@hook_
class Send_:
    def call(self, log_, row_):
        THEN log_ | row_
---
for each_ in HOOKS_:
    each_().call(LOG, ROW)
""",
)
way(
    "named class registry",
    """
TASKS_ = {}
def task_(name):
    def decorate(cls):
        TASKS_[name] = cls
        return cls
    return decorate
@task_("first")
class First_:
    def values(self, row):
        return row
@task_("second")
class Second_:
    def values(self, row):
        return {"n": len(row)}
---
for name_, cls_ in TASKS_.items():
    THEN LOG | {f"{name_}/{key}": value for key, value in cls_().values(ROW).items()}
""",
)
way(
    "init_subclass registry",
    """
class Metric_:
    all = []
    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        Metric_.all.append(cls)
class Send_(Metric_):
    def call(self, log_, row_):
        THEN log_ | row_
---
for each_ in Metric_.all:
    each_().call(LOG, ROW)
""",
)
way(
    "new registers",
    """
class Base_:
    made = []
    def __new__(cls, *args):
        instance = super().__new__(cls)
        cls.made.append(instance)
        return instance
class Named_(Base_):
    def __init__(self, row):
        self.row = row
---
Named_(ROW)
for each_ in Base_.made:
    THEN LOG | each_.row
""",
)
way(
    "metaclass registry",
    """
class Meta_(type):
    classes = []
    def __new__(mcs, name, bases, body):
        cls = super().__new__(mcs, name, bases, body)
        mcs.classes.append(cls)
        return cls
class Send_(metaclass=Meta_):
    def call(self, log_, row_):
        THEN log_ | row_
---
for each_ in Meta_.classes:
    each_().call(LOG, ROW)
""",
)
way(
    "subclasses()",
    """
class Base_:
    pass
class Send_(Base_):
    def call(self, log_, row_):
        THEN log_ | row_
---
for each_ in Base_.__subclasses__():
    each_().call(LOG, ROW)
""",
)
way(
    "class attribute list",
    """
class Board_:
    rows = []
    def keep(self, row):
        self.rows.append(row)
---
Board_().keep(ROW)
for row_ in Board_.rows:
    THEN LOG | row_
""",
)
way(
    "type() makes a class",
    """
def send_(self, log_, row_):
    THEN log_ | row_
Made_ = type("Made", (), {"send": send_})
---
Made_().send(LOG, ROW)
""",
)
way(
    "patched method",
    """
class Reporter_:
    def send(self, log, row):
        log({"unpatched": 1})
def send_(self, log_, row_):
    THEN log_ | row_
---
Reporter_.send = send_
Reporter_().send(LOG, ROW)
""",
)
way(
    "setattr and getattr",
    """
class Box_:
    pass
---
box_ = Box_()
setattr(box_, "row_", ROW)
THEN LOG | getattr(box_, "row_")
""",
)
way(
    "getattr of method name",
    """
class Reporter_:
    def on_begin(self, log, row):
        log({f"begin/{key}": value for key, value in row.items()})
    def on_end(self, log_, row_):
        THEN log_ | row_
---
for event_ in ("begin", "end"):
    getattr(Reporter_(), f"on_{event_}")(LOG, ROW)
""",
)
way(
    "__dict__.update",
    """
class Config_:
    name = "unset"
    def __init__(self, **options):
        self.__dict__.update(options)
---
config_ = Config_(name="updated", row=ROW)
THEN LOG | {f"{config_.name}/{key}": value for key, value in config_.row.items()}
""",
)
way(
    "vars().update",
    """
class Config_:
    name = "unset"
---
config_ = Config_()
vars(config_).update(name="updated")
THEN LOG | {f"{config_.name}/{key}": value for key, value in ROW.items()}
""",
)
way(
    "dataclass",
    """
@dataclasses.dataclass
class State_:
    row: dict
    rows: list = dataclasses.field(default_factory=list)
    def __post_init__(self):
        self.rows.append({f"post/{key}": value for key, value in self.row.items()})
---
for row_ in State_(ROW).rows:
    THEN LOG | row_
""",
)
way(
    "enum method",
    """
class Phase_(enum.Enum):
    TRAIN = "train"
    VAL = "val"
    def send(self, log_, row_):
        THEN log_ | {f"{self.value}/{key}": value for key, value in row_.items()}
---
for phase_ in Phase_:
    phase_.send(LOG, ROW)
""",
)
way(
    "named tuple",
    """
class Pair_(typing.NamedTuple):
    log_: object
    row: dict
---
pair_ = Pair_(LOG, ROW)
THEN pair_.log_ | pair_.row
log_, row_ = pair_
log_(row_)
""",
)
way(
    "composite of objects",
    """
class Leaf_:
    def __init__(self, log):
        self.log_ = log
    def send(self, row_):
        THEN self.log_ | row_
class All_:
    def __init__(self, *children):
        self.children = list(children)
    def send(self, row):
        for child in self.children:
            child.send(row)
---
All_(Leaf_(LOG), All_(Leaf_(LOG))).send(ROW)
""",
)
