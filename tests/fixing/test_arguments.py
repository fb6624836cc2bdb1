"""Changes of arguments and members: the result, or None where nothing is changed."""

from __future__ import annotations

from tests.fixing.marked_text import changed, examples
from wandblint.findings.fix import AddArgument, DropArgument, RenameInTest, RenameMember, SetFlag


@examples(
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
        # Before Python 3.12 an f-string cannot contain its own quotes.
        'f"{f(«reinit=True»)}"': None,
        "f(«reinit=1»)": None,
        'f(**{"reinit": «True»})': None,
    }
)
def test_a_flag_is_set(before: str, after: str | None) -> None:
    assert changed(before, lambda span: SetFlag(span, '"finish_previous"')) == after


@examples(
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
        # The comment would then describe another argument.
        "log(\n    row,\n    «step=e»,  # the epoch\n)": None,
        "log(\n    row,\n    «step=e»,  # the epoch\n    commit=False,\n)": None,
        "log(\n    row,\n    «step=e»  # the epoch\n)": None,
        # Evaluating the value may have side effects.
        "log(row, «step=next(e)»)": None,
        "log(row, «step=(e := e + 1)»)": None,
        "async def f():\n    log(row, «step=await e»)": None,
        "def f():\n    log(row, «step=(yield)»)": None,
    }
)
def test_an_argument_is_dropped(before: str, after: str | None) -> None:
    assert changed(before, DropArgument) == after


@examples(
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


@examples(
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


@examples(
    {
        "«run.join»(exit_code=1)": "run.finish(exit_code=1)",
        "(«run\n .join»( # why\n))": "(run\n .finish( # why\n))",
        "atexit.register(«run.join»)": None,
    }
)
def test_a_method_is_renamed(before: str, after: str | None) -> None:
    assert changed(before, lambda use: RenameMember(use, "finish")) == after


@examples(
    {
        'if «int(os.environ["LOCAL_RANK"]) == 0»: f()': 'if int(os.environ["RANK"]) == 0: f()',
        "if «a and os.getenv('LOCAL_RANK', '0') == '0'»: f()": "if a and os.getenv('RANK', '0') == '0': f()",
        "if «int(os.environ[LOCAL_RANK]) == 0»: f()": None,
        'if «x["THE_LOCAL_RANK"]»: f()': None,
    }
)
def test_a_string_in_a_test_is_renamed(before: str, after: str | None) -> None:
    assert changed(before, lambda span: RenameInTest(span, "LOCAL_RANK", "RANK")) == after


@examples(
    {
        "if «a.is_local»: f(a.is_local)": "if a.is_main: f(a.is_local)",
        "if «a . is_local ( )»: f()": "if a . is_main ( ): f()",
        "if «is_local»: f()": None,
    }
)
def test_an_attribute_in_a_test_is_renamed(before: str, after: str | None) -> None:
    assert changed(before, lambda span: RenameInTest(span, "is_local", "is_main")) == after
