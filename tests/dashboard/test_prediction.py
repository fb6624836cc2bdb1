"""Runs and charts predicted from the code alone."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.projects import FilesInMemory
from wandblint.analysis import analyze
from wandblint.app import registry
from wandblint.dashboard.charts import Axis
from wandblint.dashboard.prediction import PredictedRun, predict


def runs_of(files: dict[str, str]) -> list[PredictedRun]:
    return predict(analyze(FilesInMemory(files)))


def verdicts(body: str) -> dict[str, Axis]:
    """The verdict on each key of a script with one run."""
    lines = indent(dedent(body), "        ").strip()
    (run,) = runs_of({"train.py": f"import wandb\nrun = wandb.init()\n{dedent(lines)}\n"})
    return {str(chart.key): chart.verdict for chart in run.charts}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('run.log({"loss": 1})', Axis.DEFAULT),
        ('run.log({"loss": wandb.Image("a.png")})', Axis.NOT_NEEDED),
        ('run.log({"loss": "bad"})', Axis.NOT_NEEDED),
        ('run.define_metric("*", step_metric="e"); run.log({"loss": 1, "e": 2})', Axis.OWN),
        ('run.define_metric("loss", step_metric="_step"); run.log({"loss": 1})', Axis.OWN),
        ('run.define_metric("loss", step_metric="e"); run.log({"loss": 1})', Axis.NEVER_LOGGED),
        ('run.define_metric("loss", step_metric="e"); run.log({"loss": 1}); run.log(more())', Axis.OPEN),
        ('run.define_metric("e", step_metric="loss"); run.log({"loss": 1})', Axis.IS_AXIS),
        ('run.define_metric("loss", summary="min"); run.log({"loss": 1})', Axis.DEFAULT),
        ('run.define_metric(more(), step_metric="e"); run.log({"loss": 1})', Axis.OPEN),
        ('run.define_metric("lo*", step_metric="e"); run.log({"loss": 1, "e": 1})', Axis.OWN),
    ],
)
def test_the_x_axis_of_a_chart(body: str, expected: Axis) -> None:
    assert verdicts(body)["loss"] is expected


def test_a_key_without_the_axis_of_its_siblings_is_uncovered() -> None:
    axes = verdicts(
        'run.define_metric("fit/*", step_metric="e"); run.log({"fit_b/loss": 1, "fit/loss": 2, "e": 3})'
    )
    assert axes == {"fit_b/loss": Axis.UNCOVERED, "fit/loss": Axis.OWN, "e": Axis.IS_AXIS}


START = {"tracking.py": "import wandb\ndef start():\n    return wandb.init()\n"}


def test_scripts_with_the_same_charts_share_a_run_and_others_do_not() -> None:
    log = "from tracking import start\nfrom rows import log\nlog(start())\n"
    rows = "def log(run):\n    run.log({'loss': 1})\n"
    other = "from tracking import start\nstart().log({'score': 1})\n"
    runs = runs_of({**START, "rows.py": rows, "a.py": log, "b.py": log, "c.py": other})
    assert [[opening.entry.path for opening in run.openings if opening.entry] for run in runs] == [
        ["a.py", "b.py"],
        ["c.py"],
    ]
    assert [[str(chart.key) for chart in run.charts] for run in runs] == [["loss"], ["score"]]


def test_a_run_passed_as_an_argument_has_no_site() -> None:
    (run,) = runs_of({"log.py": "import wandb\ndef log(run: wandb.Run):\n    run.log({'loss': 1})\n"})
    assert run.site is None
    assert [(str(chart.key), chart.is_sure) for chart in run.charts] == [("loss", False)]


def test_a_key_of_one_of_two_runs_is_not_certain() -> None:
    body = "import wandb\na = wandb.init()\nb = wandb.init(reinit='create_new')\n"
    runs = runs_of({"train.py": body + "(a if more() else b).log({'loss': 1})\n"})
    assert [[chart.is_sure for chart in run.charts] for run in runs] == [[False], [False]]


def test_a_run_with_an_open_row_may_log_more() -> None:
    (run,) = runs_of({"train.py": "import wandb\nrun = wandb.init()\nrun.log(more())\n"})
    assert run.may_log_more
    assert len(run.open_calls) == 1


def test_a_run_without_a_known_entry_point_may_log_anything() -> None:
    body = "import wandb\nif False:\n    wandb.init()\n"
    (run,) = runs_of({"train.py": body})
    assert [opening.entry for opening in run.openings] == [None]
    assert run.may_log_more
    assert run.charts == ()


def test_a_likely_axis_is_reported() -> None:
    body = "import wandb\nrun = wandb.init()\nrun.define_metric('*', step_metric='e')\n"
    body += "run.log({'a': 1})\nrun.log(more())\n"
    (run,) = runs_of({"train.py": body})
    (chart,) = run.charts
    assert (chart.verdict, str(chart.axis), chart.defined is not None) == (Axis.OPEN, "e", True)


def test_a_disabled_run_has_no_dashboard() -> None:
    assert runs_of({"train.py": "import wandb\nwandb.init(mode='disabled').log({'a': 1})\n"}) == []


RULES = {
    Axis.UNCOVERED: registry.resolve("WB201")[0],
    Axis.NEVER_LOGGED: registry.resolve("WB202")[0],
}
"""The rules that report what these verdicts say."""

KEYS = st.sampled_from(["loss", "fit/loss", "fit/step", "eval/loss", "eval/step", "_x"])
PATTERNS = st.sampled_from(["*", "fit/*", "eval/*", "ev*", "loss", "fit/loss"])
AXES = st.sampled_from(["fit/step", "eval/step", "_step", "lost"])
VALUES = st.sampled_from(["1", "wandb.Image('a')", "'text'", "more()"])
LOG = st.tuples(st.dictionaries(KEYS, VALUES, min_size=1), st.booleans()).map(
    lambda row: (
        f"run.log({{{', '.join(f'{key!r}: {value}' for key, value in row[0].items())}"
        f"{', **more()' if row[1] else ''}}})"
    )
)
DEFINE = st.tuples(PATTERNS, AXES).map(
    lambda names: f"run.define_metric({names[0]!r}, step_metric={names[1]!r})"
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(LOG, DEFINE), min_size=1, max_size=6), st.lists(LOG, max_size=2))
def test_every_logged_key_is_one_chart_and_the_rules_agree_with_the_verdicts(
    first: list[str], second: list[str]
) -> None:
    start = "import wandb\nrun = wandb.init()\n"
    files = {"a.py": start + "\n".join(first), "b.py": start + "\n".join(second)}
    model = analyze(FilesInMemory(files))
    runs = predict(model)
    for run in runs:
        keys = [str(chart.key) for chart in run.charts]
        assert all(chart.logged for chart in run.charts)
        logged = {str(key.name) for call in model.log_calls if run.site in call.runs for key in call.keys}
        assert sorted(logged) == keys
    predicted = {
        (chart.verdict, span.path)
        for run in runs
        for chart in run.charts
        for span in chart.logged
        if chart.verdict in RULES
    }
    reported = {
        (verdict, finding.span.path)
        for verdict, rule in RULES.items()
        if rule.check is not None
        for finding in rule.check(model, rule.options)
    }
    assert predicted == reported


LIGHTNING = """
import lightning as L
from lightning.pytorch.loggers import WandbLogger

logger = WandbLogger(project="p")
trainer = L.Trainer(logger=logger)
trainer.fit(model())
"""


@pytest.mark.parametrize(
    "source",
    [
        LIGHTNING,
        LIGHTNING.replace("lightning.pytorch", "pytorch_lightning").replace("lightning as L", "x as L"),
        "from lightning.pytorch.loggers import WandbLogger\n"
        "def start(**keywords):\n    return WandbLogger(**keywords)\nstart(project='p')\n",
        "from wandb.integration.lightning.fabric import WandbLogger\nlogger = WandbLogger(project='p')\n",
        "from ignite.handlers import WandBLogger\nlogger = WandBLogger(project='p')\n",
        "import optuna\ncallback = optuna.integration.WeightsAndBiasesCallback('loss')\n",
    ],
)
def test_the_run_of_a_front_end_is_open(source: str) -> None:
    (run,) = runs_of({"train.py": "import wandb\n" + source})
    assert run.site is not None
    assert run.may_log_more
    assert run.front_end.rpartition(".")[2] in {"WandbLogger", "WandBLogger", "WeightsAndBiasesCallback"}


ACCELERATE = """
import wandb
from accelerate import Accelerator

accelerator = Accelerator(log_with={trackers})
accelerator.init_trackers("p", config={{"lr": 1}})
accelerator.log({{"loss": 1}}, step=1)
accelerator.end_training()
"""


@pytest.mark.parametrize(
    ("trackers", "is_opened"),
    [
        ('"wandb"', True),
        ('["tensorboard", "wandb"]', True),
        ('"all"', True),
        ("choose()", True),
        ('"tensorboard"', False),
        ("None", False),
    ],
)
def test_accelerate_opens_a_run_where_wandb_is_a_tracker(trackers: str, is_opened: bool) -> None:
    (run,) = runs_of({"train.py": ACCELERATE.format(trackers=trackers)})
    assert (run.site is not None) is is_opened
    assert [(str(chart.key), chart.is_sure) for chart in run.charts] == [("loss", False)]


@pytest.mark.parametrize(
    "start",
    [
        "run = wandb.init()\nlogger = WandbLogger()\n",
        "logger = WandbLogger(experiment=wandb.init())\n",
        "run = wandb.init()\nlogger = WandbLogger(experiment=run, project='p')\n",
        "with wandb.init() as run:\n    logger = WandbLogger()\n",
    ],
)
def test_a_front_end_takes_the_open_run(start: str) -> None:
    imports = "import wandb\nfrom lightning.pytorch.loggers import WandbLogger\n"
    (run,) = runs_of({"train.py": imports + start})
    assert run.front_end == ""
    assert run.may_log_more


@pytest.mark.parametrize(
    "log",
    [
        'logger.experiment.log({"direct": 1})',
        'wandb.log({"direct": 1})',
        'experiment = logger.experiment\nexperiment.log({"direct": 1})',
        'for run in [logger.experiment]:\n    run.log({"direct": 1})',
    ],
)
def test_a_front_end_may_have_defined_an_axis(log: str) -> None:
    runs = runs_of({"train.py": f"import wandb{LIGHTNING}{log}\n"})
    assert [str(chart.key) for run in runs for chart in run.charts] == ["direct"]
    assert {(chart.verdict, chart.is_sure) for run in runs for chart in run.charts} == {(Axis.OPEN, False)}
    assert [run.site is not None for run in runs] == [True]
