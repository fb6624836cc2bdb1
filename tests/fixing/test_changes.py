"""Each kind of change, as code is written in many ways: what it makes; None where it is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fixing.marked import changed
from wandblint.findings.fix import (
    AddArgument,
    AddAxis,
    Change,
    Define,
    DropArgument,
    MergeLoop,
    Names,
    OpenInWith,
    RemoveBranch,
    RemoveFunction,
    RemoveStatement,
    RenameMember,
    SetFlag,
)
from wandblint.span import Span

Cases = dict[str, str | None]


def each(cases: Cases) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("before", "after"), cases.items(), ids=range(len(cases)))


@each(
    {
        "wandb.init(«reinit=True»)": 'wandb.init(reinit="finish_previous")',
        "wandb.init(«reinit = True»  ,  )": 'wandb.init(reinit = "finish_previous"  ,  )',
        "wandb.init(«reinit=(True)»)": 'wandb.init(reinit=("finish_previous"))',
        "wandb.init(name='a', «reinit=True»)": "wandb.init(name='a', reinit='finish_previous')",
        "a = 'b'\nwandb.init(«reinit=True»)": "a = 'b'\nwandb.init(reinit='finish_previous')",
        "f(\n  «reinit\n  =  # why\n  True»,\n)\n": 'f(\n  reinit\n  =  # why\n  "finish_previous",\n)\n',
        "f(\r\n\t«reinit=True», # c\r\n)\r\n": 'f(\r\n\treinit="finish_previous", # c\r\n)\r\n',
        "run = \\\n    f(«reinit=True»)": 'run = \\\n    f(reinit="finish_previous")',
        "f'{f(«reinit=True»)}'": "f'{f(reinit=\"finish_previous\")}'",
        # Before Python 3.12 an f-string holds none of its quotes.
        'f"{f(«reinit=True»)}"': None,
        "f(«reinit=1»)": None,
        'f(**{"reinit": «True»})': None,
    }
)
def test_a_flag_is_set(before: str, after: str | None) -> None:
    assert changed(before, lambda place: SetFlag(place, '"finish_previous"')) == after


@each(
    {
        "log(«step=e»)": "log()",
        "log(\n    «step=e»,\n)": "log()",
        "log(row, «step=e»)": "log(row)",
        "log(«step=e», data=row)": "log(data=row)",
        "log(row, «step=e», commit=False)": "log(row, commit=False)",
        "log(row, «step=e»,)": "log(row,)",
        "log(*a, «step=e», **k)": "log(*a, **k)",
        "log(row, \\\n    «step=e»)": "log(row)",
        "log(row,\n    «step=e»)": "log(row)",
        "log(\n    row\n    , «step=e»\n)": "log(\n    row\n)",
        "log(\n    row,\n    «step=e»\n)": "log(\n    row\n)",
        "log(\n    row,\n    «step=e»,\n)": "log(\n    row,\n)",
        "log(\r\n\trow,\r\n\t«step=e»,\r\n)\r\n": "log(\r\n\trow,\r\n)\r\n",
        "log(\n    row,\n    «step=e»,\n    commit=False,\n)": "log(\n    row,\n    commit=False,\n)",
        "log(\n    row,  # the row\n    «step=e»,\n)": "log(\n    row,  # the row\n)",
        "log(\n    row,\n    «step=e[\n        0\n    ]»,\n)": "log(\n    row,\n)",
        # What its comment says would be said of another one.
        "log(\n    row,\n    «step=e»,  # the epoch\n)": None,
        "log(\n    row,\n    «step=e»,  # the epoch\n    commit=False,\n)": None,
        "log(\n    row,\n    «step=e»  # the epoch\n)": None,
        # Working it out may do something itself.
        "log(row, «step=next(e)»)": None,
        "log(row, «step=(e := e + 1)»)": None,
        "async def f():\n    log(row, «step=await e»)": None,
        "def f():\n    log(row, «step=(yield)»)": None,
    }
)
def test_an_argument_is_dropped(before: str, after: str | None) -> None:
    assert changed(before, DropArgument) == after


@each(
    {
        "«log(r)»": "log(r, step=e)",
        "«log(r,)»": "log(r, step=e,)",
        "«log(*a)»": "log(*a, step=e)",
        'f"{«log(r)»}"': 'f"{log(r, step=e)}"',
        '"é"; «log("界")»': '"é"; log("界", step=e)',
        "«log(\n    r\n)»": "log(\n    r,\n    step=e\n)",
        "if x:\n\t«log(\n\t\tr,\n\t)»": "if x:\n\tlog(\n\t\tr,\n\t\tstep=e,\n\t)",
        "«log(\r\n    r,\r\n)»": "log(\r\n    r,\r\n    step=e,\r\n)",
        '«log({\n    "a": 1,\n})»': 'log({\n    "a": 1,\n}, step=e)',
        "«log(\n    r,  # the row\n)»": "log(\n    r,  # the row\n    step=e,\n)",
        "«log(\n    r  # the row\n)»": "log(\n    r,  # the row\n    step=e\n)",
        "«log(x for x in y)»": None,
        "«log((x for x in y))»": "log((x for x in y), step=e)",
        "«log()»": None,
        "«log(r, step=1)»": None,
        "«log(r, **k)»": None,
    }
)
def test_an_argument_is_added(before: str, after: str | None) -> None:
    assert changed(before, lambda call: AddArgument(call, "step", "e")) == after


@each(
    {
        "«run.get_url»()": "run.url",
        "«run . get_url» ( )": "run . url",
        "print(«wandb.run.get_url»().upper())": "print(wandb.run.url.upper())",
        "(«run\n  .get_url»(\n))": "(run\n  .url)",
        "(«run\n  .get_url»( # why\n))": None,
        "«run.get_url»(1)": None,
        "f(«run.get_url»)": None,
        "f = «run.get_url»": None,
    }
)
def test_a_method_becomes_a_property(before: str, after: str | None) -> None:
    assert changed(before, lambda use: RenameMember(use, "url", is_property=True)) == after


@each(
    {
        "«run.join»(exit_code=1)": "run.finish(exit_code=1)",
        "(«run\n .join»( # why\n))": "(run\n .finish( # why\n))",
        "atexit.register(«run.join»)": None,
    }
)
def test_a_method_is_renamed(before: str, after: str | None) -> None:
    assert changed(before, lambda use: RenameMember(use, "finish")) == after


ONE = ((("fit/loss", "fit/epoch"),),)
TWO = ((("fit/loss", "fit/epoch"), ("val/loss", "val/epoch")),)
STAGES = ((("fit/a/loss", "fit/a/step"),), (("fit/b/loss", "fit/b/step"),))


def axis(rows: tuple[tuple[tuple[str, str], ...], ...]) -> Callable[[Span, Span], Change]:
    return lambda call, step: AddAxis(call, step, rows)


@each(
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
def test_an_axis_is_put_into_a_row(before: str, after: str | None) -> None:
    assert changed(before, axis(ONE)) == after


@each(
    {
        "«log({'a': 1}, «step=e»)»": "log({'a': 1, 'fit/epoch': e, 'val/epoch': e})",
        "«log(row, «step=e»)»": 'log({**row, "fit/epoch": e, "val/epoch": e})',
        '«log({\n    "a": 1,  # b\n}, «step=e»)»': (
            'log({\n    "a": 1,  # b\n    "fit/epoch": e,\n    "val/epoch": e,\n})'
        ),
    }
)
def test_several_axes_are_put_into_a_row(before: str, after: str | None) -> None:
    assert changed(before, axis(TWO)) == after


IN_F = "def f(s, m, v):\n    "
LOG = "«log({key: v}, «step=e»)»"
LOGGED = 'log({key: v, f"fit/{s}/step": e})'


@each(
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
        # The name holds something else by then, or may.
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    s = "b"\n    {LOG}': None,
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    del s\n    {LOG}': None,
        f'{IN_F}key = f"fit/{{s}}/{{m}}"\n    for e in v:\n        {LOG}\n        s = "b"': None,
        'def f(self, m, v):\n  key = f"fit/{self.s}/{m}"\n  self.s = m\n  «log({key: v}, «step=e»)»': None,
        # The f-string is of something else, or its names are.
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


IN_LOOP = '«run.define_metric(«f"{s}/*"», «step_metric=f"{s}/epoch"»)»'


def define(old: str, new: str, *, is_rename: bool) -> Callable[[Span, Span, Span], Change]:
    names = Names(f"{old}/*", f"{old}/epoch"), Names(f"{new}/*", f"{new}/epoch")
    return lambda call, name, step: Define(call, name, step, *names, is_rename)


@each(
    {
        '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»  # why': (
            'run.define_metric("val/*", step_metric="val/epoch")  # why'
        ),
        "m = «run.define_metric(«'fit/*'», «step_metric='fit/epoch'»)»; x = 1": (
            "m = run.define_metric('val/*', step_metric='val/epoch'); x = 1"
        ),
        '«run.define_metric(\r\n\t«name="fit/*"»,  # all\r\n\t«step_metric="fit/epoch"»,\r\n)»': (
            'run.define_metric(\r\n\tname="val/*",  # all\r\n\tstep_metric="val/epoch",\r\n)'
        ),
        'for s in ["fit", \'a\']:\n    «run.define_metric(«f"{s}/*"», «step_metric=f"{s}/epoch"»)»': (
            'for s in ["val", \'a\']:\n    run.define_metric(f"{s}/*", step_metric=f"{s}/epoch")'
        ),
        '«run.define_metric(«"fit" "/*"», «step_metric="fit/epoch"»)»': None,
    }
)
def test_a_definition_is_renamed(before: str, after: str | None) -> None:
    assert changed(before, define("fit", "val", is_rename=True)) == after


@pytest.mark.parametrize("name", ['a"b', "a'b", "a\\b", "a\nb", "a\x00b"])
def test_names_that_had_to_be_escaped_are_not_written(name: str) -> None:
    text = '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»'
    assert changed(text, define("fit", name, is_rename=True)) is None
    assert changed("«log(row, «step=e»)»", axis((((f"{name}/a", name),),))) is None


@each(
    {
        '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»': (
            'run.define_metric("fit/*", step_metric="fit/epoch")\n'
            'run.define_metric("val/*", step_metric="val/epoch")'
        ),
        "if x:\r\n\t«run.define_metric(«'fit/*'», «step_metric='fit/epoch'»)»  # why\r\n\ty()\r\n": (
            "if x:\r\n\trun.define_metric('fit/*', step_metric='fit/epoch')  # why\r\n"
            "\trun.define_metric('val/*', step_metric='val/epoch')\r\n\ty()\r\n"
        ),
        'for s in ("fit",):\n    «run.define_metric(«f"{s}/*"», «step_metric=f"{s}/epoch"»)»': (
            'for s in ("fit", "val",):\n    run.define_metric(f"{s}/*", step_metric=f"{s}/epoch")'
        ),
        f'S = [\n    "fit",  # first\n]\nfor s in S:\n    {IN_LOOP}': (
            'S = [\n    "fit",  # first\n    "val",\n]\nfor s in S:\n'
            '    run.define_metric(f"{s}/*", step_metric=f"{s}/epoch")'
        ),
        # The list says what else is done.
        f'S = ["fit"]\nfor s in S:\n    {IN_LOOP}\ntrain(S)': None,
        f'for s in ["fit"]:\n    {IN_LOOP}\n    train(s)': None,
        'm = «run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»': None,
        'if x: «run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»\nelse: y()': None,
        '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»; y = """\n"""': None,
    }
)
def test_a_definition_is_added(before: str, after: str | None) -> None:
    assert changed(before, define("fit", "val", is_rename=False)) == after


@each(
    {
        "a()\nif «x»:  # why\n    b()\nc()\n": "a()\nc()\n",
        "a()\r\nif («x»):\r\n\tb()\r\nc()\r\n": "a()\r\nc()\r\n",
        "a()\nif «x»: b(); c()": "a()\n",
        'a()\nif «x»:\n    b("""\nc\n""")\nd()\n': "a()\nd()\n",
        "def f():\n    z = 1\n    if «x»:\n        z = 2\n    return z": "def f():\n    z = 1\n    return z",
        "if «x»:  # why\n    a()\nelse:\n    # not x\n    b(\n        1\n    )\n\n    c()\nd()\n": (
            "# not x\nb(\n    1\n)\n\nc()\nd()\n"
        ),
        "def f():\n    a()\n\n    if «x»:\n        b()\n\n    c()\n": "def f():\n    a()\n\n    c()\n",
        "a()\n\nif «x»:\n    b()\n\n\ndef f(): pass\n": "a()\n\n\ndef f(): pass\n",
        "def f():\n\tif «x»:\n\t\ta()\n\telse:\n\t\tb()": "def f():\n\tb()",
        "def f():\n    if «x»:\n        z = 2\n    else:\n        z = 3\n    return z": (
            "def f():\n    z = 3\n    return z"
        ),
        "if «x»:\n    a()\nelif y:\n    b()\nelse:\n    c()\n": "if y:\n    b()\nelse:\n    c()\n",
        "if y:\n    b()\nelif «x»:\n    a()\nelse:\n    c()\n": "if y:\n    b()\nelse:\n    c()\n",
        "if y:\n    b()\nelif «x»:\n    a()\nelif z:\n    c()\n": "if y:\n    b()\nelif z:\n    c()\n",
        "if y:\n    b()\nelif «x»:\n    a()\nc()\n": "if y:\n    b()\nc()\n",
        "for a in b:\n    if «x»:\n        a()\nc()\n": "for a in b:\n    pass\nc()\n",
        # What a comment is about, only its author knows; a string keeps its blanks.
        "if «x»:\n    a()\n# y\nelif y:\n    b()\n": None,
        'if «x»:\n    a()\nelse:\n    b("""\n    c\n""")\n': None,
        "if «x»: a()\nelse: b()\n": None,
        # It makes the function a generator, and the name one of its own.
        "def f():\n    if «x»:\n        yield 1\n    return 2": None,
        "def f():\n    if «x»:\n        z = 2\n    return z": None,
        "def f():\n    if «x»:\n        import z.y\n    return z": None,
    }
)
def test_a_branch_is_removed(before: str, after: str | None) -> None:
    assert changed(before, RemoveBranch) == after


@each(
    {
        "a()\n\n\ndef «f»():\n    return 1  # one\n\n\n# why\nb()\n": "a()\n\n\n# why\nb()\n",
        "a()\r\n\r\n\r\ndef «f»():\r\n\treturn 1\r\n": "a()\r\n",
        "def «f»():\n    return 1\n\n\nb()": "b()",
        "# of f and g\ndef «f»():\n    return 1\n\n\nb()": None,
        "def «f»():\n    return 1\n": None,
        "def g():\n    «f»()\n\n\nb()": None,
    }
)
def test_a_function_is_removed(before: str, after: str | None) -> None:
    assert changed(before, RemoveFunction) == after


@each(
    {
        "a()\n«run.define_metric('x')»\nb()  # b\n": "a()\nb()  # b\n",
        "«run.define_metric('x')»  # why\n": None,
        "def f():\r\n\t«define(\r\n\t\t'x',\r\n\t)»\r\n": "def f():\r\n\tpass\r\n",
        "«define('x')»": "",
        "a(); «define('x')»\n": None,
        "m = «define('x')»\n": None,
        "if a: «define('x')»\n": None,
        "«define(next(names))»\n": None,
    }
)
def test_a_statement_is_removed(before: str, after: str | None) -> None:
    assert changed(before, RemoveStatement) == after


@each(
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
        # The run is used when the pass is over.
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
def test_a_pass_is_put_into_a_with(before: str, after: str | None) -> None:
    assert changed(before, OpenInWith) == after


@each(
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
        # What a comprehension binds is its own, and so is what it sees.
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
