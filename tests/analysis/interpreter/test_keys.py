"""Keys: from the expressions that build them to what is logged."""

from __future__ import annotations

import pytest

from tests.analysis.projects import keys_of, logged, model_of, script


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ('run.log({"loss": x})', {"loss"}),
        ("run.log(dict(loss=x, acc=y))", {"loss", "acc"}),
        ('name = "loss"\nrun.log({name: x})', {"loss"}),
        ('stage = "train"\nrun.log({f"{stage}/loss": x})', {"train/loss"}),
        ('run.log({"%s/loss" % "train": x})', {"train/loss"}),
        ('run.log({"%s/%s" % ("train", "loss"): x})', {"train/loss"}),
        ('run.log({"{}/{name}".format("train", name="loss"): x})', {"train/loss"}),
        ('run.log({"train" + "/" + "loss": x})', {"train/loss"}),
        ('run.log({"/".join(["train", "loss"]): x})', {"train/loss"}),
        ('run.log({"TRAIN".lower(): x})', {"train"}),
        ('key = "train"\nkey += "/loss"\nrun.log({key: x})', {"train/loss"}),
        ('run.log({"a" if flag else "b": x})', {"a", "b"}),
        ('for s in ["train", "val"]:\n    run.log({f"{s}/loss": x})', {"train/loss", "val/loss"}),
        ('for s, k in zip(("a", "b"), ("x", "y")):\n    run.log({s + k: v})', {"ax", "by"}),
        ('for i, s in enumerate(["a", "b"]):\n    run.log({f"{i}{s}": v})', {"0a", "1b"}),
        ('row = {}\nrow["a"] = x\nrow.update({"b": y}, c=z)\nrun.log(row)', {"a", "b", "c"}),
        ('a = {"x": 1}\nb = {"y": 2}\nrun.log({**a, **b, "z": 3})', {"x", "y", "z"}),
        ('run.log({"x": 1} | {"y": 2})', {"x", "y"}),
        ('row = {"x": 1}\nrow |= {"y": 2}\nrun.log(row)', {"x", "y"}),
        ('m = {"a": 1, "b": 2}\nrun.log({f"val/{k}": v for k, v in m.items()})', {"val/a", "val/b"}),
        ('m = {"a": 1}\nfor k, v in m.items():\n    run.log({f"val/{k}": v})', {"val/a"}),
        ('row = {"step": 1, "loss": 2}\nrow.pop("step")\nrun.log(row)', {"loss"}),
        ('row = {"step": 1, "loss": 2}\ndel row["step"]\nrun.log(row)', {"loss"}),
        ('row = {"a": 1}\nother = row.copy()\nother["b"] = 2\nrun.log(row)', {"a"}),
        ('def row():\n    return {"a": 1}\nrun.log(row())', {"a"}),
        ('def row(p):\n    return {f"{p}/a": 1}, 2\nfirst, _ = row("t")\nrun.log(first)', {"t/a"}),
        ('run.log({"a": {"b": 1, "c": {"d": 2}}})', {"a.b", "a.c.d"}),
        ("run.log(compute())", {"..."}),
        ('run.log({"a": 1, **compute()})', {"a", "..."}),
        ('m = compute()\nrun.log({f"val/{k}": v for k, v in m.items()})', {"val/{k}"}),
        ('log = run.log\nlog({"a": 1})', {"a"}),
        ('from functools import partial\ndef put(k, v):\n    run.log({k: v})\npartial(put, "a")(1)', {"a"}),
        ('put = lambda k: run.log({k: 1})\nput("a")', {"a"}),
        ("def put(**row):\n    run.log(row)\nput(a=1, b=2)", {"a", "b"}),
        ('def put(*keys):\n    for key in keys:\n        run.log({key: 1})\nput("a", "b")', {"a", "b"}),
        ('with wandb.init() as other:\n    other.log({"a": 1})', {"a"}),
        ('if (row := {"a": 1}):\n    run.log(row)', {"a"}),
    ],
)
def test_keys_of_a_script(body: str, keys: set[str]) -> None:
    assert keys_of(script(body)) == keys


def test_media_and_text_are_not_numbers() -> None:
    model = model_of(
        script(
            """
            run.log({"table": wandb.Table(), "plot": wandb.plot.line(t, "x", "y"), "loss": loss,
                     "images": [wandb.Image(i) for i in images], "note": "best", "none": None})
            """
        )
    )
    assert logged(model) == {
        "table": "media",
        "plot_table": "media",
        "note": "text",
        "none": "text",
        "images": "media",
        "loss": "number",
    }


def test_figures_of_other_libraries_are_not_numbers() -> None:
    model = model_of(
        script(
            """
            import matplotlib.pyplot as plt
            import pandas as pd
            import plotly.express as px

            frame = pd.DataFrame(rows)
            figure, axes = plt.subplots()
            run.log({"module": plt, "current": plt.gcf(), "plotly": px.line(frame), "frame": frame})
            run.log({"figure": figure, "axes": axes})
            run.log({"column": frame["loss"].mean(), "mean": frame.loss.mean(), "rows": frame.size})
            """
        )
    )
    assert logged(model) == {
        **dict.fromkeys(("module", "current", "plotly", "frame", "figure"), "media"),
        **dict.fromkeys(("column", "mean", "rows", "axes"), "number"),
    }


def test_a_dictionary_passed_to_unknown_code_may_gain_keys() -> None:
    assert keys_of(script('row = {"a": 1}\nhelper.fill(row)\nrun.log(row)')) == {"a", "..."}


def test_a_dictionary_that_is_only_printed_stays_known() -> None:
    assert keys_of(script('row = {"a": 1}\nprint(row)\nlogger.info(row)\nrun.log(row)')) == {"a"}


def test_the_provenance_lists_where_a_literal_was_passed() -> None:
    files = {
        "tracking.py": """
            class Tracker:
                def __init__(self, run, stage):
                    self.run = run
                    self.stage = stage

                def put(self, name, value):
                    self.run.log({f"{self.stage}/{name}": value})
            """,
        "train.py": """
            import wandb
            from tracking import Tracker

            tracker = Tracker(wandb.init(), stage="speech")
            tracker.put("loss", 0.5)
            """,
    }
    (call,) = model_of(files).log_calls
    (key,) = call.keys
    assert str(key.name) == "speech/loss"
    assert [(step.span.path, step.words) for step in key.name.provenance] == [
        ("train.py", 'stage="speech"'),
        ("train.py", 'name="loss"'),
    ]


def test_many_alternatives_become_unknown() -> None:
    choices = " if f() else ".join(f'"k{number}"' for number in range(60))
    assert keys_of(script(f"key = {choices}\nrun.log({{key: 1}})")) == {"..."}
