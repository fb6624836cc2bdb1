"""The reference pipeline and its bugs: what wandblint says of the code, and what wandb then records."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.examples.pipelines import FIXED, NEEDS_TORCH, PIPELINE, VARIANTS, copy, lint, run
from wandblint import engine
from wandblint.app.selection import enabled_rules
from wandblint.app.settings import Settings
from wandblint.audit.judging import judge
from wandblint.dashboard.contract import Comparison, KeySource, compare
from wandblint.dashboard.record import Record

STAGES = ("operator", "diffusion_residual", "consistency_distill", "steady_prior")
METRICS = ("loss", "lr", "grad_norm", "epochs_since_improve", "epoch_time_sec", "best_loss")

FINDINGS = {
    FIXED: [],
    "legacy-run-creation": [
        ("WB101", "run_fast_to_sota.py", "reinit=True", "finishes every open run"),
        ("WB110", "run_fast_to_sota.py", "not wandb_ctx", "`wandb_ctx` is always None here, so this branch"),
    ],
    "stage-names-differ": [
        ("WB201", "wandb_context.py", "", "`training/consistency_distill/loss` has no x-axis"),
        ("WB201", "wandb_context.py", "", "`training/diffusion_residual/loss` has no x-axis"),
        ("WB201", "wandb_context.py", "", "`training/steady_prior/loss` has no x-axis"),
    ],
    "step-beside-axes": [
        (
            "WB301",
            "wandb_context.py",
            "step=step",
            "wandb drops the whole row whenever `epoch + 1` is lower",
        ),
    ],
    "step-metric-never-logged": [
        (
            "WB202",
            "wandb_context.py",
            "",
            f"`training/{stage}/step` is the x-axis of `training/{stage}/*`, but no",
        )
        for stage in sorted(STAGES)
    ],
}
"""Code, file, text and words of every finding of the default severity, by variant."""

NOTES = {
    "step-metric-never-logged": [("WB301", "wandb_context.py")],
}
"""The notes beside them."""


@dataclass(frozen=True)
class Ran:
    """A variant that was run."""

    folder: Path
    record: Record
    codes: list[str]
    """The codes of what the audit finds, one run being expected."""


@cache
def ran(variant: str) -> Ran:
    """A variant, run once a worker for all tests that look at it."""
    return judged(copy(variant, Path(mkdtemp(prefix="wandblint-pipeline-"))))


def judged(folder: Path) -> Ran:
    """A copy that is run."""
    record = run(folder)
    settings = Settings(select=["WB9"], rules={"unexpected-runs": {"expected": 1}})
    findings = judge(record, enabled_rules(settings), settings)
    return Ran(folder, record, [finding.code for finding in findings])


def fix(folder: Path) -> None:
    """`--fix --unsafe-fixes` on a folder, until nothing is left to do."""
    command = [sys.executable, "-m", "wandblint", "--fix-only", "--unsafe-fixes", "--no-cache", "."]
    subprocess.run(command, cwd=folder, check=True)


needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason=NEEDS_TORCH)


def of(variant: str) -> pytest.MarkDecorator:
    """Tests of one variant run on one worker: the pipeline runs once."""
    return pytest.mark.xdist_group(f"pipeline-{variant}")


def test_every_bug_has_its_findings_and_its_part_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "examples" / "bugs" / "README.md").read_text(encoding="utf-8")
    assert sorted(FINDINGS) == sorted(VARIANTS)
    for variant, findings in FINDINGS.items():
        if variant != FIXED:
            part = page.partition(f"({variant}.patch)")[2].partition("\n## ")[0]
            assert part, variant
            assert {code for code, *_ in findings if code not in part} == set(), variant


@pytest.mark.parametrize("variant", VARIANTS)
def test_findings(variant: str, tmp_path: Path) -> None:
    outcome = lint(copy(variant, tmp_path))
    assert outcome.problems == []
    found = [
        (f.code, f.span.path, outcome.texts.text(f.span.path)[f.span.start : f.span.end], f.message)
        for f in outcome.findings
    ]
    wanted = FINDINGS[variant]
    assert [(code, path) for code, path, _, _ in found] == [(code, path) for code, path, _, _ in wanted]
    for (_, _, text, message), (_, _, wanted_text, words) in zip(found, wanted, strict=True):
        assert words in message
        assert not wanted_text or text == wanted_text


@pytest.mark.parametrize("variant", VARIANTS)
def test_notes(variant: str, tmp_path: Path) -> None:
    folder = copy(variant, tmp_path)
    default = lint(folder).findings
    notes = [f for f in lint(folder, select=("ALL",)).findings if f not in default]
    assert [(note.code, note.span.path) for note in notes] == NOTES.get(variant, [])


def test_nothing_of_the_fixed_pipeline_is_hidden_from_wandblint(tmp_path: Path) -> None:
    outcome = lint(copy(FIXED, tmp_path), select=("ALL",))
    assert outcome.findings == []
    assert outcome.suppressed == 0
    assert outcome.reach is not None
    assert {known.name for known in outcome.reach.places.values()} == {"ALL"}
    assert outcome.reach.given_up == 0


@pytest.mark.parametrize("variant", ["stage-names-differ", "step-beside-axes"])
def test_fixing_what_a_patch_broke_gives_the_pipeline_back(variant: str, tmp_path: Path) -> None:
    folder = copy(variant, tmp_path)
    fix(folder)
    changed = [
        file.name for file in folder.glob("*.py") if file.read_bytes() != (PIPELINE / file.name).read_bytes()
    ]
    assert changed == []


def test_fixing_leaves_of_the_legacy_run_what_a_person_has_to_decide(tmp_path: Path) -> None:
    folder = copy("legacy-run-creation", tmp_path)
    fix(folder)
    assert [finding.code for finding in lint(folder).findings] == ["WB110"]


@needs_torch
@of("step-metric-never-logged")
def test_an_axis_that_fixing_puts_into_the_rows_has_data(tmp_path: Path) -> None:
    folder = copy("step-metric-never-logged", tmp_path)
    fix(folder)
    assert lint(folder, select=("ALL",)).findings == []
    done = judged(folder)
    assert done.codes == []
    (recorded,) = done.record.runs
    losses = [chart for chart in recorded.charts if chart.key.endswith("/loss")]
    assert [len(chart.x) >= 2 for chart in losses] == [True] * len(STAGES)


@needs_torch
@of(FIXED)
def test_the_fixed_pipeline_records_one_run_in_which_every_chart_moves() -> None:
    done = ran(FIXED)
    assert done.codes == []
    (recorded,) = done.record.runs
    assert len(recorded.logs) == 3
    charts = {chart.key: chart for chart in recorded.charts if chart.key.startswith("training/")}
    wanted = {f"training/{stage}/{metric}" for stage in STAGES for metric in (*METRICS, "step")}
    assert set(charts) == wanted
    for stage in STAGES:
        for metric in METRICS:
            chart = charts[f"training/{stage}/{metric}"]
            assert chart.axis == f"training/{stage}/step"
            assert len(chart.x) >= 2, chart


def against(variant: str) -> Comparison:
    """What a variant recorded, beside what its code predicts."""
    done = ran(variant)
    return compare(done.record, engine.forecast(done.folder, (), Settings()).runs)


@needs_torch
@of(FIXED)
def test_of_the_fixed_pipeline_every_recorded_key_is_predicted_by_its_name() -> None:
    found = against(FIXED)
    assert found.differences == 0
    assert found.not_run == ()
    assert {account.source for account in found.keys} == {KeySource.KEY}
    assert {f"training/{stage}/loss" for stage in STAGES} < {account.key for account in found.keys}


@needs_torch
@of("step-metric-never-logged")
def test_of_axes_that_are_never_logged_the_record_is_predicted_too() -> None:
    found = against("step-metric-never-logged")
    assert found.differences == 0
    added = [account.key for account in found.of(KeySource.AXIS)]
    assert added == sorted(f"training/{stage}/step" for stage in STAGES)


@needs_torch
@of(FIXED)
def test_the_fixed_pipeline_learns() -> None:
    scores = json.loads((ran(FIXED).folder / "out" / "full.json").read_text(encoding="utf-8"))
    assert scores["consistency"]["nrmse"] <= scores["persistence"]["nrmse"] / 2


@needs_torch
@of("step-metric-never-logged")
def test_an_axis_that_is_never_logged_is_recorded_as_0() -> None:
    done = ran("step-metric-never-logged")
    assert done.codes == ["WB901"] * len(STAGES)
    (recorded,) = done.record.runs
    losses = {chart.key: chart.x for chart in recorded.charts if chart.key.endswith("/loss")}
    assert losses == {f"training/{stage}/loss": frozenset({0.0}) for stage in STAGES}


@needs_torch
@of("legacy-run-creation")
def test_the_legacy_helper_makes_five_runs_of_one_pipeline() -> None:
    done = ran("legacy-run-creation")
    assert len(done.record.runs) == 5
    assert done.codes == ["WB906"]


@needs_torch
@of("stage-names-differ")
def test_stages_of_other_names_have_no_axis() -> None:
    done = ran("stage-names-differ")
    assert done.codes == ["WB902"]
    (recorded,) = done.record.runs
    without = {
        chart.key.split("/")[1] for chart in recorded.charts if chart.axes == {None} and not chart.is_axis
    }
    assert without == {"diffusion_residual", "consistency_distill", "steady_prior"}


@needs_torch
@of("step-beside-axes")
def test_rows_of_a_step_that_falls_are_gone() -> None:
    done = ran("step-beside-axes")
    assert done.codes == ["WB907"]
    (recorded,) = done.record.runs
    assert {chart.key.split("/")[1] for chart in recorded.charts if chart.key.startswith("training/")} == {
        "operator"
    }
