"""Statements that become others: the result, or None where nothing is changed."""

from __future__ import annotations

from tests.fixing.marked_text import changed, examples
from wandblint.findings.fix import CallUpdate


@examples(
    {
        "«wandb.config» = {'a': 1}  # why\nb()\n": "wandb.config.update({'a': 1})  # why\nb()\n",
        "if x: «run.config»=args; b()": "if x: run.config.update(args); b()",
        "«a.run.config» = vars(args)": "a.run.config.update(vars(args))",
        "def f():\r\n\t«w.config» = {\r\n\t\t'a': 1,  # a\r\n\r\n\t}  # c\r\n\tb()": (
            "def f():\r\n\tw.config.update(\r\n\t\t{\r\n\t\t\t'a': 1,  # a\r\n\r\n\t\t}\r\n\t)  # c\r\n\tb()"
        ),
        "«w.config» = (\n    a\n    | b\n)\n": "w.config.update(\n    a\n    | b\n)\n",
        "«w.config» = ({'a': 1})": "w.config.update({'a': 1})",
        "«w.config» = a if b else {}": "w.config.update(a if b else {})",
        "«w.config» = c = {}": None,
        "c = «w.config» = {}": None,
        "«w.config»: dict = {}": None,
        "«w.config», b = {}, 1": None,
        "«w.config» |= {}": None,
        "for «w.config» in a: pass": None,
        "«w.config» = \\\n    {}": None,
        "«w.config» = ((a))": None,
        "«w.config» = a, b": None,
        "«w.config» = (a, b)": None,
        "«w.config» = (a for a in b)": None,
        "«w.config» = 'a.yaml'": None,
        "def f():\n    «w.config» = yield": None,
        "if x: «w.config» = {\n  'a': 1}": None,
        "«w.config» = {\n  'a': '''\n'''}": None,
    }
)
def test_an_assignment_becomes_an_update(before: str, after: str | None) -> None:
    assert changed(before, CallUpdate) == after
