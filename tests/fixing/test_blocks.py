"""Loops rewritten: the result, or None where nothing is changed."""

from __future__ import annotations

from tests.fixing.marked_text import changed, examples
from wandblint.findings.fix import MergeLoop, OpenInWith


@examples(
    {
        "for s in d:\n    run = «init(\n        s,\n    )»  # why\n    # all\n"
        "    run.log(\n        a\n    )\n\n    b()\nc()\n": (
            "for s in d:\n    with init(\n        s,\n    ) as run:  # why\n        # all\n        run.log(\n"
            "            a\n        )\n\n        b()\nc()\n"
        ),
        "while x:\r\n\t«wandb.init()»\r\n\ta()": "while x:\r\n\twith wandb.init():\r\n\t\ta()",
        "def f():\n  for s in d:\n    run = «init()»\n    if s:\n      break\nrun = 1": (
            "def f():\n  for s in d:\n    with init() as run:\n      if s:\n        break\nrun = 1"
        ),
        # The run is used after the iteration.
        "for s in d:\n    run = «init()»\n    a()\nrun.finish()": None,
        "for s in d:\n    run = «init()»\n    hooks.append(lambda: run.log(a))": None,
        "for s in d:\n    run = «init()»\n": None,
        "for s in d:\n    runs[s] = «init()»\n    a()": None,
        "for s in d:\n    self.run = «init()»\n    a()": None,
        "for s in d:\n    run = «init()»; a()\n    b()": None,
        "for s in d: run = «init()»; a()": None,
        "for s in d:\n    if s:\n        run = «init()»\n        a()": None,
        'for s in d:\n    run = «init()»\n    a("""\n    b""")': None,
        "run = «init()»\na()": None,
    }
)
def test_an_iteration_is_wrapped_in_a_with(before: str, after: str | None) -> None:
    assert changed(before, OpenInWith) == after


@examples(
    {
        "«for k, v in d.items():\n    «log({k: v})»»  # why\nx()": (
            "log({k: v for k, v in d.items()})  # why\nx()"
        ),
        '«for k, v in d:\n    «log(\n        {\n            f"a/{k}": v,\n        }\n    )»»': (
            'log({f"a/{k}": v for k, v in d})'
        ),
        '«for k in "a", "b":\n    «log({k: d[k]})»»': 'log({k: d[k] for k in ("a", "b")})',
        "«for k in a if b else c:\n    «log({k: 1})»»": "log({k: 1 for k in (a if b else c)})",
        "«for k in (a if b else c):\n    «log({k: 1})»»": "log({k: 1 for k in (a if b else c)})",
        "«for k in a:\n    «log({k: 1})»»\nfor k in b:\n    f(k)": (
            "log({k: 1 for k in a})\nfor k in b:\n    f(k)"
        ),
        # A comprehension has its own scope.
        "«for k in d:\n    «log({k: 1})»»\nprint(k)": None,
        "«for k in d:\n    «log({k: (n := 1)})»»": None,
        "def f():\n    «for k in d:\n        «log({k: (yield)})»»": None,
        "class A:\n    x = 1\n    «for k in d:\n        «log({k: x})»»": None,
        "«for k in d:\n    # each\n    «log({k: 1})»»": None,
        "«for k in d:\n    «log({k: 1})»\nelse:\n    f()»": None,
    }
)
def test_a_loop_becomes_one_call(before: str, after: str | None) -> None:
    assert changed(before, MergeLoop) == after
