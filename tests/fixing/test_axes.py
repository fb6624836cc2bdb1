"""Axes added to rows: the result, or None where nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

from tests.fixing.marked_text import changed, examples
from wandblint.findings.fix import AddAxis, Change
from wandblint.span import Span

ONE = ((("fit/loss", "fit/epoch"),),)
TWO = ((("fit/loss", "fit/epoch"), ("val/loss", "val/epoch")),)
STAGES = ((("fit/a/loss", "fit/a/step"),), (("fit/b/loss", "fit/b/step"),))


def axis(rows: tuple[tuple[tuple[str, str], ...], ...]) -> Callable[[Span, Span], Change]:
    return lambda call, step: AddAxis(call, step, rows)


@examples(
    {
        '«log({"fit/loss": 1}, «step=e»)»': 'log({"fit/loss": 1, "fit/epoch": e})',
        "«log({'fit/loss': 1}, «step=e»)»": "log({'fit/loss': 1, 'fit/epoch': e})",
        '«log({"fit/loss": 1,}, «step=e»)»': 'log({"fit/loss": 1, "fit/epoch": e,})',
        '«log({"""fit/loss""": 1}, «step=e»)»': 'log({"""fit/loss""": 1, "fit/epoch": e})',
        "«log({**a, **b}, «step=e»)»": 'log({**a, **b, "fit/epoch": e})',
        "«log({}, «step=e»)»": 'log({"fit/epoch": e})',
        "«log(row, «step=e»)»": 'log({**row, "fit/epoch": e})',
        "«log(«step=e», data=row)»": 'log(data={**row, "fit/epoch": e})',
        "«log(dict(loss=1), «step=e»)»": 'log({**dict(loss=1), "fit/epoch": e})',
        "«log({k: v for k, v in d}, «step=e»)»": 'log({**{k: v for k, v in d}, "fit/epoch": e})',
        "«log(row or {}, «step=e»)»": 'log({**(row or {}), "fit/epoch": e})',
        "«log((row or {}), «step=e»)»": 'log({**(row or {}), "fit/epoch": e})',
        "«log(a if x else b, «step=e»)»": 'log({**(a if x else b), "fit/epoch": e})',
        "«log((r := row), «step=e»)»": 'log({**(r := row), "fit/epoch": e})',
        "«log(row, «step=a if x else b»)»": 'log({**row, "fit/epoch": a if x else b})',
        "«log(row, «step=(e + 1)»)»": 'log({**row, "fit/epoch": e + 1})',
        "«log(row, «step=(\n    e\n    + 1\n)»)»": 'log({**row, "fit/epoch": (\n    e\n    + 1\n)})',
        "«log(row, «step=(1, 2)»)»": 'log({**row, "fit/epoch": (1, 2)})',
        'x = "界🎉"; «log({"fit/loss": "é"}, «step=e»)»  # é': (
            'x = "界🎉"; log({"fit/loss": "é", "fit/epoch": e})  # é'
        ),
        '«log(\n\t{\n\t\t"fit/loss": 1,  # the loss\n\t},\n\t«step=e»,\n)»': (
            'log(\n\t{\n\t\t"fit/loss": 1,  # the loss\n\t\t"fit/epoch": e,\n\t},\n)'
        ),
        '«log(\r\n  {\r\n    "fit/loss": 1  # the loss\r\n  },\r\n  «step=e»\r\n)»': (
            'log(\r\n  {\r\n    "fit/loss": 1,  # the loss\r\n    "fit/epoch": e\r\n  }\r\n)'
        ),
        "f\"{«log({'fit/loss': 1}, «step=e»)»}\"": "f\"{log({'fit/loss': 1, 'fit/epoch': e})}\"",
        "«log(row, «step=int(e)»)»": None,
        "«log(row, «e»)»": None,
        "«log(*rows, «step=e»)»": None,
    }
)
def test_an_axis_is_added_to_a_row(before: str, after: str | None) -> None:
    assert changed(before, axis(ONE)) == after


@examples(
    {
        "«log({'a': 1}, «step=e»)»": "log({'a': 1, 'fit/epoch': e, 'val/epoch': e})",
        "«log(row, «step=e»)»": 'log({**row, "fit/epoch": e, "val/epoch": e})',
        '«log({\n    "a": 1,  # b\n}, «step=e»)»': (
            'log({\n    "a": 1,  # b\n    "fit/epoch": e,\n    "val/epoch": e,\n})'
        ),
    }
)
def test_several_axes_are_added_to_a_row(before: str, after: str | None) -> None:
    assert changed(before, axis(TWO)) == after


IN_F = "def f(s, m, v):\n    "
LOG = "«log({key: v}, «step=e»)»"
LOGGED = 'log({key: v, f"fit/{s}/step": e})'


@examples(
    {
        f'{IN_F}«log({{f"fit/{{s}}/{{m}}": v}}, «step=e»)»': (
            f'{IN_F}log({{f"fit/{{s}}/{{m}}": v, f"fit/{{s}}/step": e}})'
        ),
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    {LOG}': f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    {LOGGED}',
        f"{IN_F}key = rf'fit/{{s}}/{{m}}'\n    {LOG}": (
            f"{IN_F}key = rf'fit/{{s}}/{{m}}'\n    log({{key: v, rf'fit/{{s}}/step': e}})"
        ),
        f'{IN_F}row = {{}}\n    row[f"fit/{{s}}/{{m}}"] = v\n    «log(row, «step=e»)»': (
            f'{IN_F}row = {{}}\n    row[f"fit/{{s}}/{{m}}"] = v\n    log({{**row, f"fit/{{s}}/step": e}})'
        ),
        f'{IN_F}row = {{}}\n    row.update({{f"fit/{{s}}/{{m}}": v}})\n    «log(row, «step=e»)»': (
            f'{IN_F}row = {{}}\n    row.update({{f"fit/{{s}}/{{m}}": v}})\n'
            '    log({**row, f"fit/{s}/step": e})'
        ),
        f'{IN_F}«log({{f"fit/{{s}}/{{k}}": v for k, v in m}}, «step=e»)»': (
            f'{IN_F}log({{**{{f"fit/{{s}}/{{k}}": v for k, v in m}}, f"fit/{{s}}/step": e}})'
        ),
        f'{IN_F}for s in "ab":\n        key = f"fit/{{s}}/{{m}}"\n        {LOG}': (
            f'{IN_F}for s in "ab":\n        key = f"fit/{{s}}/{{m}}"\n        {LOGGED}'
        ),
        'def f(self, m, v):\n    key = f"fit/{self.s}/{m}"\n    «log({key: v}, «step=self.e»)»': (
            'def f(self, m, v):\n    key = f"fit/{self.s}/{m}"\n'
            '    log({key: v, f"fit/{self.s}/step": self.e})'
        ),
        # The name has, or may have, another value by then.
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    s = "b"\n    {LOG}': None,
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    del s\n    {LOG}': None,
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    for e in v:\n        {LOG}\n        s = "b"': None,
        'def f(self, m, v):\n  key = f"fit/{self.s}/{m}"\n  self.s = m\n  «log({key: v}, «step=e»)»': None,
        # The f-string, or a name in it, belongs to something else.
        f'{IN_F}{LOG}\n    print(f"fit/{{s}}/{{m}}")': None,
        f'{IN_F}print(f"fit/{{s}}/{{m}}")\n    {LOG}': None,
        f'{IN_F}run.title = f"fit/{{s}}/{{m}}"\n    «run.log({{m: v}}, «step=e»)»': None,
        f'{IN_F}def key(s):\n        return f"fit/{{s}}/{{m}}"\n    «log({{key(m): v}}, «step=e»)»': None,
        f'{IN_F}key = lambda s: f"fit/{{s}}/{{m}}"\n    «log({{key(m): v}}, «step=e»)»': None,
        f'{IN_F}«log({{f"fit/{{s}}/{{k}}": v for s, k, v in m}}, «step=e»)»': None,
        f'{IN_F}«log({{f"fit/{{s.lower()}}/{{m}}": v}}, «step=e»)»': None,
        f'{IN_F}«log({{f"fit/{{s!r}}/{{m}}": v}}, «step=e»)»': None,
    }
)
def test_an_axis_is_named_like_the_key(before: str, after: str | None) -> None:
    assert changed(before, axis(STAGES)) == after
