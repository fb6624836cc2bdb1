"""Statements that become others: the result, or None where nothing is changed."""

from __future__ import annotations

from tests.fixing.marked_text import changed, examples
from wandblint.findings.fix import CallUpdate, FinishFirst
from wandblint.span import Span


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


def finish_active(*spans: Span) -> FinishFirst:
    """The change with the marks in order of the source: `init`, then the call."""
    return FinishFirst(spans[1], spans[0], is_active=True)


def finish_other(*spans: Span) -> FinishFirst:
    return FinishFirst(spans[1], spans[0], is_active=False)


@examples(
    {
        "run = «wandb.init()»\nrun.log(a)\n# why\n«os._exit(0)»  # now\n": (
            "run = wandb.init()\nrun.log(a)\n# why\nrun.finish()\nos._exit(0)  # now\n"
        ),
        "def f():\r\n\tself.run = «init()»\r\n\tif a:\r\n\t\t«_exit(1)»": (
            "def f():\r\n\tself.run = init()\r\n\tif a:\r\n\t\tself.run.finish(exit_code=1)\r\n\t\t_exit(1)"
        ),
        "with «init()» as run, a:\n    «_exit(os.EX_OK)»": (
            "with init() as run, a:\n    run.finish(exit_code=os.EX_OK)\n    _exit(os.EX_OK)"
        ),
        "import wandb\n«init()»\n«os._exit(0)»": "import wandb\ninit()\nwandb.finish()\nos._exit(0)",
        "import wandb as w\nrun = «w.init()»\ndef f():\n    «_exit(0)»": (
            "import wandb as w\nrun = w.init()\ndef f():\n    w.finish()\n    _exit(0)"
        ),
        "import wandb\nrun = «init()»\nrun = 1\n«_exit(0)»": (
            "import wandb\nrun = init()\nrun = 1\nwandb.finish()\n_exit(0)"
        ),
        "from wandb import init\n«init()»\n«_exit(0)»": None,
        "def f():\n    import wandb\n    «wandb.init()»\n«_exit(0)»": None,
        "import wandb\nwandb = 1\n«init()»\n«_exit(0)»": None,
        "import wandb\n«init()»\ndef f(wandb):\n    «_exit(0)»": None,
        "run = «init()»\nrun = 1\n«_exit(0)»": None,
        "run = «init()»\n«_exit(f())»": None,
        "run = «init()»\n«_exit(*a)»": None,
        "run = «init()»\na = «_exit(0)»": None,
        "run = «init()»\na(); «_exit(0)»": None,
        "run = «init()»\nif a: «_exit(0)»": None,
        "run = «init()»\nrun.finish()\n«_exit(0)»": None,
    }
)
def test_a_run_is_finished_first(before: str, after: str | None) -> None:
    assert changed(before, finish_active) == after


@examples(
    {
        "import wandb\nrun = «init()»\n«_exit(0)»": "import wandb\nrun = init()\nrun.finish()\n_exit(0)",
        "import wandb\nruns[0] = «init()»\n«_exit(0)»": None,
    }
)
def test_another_run_is_finished_by_its_name(before: str, after: str | None) -> None:
    assert changed(before, finish_other) == after
