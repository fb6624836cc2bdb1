"""Everything that does not escape: each exemption with a program that shows what it means.

`NAME` in a program stands for the listed name, then for one that no list has. `callee` is bound to the listed
function, then to a function of a library about which nothing is known.
"""

from __future__ import annotations

from typing import NamedTuple

from wandblint import facts
from wandblint.semantics import api


class Shown(NamedTuple):
    """A program, and the keys that are predicted although it meets the exemption.

    The claim that a row is `dropped` counts as a key.
    """

    names: str
    body: str
    keys: str = "a"


ROW = 'row = {"a": 1}\n'
ITEMS = 'items = ["a"]\n'
LOG_ROW = "run.log(row)"
LOG_ITEMS = "for key in items:\n    run.log({key: 1})"
LOG_RESULT = "run.log(callee(row))"
PUT = "def put(key):\n    run.log({key: 1})\n"
MAKE = 'def make(*given):\n    return {"a": 1}\n'
CLASS = "class C:\n    pass\nc = C()\n"
STUDIES = [
    f"{module}{owner}" for module in ("", "study.") for owner in ("create_study", "load_study", "Study")
]
DROPPED = '    run.log({"a": 1}, step=i)\n    if compute():\n        break\n'
DROPPED += 'for i in range(4):\n    run.log({"b": 1}, step=i)'

JAX_DATA = "vmap checkpoint remat device_get device_put block_until_ready"
JAX_DATA += " lax.stop_gradient lax.pmean lax.psum lax.with_sharding_constraint"

FUNCTION_KINDS = "function method class module builtin routine coroutine awaitable"
FUNCTION_KINDS += " coroutinefunction generatorfunction asyncgenfunction"
FUNCTION_QUESTIONS = "signature getfullargspec getdoc getmodule getfile getsource getsourcefile"

FILLED = "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: int = 0\n"
FILLED += '    def row(self):\n        return {"a": 1}\n'
DECODERS = " ".join(f"msgspec.{kind}.decode" for kind in ("json", "yaml", "toml", "msgpack"))
PARSE = "from transformers import HfArgumentParser\n" + FILLED + "callee = HfArgumentParser(C)."
PARSERS = ("parse_args_into_dataclasses", "parse_dict", "parse_json_file", "parse_yaml_file")

HANDLERS = (
    # The result has the shape of an argument: what a name returns is known, and the argument does not change.
    Shown(" ".join(f"jax.{name}" for name in ("jit pmap " + JAX_DATA).split()), ROW + LOG_RESULT),
    Shown("copy.copy copy.deepcopy flax.jax_utils.replicate flax.jax_utils.unreplicate", ROW + LOG_RESULT),
    Shown("builtins.staticmethod functools.lru_cache functools.cache", MAKE + "run.log(callee(make)())"),
    Shown("torch.compile torch.jit.script equinox.filter_jit flax.nnx.jit", MAKE + "run.log(callee(make)())"),
    Shown("asyncio.run", 'async def make():\n    return {"a": 1}\nrun.log(callee(make()))'),
    Shown("typing.cast", ROW + "run.log(callee(dict, row))"),
    Shown("jax.lax.fori_loop", ROW + "run.log(callee(0, 3, body, row))"),
    Shown("jax.lax.while_loop", ROW + "run.log(callee(test, body, row))"),
    Shown(
        " ".join(f"jax.{name}" for name in ("tree.map", "tree_map", "tree_util.tree_map", "tree_multimap")),
        ROW + "run.log(callee(mean, row))",
    ),
    Shown(
        "flax.training.common_utils.stack_forest flax.training.common_utils.get_metrics",
        ROW + "run.log(callee([row]))",
    ),
    # Questions about a function, which is not called.
    Shown(
        "builtins.callable asyncio.iscoroutinefunction asyncio.iscoroutine typing.get_type_hints "
        + " ".join(f"inspect.is{kind}" for kind in FUNCTION_KINDS.split())
        + " ".join(f" inspect.{name}" for name in FUNCTION_QUESTIONS.split()),
        PUT + 'callee(put)\nput("a")',
    ),
    # Containers.
    Shown("builtins.dict collections.OrderedDict", "run.log(callee(a=1))"),
    Shown("collections.defaultdict", "run.log(callee(int, a=1))"),
    Shown("collections.Counter", 'row = callee()\nrow["a"] += 1\n' + LOG_ROW),
    Shown("builtins.dict.fromkeys", 'run.log(callee(["a"], 1))'),
    Shown(
        "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.reversed builtins.iter",
        ITEMS + "items = callee(items)\n" + LOG_ITEMS,
    ),
    Shown("builtins.enumerate", ITEMS + "for i, key in callee(items):\n    run.log({key: 1})"),
    Shown(
        "builtins.zip itertools.product",
        ITEMS + 'for key, more in callee(items, ["b"]):\n    run.log({key + more: 1})',
        "ab",
    ),
    Shown("itertools.chain", ITEMS + 'items = callee(items, ["b"])\n' + LOG_ITEMS, "a b"),
    Shown("builtins.next", ITEMS + "run.log({callee(iter(items)): 1})"),
    # Numbers: the step is an induction variable, so rows of a second loop are certainly dropped.
    Shown("builtins.range", f"for i in callee(3, 9):\n{DROPPED}", "a b dropped"),
    Shown("itertools.count", f"for i in callee(3):\n{DROPPED}", "a b dropped"),
    Shown(
        "builtins.int builtins.round math.floor math.ceil",
        "for j in range(3, 9):\n    i = callee(j)\n" + DROPPED,
        "a b dropped",
    ),
    # The number of rows of the loop, so that the step is below it from the second epoch on.
    Shown(
        "builtins.len",
        "items = compute()\nfor e in range(9):\n    for item in items:\n"
        '        run.log({"a": 1})\n    run.log({"b": 1}, step=(e + 1) * callee(items), commit=True)',
        "a b dropped",
    ),
    # A search calls its function once per trial, so that the steps start over.
    Shown(
        " ".join(f"optuna.{name}.optimize" for name in STUDIES),
        'def f(trial):\n    for i in range(4):\n        run.log({"a": 1}, step=i)\ncallee(f)',
        "a dropped",
    ),
    # Objects of a class that are filled from elsewhere: the class is known, the fields are not.
    Shown(
        "tyro.cli chz.entrypoint dacite.from_dict dacite.core.from_dict", FILLED + "run.log(callee(C).row())"
    ),
    Shown("simple_parsing.parse draccus.parse pyrallis.parse", FILLED + "run.log(callee(C).row())"),
    Shown("omegaconf.OmegaConf.structured omegaconf.OmegaConf.merge", FILLED + "run.log(callee(C).row())"),
    Shown("cattrs.structure cattr.structure msgspec.convert", FILLED + "run.log(callee(data, C).row())"),
    Shown(DECODERS, FILLED + "run.log(callee(data, type=C).row())"),
    Shown(
        "transformers.HfArgumentParser transformers.hf_argparser.HfArgumentParser trl.TrlParser",
        FILLED + "run.log(callee(C).parse_args_into_dataclasses()[0].row())",
    ),
    Shown(
        " ".join(f"transformers.HfArgumentParser().{name}" for name in (*PARSERS, "parse_args_and_config")),
        "run.log(callee()[0].row())",
    ),
    Shown(
        "omegaconf.OmegaConf.to_object",
        f"from omegaconf import OmegaConf\n{FILLED}run.log(callee(OmegaConf.structured(C)).row())",
    ),
    Shown("dataclasses.filled()", "run.log(callee(data).row())"),
    # Names and modules.
    Shown("os.path.join", 'run.log({callee("a", "b"): 1})', "a/b"),
    Shown("builtins.str", 'run.log({callee("a"): 1})'),
    Shown("importlib.import_module builtins.__import__", 'run.log(callee("names").ROW)'),
    Shown("builtins.isinstance", ROW + 'run.log(row if callee(row, dict) else {"b": 1})'),
    # Callbacks: the function is called with what it really gets.
    Shown("builtins.sorted", ITEMS + "items = callee(items)\n" + LOG_ITEMS),
    Shown("builtins.min builtins.max", ITEMS + "run.log({callee(items): 1})"),
    Shown(
        "builtins.sum",
        'class C:\n    row = {"a": 1}\n    def __radd__(self, other):\n        return self\n'
        "run.log(callee([C()]).row)",
    ),
    Shown("builtins.any builtins.all", ROW + "callee([row])\n" + LOG_ROW),
    Shown("builtins.map", 'items = callee(str.lower, ["A"])\n' + LOG_ITEMS),
    Shown(
        " ".join(f"concurrent.futures.{name}ThreadPoolExecutor.map" for name in ("", "thread.")),
        'items = callee(str.lower, ["A"])\n' + LOG_ITEMS,
    ),
    Shown(
        "builtins.filter itertools.filterfalse itertools.takewhile itertools.dropwhile",
        ITEMS + "items = callee(lambda key: compute(key), items)\n" + LOG_ITEMS,
    ),
    Shown("itertools.starmap", 'items = callee(lambda x, y: x + y, [("a", "b")])\n' + LOG_ITEMS, "ab"),
    Shown("itertools.accumulate", ITEMS + "items = callee(items, lambda x, y: x + y)\n" + LOG_ITEMS),
    Shown("itertools.groupby", ITEMS + "for key, group in callee(items):\n    run.log({key: 1})"),
    Shown("functools.reduce", 'run.log({callee(lambda x, y: x + y, ["a", "b"]): 1})', "ab"),
    Shown("asyncio.gather", ROW + "for each in callee(row):\n    run.log(each)"),
    Shown(
        "asyncio.get_event_loop.run_in_executor asyncio.get_running_loop.run_in_executor",
        PUT + 'callee(None, put, "a")',
    ),
    Shown(
        " ".join(f"concurrent.futures.{name}ThreadPoolExecutor.submit" for name in ("", "thread.")),
        PUT + 'callee(put, "a")',
    ),
    Shown("asyncio.to_thread jax.lax.map jax.debug.callback", PUT + 'callee(put, "a")'),
    Shown("jax.experimental.io_callback jax.pure_callback", PUT + 'callee(put, shape, "a")'),
    Shown(
        "threading.Thread multiprocessing.Process torch.multiprocessing.Process",
        PUT + 'callee(target=put, args=("a",)).start()',
    ),
    Shown("functools.partial", PUT + 'callee(put, "a")()'),
    Shown("functools.wraps functools.wraps()", MAKE + "run.log(callee(print)(make)())"),
    Shown("functools.update_wrapper", MAKE + "run.log(callee(make, print)())"),
    Shown(
        "operator.methodcaller operator.methodcaller()",
        'class C:\n    def make(self):\n        return {"a": 1}\nrun.log(callee("make")(C()))',
    ),
    Shown(
        "functools.singledispatch functools.singledispatch() functools.singledispatch().register",
        MAKE + 'make = callee(make)\n@make.register\ndef _(x: int):\n    return {"b": 1}\nrun.log(make(1))',
        "a b",
    ),
    Shown("jax.value_and_grad jax.value_and_grad()", MAKE + "row, _ = callee(make)(1)\n" + LOG_ROW),
    Shown(
        "jax.grad jax.grad()",
        'def loss(x):\n    return x, {"a": 1}\n_, row = callee(loss, has_aux=True)(1)\n' + LOG_ROW,
    ),
    Shown(
        "jax.lax.scan",
        'def body(carry, x):\n    return carry, x\nrow, _ = callee(body, {"a": 1}, x)\n' + LOG_ROW,
    ),
    Shown("jax.lax.cond", 'run.log(callee(test, lambda: {"a": 1}, lambda: {"b": 1}))', "a b"),
    # Classes and attributes.
    Shown(
        "builtins.property",
        'class C:\n    def make(self):\n        return {"a": 1}\n    row = callee(make)\nrun.log(C().row)',
    ),
    Shown("dataclasses.asdict attr.asdict attrs.asdict", CLASS + "c.a = 1\nrun.log(callee(c))"),
    Shown("builtins.vars", CLASS + "c.a = 1\nrun.log(callee(c))"),
    Shown(
        "dataclasses.field attr.ib attr.field attrs.field pydantic.Field",
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    row: dict = callee(default={'a': 1})\n"
        "run.log(C().row)",
    ),
    Shown(
        "builtins.setattr builtins.object.__setattr__",
        'class C:\n    row = {"b": 1}\nc = C()\ncallee(c, "row", {"a": 1})\nrun.log(c.row)',
    ),
    Shown(
        "builtins.getattr builtins.object.__getattribute__",
        CLASS + 'c.row = {"a": 1}\nrun.log(callee(c, "row"))',
    ),
    Shown(
        "builtins.delattr builtins.object.__delattr__",
        'class C:\n    row = {"a": 1}\nc = C()\nc.row = {"b": 1}\ncallee(c, "row")\nrun.log(c.row)',
    ),
    Shown("builtins.type", 'class C:\n    row = {"a": 1}\nrun.log(callee(C()).row)'),
    Shown("builtins.object.__new__", 'class C:\n    row = {"a": 1}\nrun.log(callee(C).row)'),
    Shown(
        "builtins.type.__new__",
        "class M(type):\n    def __new__(mcs, name, bases, space):\n"
        "        return callee(mcs, name, bases, space)\n"
        'class C(metaclass=M):\n    row = {"a": 1}\nrun.log(C.row)',
    ),
    Shown(
        "builtins.type.__call__",
        "class M(type):\n    def __call__(cls):\n        return callee(cls)\n"
        'class C(metaclass=M):\n    row = {"a": 1}\nrun.log(C().row)',
    ),
    Shown(
        "builtins.object.__init__ builtins.object.__init_subclass__ builtins.type.__init__",
        ROW + "callee(row)\n" + LOG_ROW,
    ),
    Shown("builtins.locals", "def make():\n    a = 1\n    return callee()\nrun.log(make())"),
    Shown("builtins.globals", 'callee()["KEY"] = "a"\nrun.log({KEY: 1})'),
)
"""Functions with a handler, by canonical name; names in one row share their handler, or its effect."""

PROCESS_STARTERS = frozenset(
    {
        "torch.distributed.init_process_group",
        "torch.distributed.distributed_c10d.init_process_group",
        "deepspeed.init_distributed",
        "jax.distributed.initialize",
        "torch.multiprocessing.spawn",
        "torch.multiprocessing.start_processes",
        "torch.multiprocessing.spawn.spawn",
        "torch_xla.distributed.xla_multiprocessing.spawn",
        *("lightning.Trainer", "lightning.pytorch.Trainer", "lightning.pytorch.trainer.Trainer"),
        *("pytorch_lightning.Trainer", "pytorch_lightning.trainer.Trainer"),
        *("lightning.Fabric", "lightning.fabric.Fabric", "lightning_fabric.Fabric"),
    }
)
"""Their handlers count processes and let the arguments escape like any other call: they are no exemptions."""

_TRACK = "WeightsAndBiasesCallback.track_in_wandb"
JOBS = frozenset(
    {"hydra.main", "hydra.main()", "hydra.main()()"}
    | {f"optuna.integration.{_TRACK}{calls}" for calls in ("", "()", "()()")}
    | {f"{package}.{_TRACK}" for package in ("optuna_integration", "optuna_integration.wandb")}
    | {f"optuna.integration.wandb.{_TRACK}"}
)
"""The first is like any other decorator unless the project shows a multirun; the cases of WB102 and WB303
show the others, which call what they get."""

OPENING = frozenset({"builtins.exec"})
"""Their handlers open more than an unknown call would."""

ENDING = frozenset({"os._exit", "sys.exit", "builtins.exit", "builtins.quit"}) | {
    "argparse.ArgumentParser.error",
    "argparse.ArgumentParser.exit",
}
"""They end the process, so what they do with their arguments does not matter."""

PROGRESS_BARS = (
    Shown("tqdm track", ITEMS + "items = callee(items)\n" + LOG_ITEMS),
    Shown("trange", f"for i in callee(3, 9):\n{DROPPED}", "a b dropped"),
)
"""By last word: any library may have them."""

BINDINGS = {
    **{
        f"transformers.HfArgumentParser().{name}": PARSE + name
        for name in (*PARSERS, "parse_args_and_config")
    },
    "omegaconf.OmegaConf.structured": "from omegaconf import OmegaConf\ncallee = OmegaConf.structured",
    "omegaconf.OmegaConf.merge": "from omegaconf import OmegaConf\ncallee = OmegaConf.merge",
    "omegaconf.OmegaConf.to_object": "from omegaconf import OmegaConf\ncallee = OmegaConf.to_object",
    "dataclasses.filled()": "from pydantic import BaseModel\nclass C(BaseModel):\n    x: int = 0\n"
    '    def row(self):\n        return {"a": 1}\ncallee = C.model_validate',
    "functools.wraps()": "from functools import wraps as callee",
    "operator.methodcaller()": "from operator import methodcaller as callee",
    "functools.singledispatch()": "from functools import singledispatch as callee",
    "functools.singledispatch().register": "from functools import singledispatch as callee",
    "jax.value_and_grad()": "from jax import value_and_grad as callee",
    "jax.grad()": "from jax import grad as callee",
    "asyncio.get_event_loop.run_in_executor": (
        "import asyncio\ncallee = asyncio.get_event_loop().run_in_executor"
    ),
    "asyncio.get_running_loop.run_in_executor": (
        "import asyncio\ncallee = asyncio.get_running_loop().run_in_executor"
    ),
    **{
        f"{module}.ThreadPoolExecutor.{method}": (
            f"from {module} import ThreadPoolExecutor\ncallee = ThreadPoolExecutor().{method}"
        )
        for module in ("concurrent.futures", "concurrent.futures.thread")
        for method in ("submit", "map")
    },
}
"""How a program gets a function that no import gives; a path that ends in `()` is that of a result."""

DICT_METHODS = (
    Shown("update", ROW + 'row.NAME({"b": 1})\n' + LOG_ROW, "a b"),
    Shown("items", ROW + "for key, value in row.NAME():\n    run.log({key: value})"),
    Shown("keys", ROW + "for key in row.NAME():\n    run.log({key: 1})"),
    Shown("values", 'row = {"x": {"a": 1}}\nfor each in row.NAME():\n    run.log(each)'),
    Shown("copy", ROW + "run.log(row.NAME())"),
    Shown("get __getitem__", 'row = {"x": {"a": 1}}\nrun.log(row.NAME("x"))'),
    Shown("pop", 'row = {"a": 1, "x": 2}\nrow.NAME("x")\n' + LOG_ROW),
    Shown("setdefault", ROW + 'row.NAME("b", 1)\n' + LOG_ROW, "a b"),
    Shown("__setitem__", ROW + 'row.NAME("b", 1)\n' + LOG_ROW, "a b"),
    Shown("__delitem__", 'row = {"a": 1, "x": 2}\nrow.NAME("x")\n' + LOG_ROW),
    Shown("clear", 'row = {"x": 1}\nrow.NAME()\nrow["a"] = 1\n' + LOG_ROW),
    Shown(
        "popitem move_to_end most_common elements total __len__ __contains__", ROW + "row.NAME()\n" + LOG_ROW
    ),
)

LIST_METHODS = (
    Shown("append add put", ITEMS + 'items.NAME("b")\n' + LOG_ITEMS, "a b"),
    Shown("extend update", ITEMS + 'items.NAME(["b"])\n' + LOG_ITEMS, "a b"),
    Shown("insert", ITEMS + 'items.NAME(0, "b")\n' + LOG_ITEMS, "a b"),
    Shown("appendleft", ITEMS + 'items.NAME("b")\n' + LOG_ITEMS, "a b"),
    Shown("extendleft", ITEMS + 'items.NAME(["b"])\n' + LOG_ITEMS, "a b"),
    Shown("copy __iter__", ITEMS + "items = items.NAME()\n" + LOG_ITEMS),
    Shown("union symmetric_difference", ITEMS + 'items = items.NAME(["b"])\n' + LOG_ITEMS, "a b"),
    Shown("intersection difference", ITEMS + 'items = items.NAME(["a"])\n' + LOG_ITEMS),
    Shown("pop popleft send asend throw __next__", ITEMS + "run.log({items.NAME(): 1})"),
    Shown("sort reverse rotate", ITEMS + "items.NAME()\n" + LOG_ITEMS),
    Shown("remove discard", 'items = ["a", "x"]\nitems.NAME("x")\n' + LOG_ITEMS, "a x"),
    Shown("clear", 'items = ["x"]\nitems.NAME()\nitems.append("a")\n' + LOG_ITEMS),
    Shown(
        "index count __len__ __contains__ isdisjoint issubset issuperset close tolist",
        ITEMS + "items.NAME()\n" + LOG_ITEMS,
    ),
)

GIVES_METHOD = "class C:\n    def NAME(self, *given):\n        run.log({given[0]: 1})\n"

BASE_MODULES = {
    "ABC": "abc",
    **dict.fromkeys(("Generic", "Protocol", "NamedTuple", "TypedDict"), "typing"),
    **dict.fromkeys(("Enum", "IntEnum", "StrEnum"), "enum"),
    **dict.fromkeys(("object", "type", "Exception", "ValueError", "RuntimeError"), "builtins"),
    **dict.fromkeys(("dict", "list", "str", "int", "float", "tuple"), "builtins"),
}
"""Where each base class comes from that calls no method which a class adds."""

INERT_VALUES = {
    "Scalar": "value = 1\ncallee(value)\nrun.log({'a': value})",
    "Template": "value = 'a'\ncallee(value)\nrun.log({value: 1})",
    "Unknown": "value = compute()\ncallee(value)\nrun.log({'a': value})",
}
"""A value that unseen code cannot change, by kind."""

RUN_DATA = (
    Shown(" ".join(sorted(api.RUN_DATA)), 'callee(run.NAME)\nrun.log({"a": run.NAME})'),
    Shown("config", 'callee(run.NAME)\ncallee(**run.NAME)\nrun.log({"a": 1})'),
)
"""What a run holds and who gets it cannot log with; of `summary`, `log` and all others that is not said."""

KINDS: dict[type[facts.Node], tuple[str, str]] = {
    facts.Const: ('run.log({"a": 1})', "run.log({b'a': 1})"),
    facts.Name: (ROW + LOG_ROW, "run.log(unbound)"),
    facts.Attr: (CLASS + 'c.row = {"a": 1}\nrun.log(c.row)', "run.log(unbound.row)"),
    facts.Call: (MAKE + "run.log(make())", "run.log(unbound())"),
    facts.FormattedString: ('x = "a"\nrun.log({f"{x}": 1})', 'x = "a"\nrun.log({f"{x:>3}": 1})'),
    facts.Binary: ('x = ""\nrun.log({x + "a": 1})', "run.log(unbound | unbound)"),
    facts.Bool: ('run.log({"a": 1} or {"a": 2})', 'run.log(unbound or {"a": 1})'),
    facts.Not: ('run.log({"a": 1} if not False else unbound)', 'run.log({"a": 1} if not x else unbound)'),
    facts.Compare: ('run.log({"a": 1} if 1 == 1 else unbound)', 'run.log({"a": 1} if x == 1 else unbound)'),
    facts.Conditional: ('run.log({"a": 1} if x else {"a": 2})', 'run.log({"a": 1} if x else unbound)'),
    facts.DictLiteral: (ROW + "run.log({**row})", "run.log({**unbound})"),
    facts.Sequence: (
        'for key in ["a"]:\n    run.log({key: 1})',
        "for key in [unbound]:\n    run.log({key: 1})",
    ),
    facts.Comprehension: ('run.log({key: 1 for key in ["a"]})', "run.log({key: 1 for key in unbound})"),
    facts.Subscript: ('rows = [{"a": 1}]\nrun.log(rows[0])', "run.log(unbound[0])"),
    facts.Lambda: ('run.log((lambda: {"a": 1})())', "run.log((lambda row: row)(unbound))"),
    facts.Walrus: ('(row := {"a": 1})\n' + LOG_ROW, "(row := unbound)\n" + LOG_ROW),
    facts.Wrapped: (
        'async def f():\n    return {"a": 1}\nasync def g():\n    run.log(await f())\nasyncio.run(g())',
        "async def g():\n    run.log(await unbound())\nasyncio.run(g())",
    ),
    facts.Starred: (
        "for key in [*['a']]:\n    run.log({key: 1})",
        "for key in [*unbound]:\n    run.log({key: 1})",
    ),
    facts.Other: (ITEMS + "items = items[:1]\n" + LOG_ITEMS, "items = unbound[:1]\n" + LOG_ITEMS),
    facts.ExprStmt: ('run.log({"a": 1})', "unbound(run)"),
    facts.Assign: (ROW + LOG_ROW, "row = unbound\n" + LOG_ROW),
    facts.AugAssign: ('row = {}\nrow |= {"a": 1}\n' + LOG_ROW, "row = {}\nrow |= unbound\n" + LOG_ROW),
    facts.Return: (MAKE + "run.log(make())", "def make():\n    return unbound\nrun.log(make())"),
    facts.Raise: ('if x:\n    raise E\n    run.log(y)\nrun.log({"a": 1})', "if x:\n    raise E(run)"),
    facts.Delete: (
        'row = {"a": 1, "b": 1}\ndel row["b"]\n' + LOG_ROW,
        ROW + "del row[unbound]\nunbound(row)\n" + LOG_ROW,
    ),
    facts.Jump: (
        'for i in x:\n    run.log({"a": 1})\n    break\n    run.log(y)',
        "for i in x:\n    run.log(i)\n    break",
    ),
    facts.ScopeDeclaration: (
        'row = {}\ndef f():\n    global row\n    row = {"a": 1}\nf()\n' + LOG_ROW,
        "row = {}\ndef f():\n    global row\n    row = unbound\nf()\n" + LOG_ROW,
    ),
    facts.If: ('if x:\n    run.log({"a": 1})', "if x:\n    run.log(unbound)"),
    facts.For: ('for key in ("a",):\n    run.log({key: 1})', "for key in unbound:\n    run.log({key: 1})"),
    facts.While: ('while x:\n    run.log({"a": 1})', "while x:\n    run.log(unbound)"),
    facts.Try: (
        'try:\n    x()\nexcept E:\n    run.log({"a": 1})',
        "try:\n    x()\nexcept E as error:\n    run.log(error)",
    ),
    facts.With: ('with unbound:\n    run.log({"a": 1})', "with unbound as row:\n    run.log(row)"),
    facts.Match: (
        'match x:\n    case 1:\n        run.log({"a": 1})',
        "match x:\n    case row:\n        run.log(row)",
    ),
    facts.FunctionDef: (MAKE + "run.log(make())", "def make(row):\n    return row\nrun.log(make(unbound))"),
    facts.ClassDef: (
        'class C:\n    row = {"a": 1}\nrun.log(C.row)',
        "class C:\n    row = unbound\nrun.log(C.row)",
    ),
    facts.Import: ("import names\nrun.log(names.ROW)", "import thirdparty\nrun.log(thirdparty.ROW)"),
    facts.ImportFrom: ("from names import ROW\nrun.log(ROW)", "from thirdparty import ROW\nrun.log(ROW)"),
}
"""Each kind of expression and statement: a program that it keeps known, and one that it opens."""
