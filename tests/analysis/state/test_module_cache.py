"""Modules that entry points share: each entry point finds what it would find alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TypeAlias

import pytest

from tests.analysis.projects import FilesInMemory, keys_of, model_of, script
from wandblint import facts
from wandblint.analysis import analyze
from wandblint.analysis.domain.values import Frame
from wandblint.analysis.state import module_cache
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import bound_names
from wandblint.model.tracking_model import TrackingModel

NAMES = 'KEYS = {"a": 1}\nPARTS = ["x"]\nPREFIX = "p"\nclass Config:\n    prefix = "c"\n'

SETS = """
import os
from unknown import thing
os.linesep = "patched"
thing.flag = True
STEPS = 0
for i in range(3):
    STEPS += 1
SIZE = 7
"""
"""A module whose loading changes a library, something unknown, and counts."""

CHANGES = [
    'import names\nnames.KEYS["b"] = 1\nrun.log(names.KEYS)',
    "from names import KEYS\nKEYS.update(b=1)\nrun.log(KEYS)",
    'import names\ndel names.KEYS["a"]\nrun.log({"c": 1, **names.KEYS})',
    'import names\nnames.PREFIX = "q"\nrun.log({names.PREFIX: 1})',
    'from names import Config\nConfig.prefix = "d"\nrun.log({Config.prefix: 1})',
    'from names import PARTS\nPARTS.append("y")\nrun.log({"/".join(PARTS): 1})',
    'from more import set_prefix, prefix\nset_prefix("m")\nrun.log({prefix(): 1})',
    'from more import ROW\nROW.key = "new"\nrun.log({ROW.key: 1})',
    "import registers\nfrom names import KEYS\nrun.log(KEYS)",
    'import logs\nrun.log({"own": 1})',
    'from open_run import RUN\nRUN.log({"theirs": 1})',
    'import train_000\nrun.log({"imports_a_script": train_000.x})',
    'import more\nexec("PREFIX = 1")\nrun.log({more.prefix(): 1})',
    "from more import forget, prefix\nrun.log({prefix(): 1})\nforget()\nrun.log({prefix(): 1})",
    "from more import LATER\nrun.log({LATER: 1})",
    'import sets\nfrom unknown import thing\nif thing.flag:\n    run.log({"flag": 1}, step=sets.STEPS)',
    "import os, sets\nfrom sets import SIZE\nrun.log({os.linesep: 1}, step=SIZE)",
    'import os\nos.linesep = "own"\nrun.log({os.linesep: 1})',
    'from more import COUNTER\nfor i in range(3):\n    COUNTER.n += 1\n    run.log({"n": 1}, step=COUNTER.n)',
    "from named_a import A\nfrom named_b import B\nrun.log({A: 1, B: 1})",
    "from named_b import B\nfrom named_a import A\nrun.log({A: 1, B: 1})",
    'import named\nnamed._first = "own"\nfrom named_a import A\nrun.log({A: 1})',
    "import named\nfrom named_a import A\nrun.log({A: 1, **named.NAMES, **named.alias()})",
    'import named\nnamed.first_name("script")\nfrom named_b import later\nrun.log({later(): 1})',
    'from named_b import B\nfrom names import Config\nrun.log({B: 1, Config.prefix: 1, Config.more["k"]: 1})',
    "from named_a import A\nfrom named import OWN\nrun.log({A: 1, **OWN})",
    "import named\nnamed.OWN.clear()\nfrom named import own\nrun.log(own())",
    'from named import Nested\nNested.key = "n"\nfrom named_a import make\nrun.log({make().key: 1})',
]
"""Scripts that use modules; most of them also change them."""

READERS = [
    "from names import KEYS\nrun.log(KEYS)",
    'from names import PARTS\nrun.log({"/".join(PARTS): 1})',
    "import names\nrun.log({names.PREFIX: 1, names.Config.prefix: 1})",
    "from more import COUNTER\nrun.log({COUNTER.n: 1})",
    'import os\nfrom sets import SIZE\nrun.log({os.linesep: 1, "size": SIZE})',
    "from more import prefix, ROW, held\nrun.log({prefix(): 1, ROW.key: 1, **held()})",
    "from named_b import B, later\nrun.log({B: 1, later(): 1})",
    "import named\nfrom named_a import make\nrun.log({**named.NAMES, **named.own(), make().key: 1})",
]
"""Scripts that only read modules."""

MODULES = {
    "names.py": NAMES,
    "more.py": """
        from names import KEYS, PREFIX
        _prefix = PREFIX
        class Row:
            key = "old"
        class Counter:
            def __init__(self):
                self.n = 0
        ROW = Row()
        COUNTER = Counter()
        def set_prefix(new):
            global _prefix
            _prefix = new
        def forget():
            exec("_prefix = unknown")
        def prefix():
            return _prefix
        def _build():
            return "/".join([*KEYS, PREFIX])
        LATER = _build()
        HELD = [KEYS]
        def held():
            return HELD[0]
    """,
    "sets.py": SETS,
    "named.py": """
        _first = None
        NAMES = {}
        HELD = [NAMES]
        OWN = {}
        def first_name(name):
            global _first
            if _first is None:
                _first = name
            NAMES[name] = 1
            return _first
        def alias():
            return HELD[0]
        def register(function):
            OWN[function.__name__] = 1
            return function
        @register
        def own():
            return OWN
        def nested(key):
            class Nested:
                def name(self):
                    return key
            Nested.key = key
            return Nested
        Nested = nested("module")
    """,
    "named_a.py": """
        from named import first_name, nested, NAMES
        A = first_name("a")
        make = nested("a" + A)
        KEPT = [NAMES]
    """,
    "named_b.py": """
        from named import first_name
        from names import Config
        B = first_name("b")
        Config.prefix = B
        Config.more = {"k": B}
        def later():
            return first_name("c")
    """,
    "registers.py": 'from names import KEYS\nKEYS["registered"] = 1\n',
    "logs.py": 'import wandb\nwandb.log({"on_import": 1})\n',
    "open_run.py": "import wandb\nRUN = wandb.run\n",
}


ExecutedModules: TypeAlias = "dict[str, list[list[facts.Stmt]]]"
"""By module: the statements that were run at its top level."""


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> ExecutedModules:
    """What the analysis executes of modules."""
    bodies: ExecutedModules = defaultdict(list)
    execute = Interpreter.execute

    def recording(m: Interpreter, body: list[facts.Stmt], frame: Frame) -> bool:
        if frame is frame.globals:
            bodies[frame.path].append(body)
        return execute(m, body, frame)

    monkeypatch.setattr(Interpreter, "execute", recording)
    return bodies


def rows_logged_by(model: TrackingModel) -> dict[str, Counter[str]]:
    """The rows that the entry points of each file log, with their counts."""
    rows_by_file: dict[str, Counter[str]] = defaultdict(Counter)
    for call in model.log_calls:
        keys = sorted(str(key.name) for key in call.keys)
        steps = (
            sorted(str(event.span) for event in model.induction_events[call.entry_id])
            if call.induction
            else []
        )
        row = f"{call.span} {keys} {call.is_open} {call.is_must} {sorted(map(str, call.runs))} {steps}"
        rows_by_file[model.entry_points[call.entry_id].path][row] += 1
    return rows_by_file


@pytest.mark.parametrize("first", range(len(CHANGES)))
def test_no_entry_point_sees_the_side_effects_of_another(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each change is followed by every reader, and by every other change, which it follows in turn."""
    change = CHANGES[first]
    texts = [change, *(text for other in [*READERS, *CHANGES] for text in (other, change))]
    files = {f"train_{number:03}.py": "x = 1\n" + script(text) for number, text in enumerate(texts)}

    shared = rows_logged_by(model_of({**MODULES, **files}))
    monkeypatch.setattr(module_cache.ModuleCache, "reusable", lambda *_: {})

    assert shared == rows_logged_by(model_of({**MODULES, **files}))


def test_an_imported_script_is_also_interpreted_as_a_script() -> None:
    files = {
        "a.py": script('import b\nrun.log({"a": b.x})'),
        "b.py": 'import wandb\nx = 1\nif __name__ == "__main__":\n    wandb.init().log({"b": x})\n',
    }

    assert {path for path, rows in rows_logged_by(model_of(files)).items() if rows} == {"a.py", "b.py"}


@pytest.mark.parametrize(
    ("module", "statements"),
    [
        (NAMES, "from {} import PREFIX\nrun.log({{PREFIX: 1}})"),
        (NAMES, 'from {} import KEYS\nKEYS["b"] = 1\nrun.log(KEYS)'),
        (NAMES, 'import {0}\n{0}.PREFIX = "q"\nrun.log({{{0}.PREFIX: 1}})'),
        (NAMES, 'from {} import Config\nConfig.prefix = "d"\nrun.log({{Config.prefix: 1}})'),
        (SETS, "import os\nfrom {} import SIZE\nrun.log({{os.linesep: SIZE}})"),
    ],
)
def test_a_module_is_loaded_once_for_all_entry_points(
    module: str, statements: str, executed: ExecutedModules
) -> None:
    """Whatever their code changes of it, and what its loading does to them that can be repeated."""
    files = {f"train_{n}.py": script(statements.format("names")) for n in range(5)}

    analyze(FilesInMemory({"names.py": module, "train_0.py": files["train_0.py"]}))
    once = len(executed["names.py"])
    analyze(FilesInMemory({"names.py": module, **files}))

    assert len(executed["names.py"]) == 2 * once > 0


def test_of_a_module_only_the_slices_run_again_that_see_what_another_one_has_changed(
    executed: ExecutedModules,
) -> None:
    use = "from settings import KEY, logger\nlogger.info(1)\nrun.log({KEY: 1})"
    files = {
        "logs.py": """
            import logging
            _handler = None
            def get_logger(name):
                global _handler
                if _handler is None:
                    _handler = logging.StreamHandler()
                return logging.getLogger(name)
        """,
        "settings.py": 'from logs import get_logger\nlogger = get_logger("settings")\nKEY = "loss"\n',
        **{f"train_{n}.py": script(use) for n in range(5)},
    }
    analyze(FilesInMemory(files))

    statements = (statement for body in executed["settings.py"] for statement in body)
    names = Counter(name for statement in statements for name in bound_names(statement))
    assert names == {"get_logger": 1, "logger": 5, "KEY": 1}


@pytest.mark.parametrize(
    "body",
    [
        "if tracking.ROW:\n        run.log(dict(tracking.ROW))\n    tracking.ROW['loss'] = 0.5",
        "row = tracking.last()\n    if row:\n        run.log(row)\n    tracking.add('loss')",
    ],
)
def test_what_a_loop_is_the_first_to_ask_for_is_older_than_the_loop(body: str) -> None:
    """A module is loaded when it is needed; its objects were there before, so a change needs another pass."""
    tracking = "ROW = {}\ndef add(key):\n    ROW[key] = 1\ndef last():\n    return dict(ROW)\n"
    script = f"import wandb\nimport tracking\nrun = wandb.init()\nfor epoch in range(3):\n    {body}\n"
    assert keys_of({"train.py": script, "tracking.py": tracking}) == {"loss"}
