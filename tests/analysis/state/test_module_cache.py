"""Modules that entry points share: each entry point finds what it would find alone."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from tests.analysis.projects import FilesInMemory, model_of, script
from wandblint import facts
from wandblint.analysis import analyze
from wandblint.analysis.domain.values import Frame
from wandblint.analysis.state import module_cache
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.tracking_model import TrackingModel

NAMES = 'KEYS = {"a": 1}\nPARTS = ["x"]\nPREFIX = "p"\nclass Config:\n    prefix = "c"\n'

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
    'from more import COUNTER\nfor i in range(3):\n    COUNTER.n += 1\n    run.log({"n": 1}, step=COUNTER.n)',
]
"""Scripts that use modules; most of them also change them."""

READERS = [
    "from names import KEYS\nrun.log(KEYS)",
    'from names import PARTS\nrun.log({"/".join(PARTS): 1})',
    "import names\nrun.log({names.PREFIX: 1, names.Config.prefix: 1})",
    "from more import COUNTER\nrun.log({COUNTER.n: 1})",
    "from more import prefix, ROW, held\nrun.log({prefix(): 1, ROW.key: 1, **held()})",
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
    "registers.py": 'from names import KEYS\nKEYS["registered"] = 1\n',
    "logs.py": 'import wandb\nwandb.log({"on_import": 1})\n',
    "open_run.py": "import wandb\nRUN = wandb.run\n",
}


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
    order = [*CHANGES[first:], *CHANGES[:first], *CHANGES]
    texts = [text for change in order for text in (change, *READERS)]
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


def test_a_module_without_wandb_events_is_interpreted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    executions: Counter[str] = Counter()
    execute = Interpreter.execute

    def counting(m: Interpreter, body: list[facts.Stmt], frame: Frame) -> bool:
        executions[frame.path] += frame is frame.globals
        return execute(m, body, frame)

    monkeypatch.setattr(Interpreter, "execute", counting)
    files = {f"train_{n}.py": script("from names import PREFIX\nrun.log({PREFIX: 1})") for n in range(5)}

    analyze(FilesInMemory({"names.py": NAMES, **files}))

    assert executions["names.py"] == 1
