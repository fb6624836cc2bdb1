"""The reference pipeline and its bugs: what wandblint reports, and what wandb then records."""

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
from wandblint.audit.checking import check_record
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
"""Code, file, text and part of the message of every finding that is on by default, by variant."""

NOTES = {
    "step-metric-never-logged": [("WB301", "wandb_context.py")],
}
"""Code and file of the notes in addition, by variant."""


@dataclass(frozen=True)
class RecordedCopy:
    """A copy of the pipeline and what its run recorded."""

    folder: Path
    record: Record
    codes: list[str]
    """The codes of the audit's findings, where one run is expected."""


@cache
def recorded_variant(variant: str) -> RecordedCopy:
    """A variant, run once per worker for all its tests."""
    return run_and_audit(copy(variant, Path(mkdtemp(prefix="wandblint-pipeline-"))))


def run_and_audit(folder: Path) -> RecordedCopy:
    """Runs and audits a copy."""
    record = run(folder)
    settings = Settings(select=["WB9"], rules={"unexpected-runs": {"expected": 1}})
    findings = check_record(record, enabled_rules(settings), settings)
    return RecordedCopy(folder, record, [finding.code for finding in findings])


def fix(folder: Path) -> None:
    """Applies all fixes to a folder."""
    command = [sys.executable, "-m", "wandblint", "--fix-only", "--unsafe-fixes", "--no-cache", "."]
    subprocess.run(command, cwd=folder, check=True)


needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason=NEEDS_TORCH)


def on_worker_of(variant: str) -> pytest.MarkDecorator:
    """Tests of one variant run on one worker: the pipeline runs once."""
    return pytest.mark.xdist_group(f"pipeline-{variant}")


def test_every_bug_has_its_findings_and_its_section_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "examples" / "bugs" / "README.md").read_text(encoding="utf-8")
    assert sorted(FINDINGS) == sorted(VARIANTS)
    for variant, findings in FINDINGS.items():
        if variant != FIXED:
            section = page.partition(f"({variant}.patch)")[2].partition("\n## ")[0]
            assert section, variant
            assert {code for code, *_ in findings if code not in section} == set(), variant


@pytest.mark.parametrize("variant", VARIANTS)
def test_findings(variant: str, tmp_path: Path) -> None:
    result = lint(copy(variant, tmp_path))
    assert result.problems == []
    actual = [
        (f.code, f.span.path, result.texts.text(f.span.path)[f.span.start : f.span.end], f.message)
        for f in result.findings
    ]
    expected = FINDINGS[variant]
    assert [(code, path) for code, path, _, _ in actual] == [(code, path) for code, path, _, _ in expected]
    for (_, _, text, message), (_, _, expected_text, phrase) in zip(actual, expected, strict=True):
        assert phrase in message
        assert not expected_text or text == expected_text


@pytest.mark.parametrize("variant", VARIANTS)
def test_notes(variant: str, tmp_path: Path) -> None:
    folder = copy(variant, tmp_path)
    default = lint(folder).findings
    notes = [f for f in lint(folder, select=("ALL",)).findings if f not in default]
    assert [(note.code, note.span.path) for note in notes] == NOTES.get(variant, [])


def test_all_keys_of_the_fixed_pipeline_are_known(tmp_path: Path) -> None:
    result = lint(copy(FIXED, tmp_path), select=("ALL",))
    assert result.findings == []
    assert result.suppressed == 0
    assert result.reach is not None
    assert {known.name for known in result.reach.log_calls.values()} == {"ALL"}
    assert result.reach.entries_cut_off == 0


@pytest.mark.parametrize("variant", ["stage-names-differ", "step-beside-axes"])
def test_fixing_a_patched_bug_restores_the_pipeline(variant: str, tmp_path: Path) -> None:
    folder = copy(variant, tmp_path)
    fix(folder)
    changed = [
        file.name for file in folder.glob("*.py") if file.read_bytes() != (PIPELINE / file.name).read_bytes()
    ]
    assert changed == []


def test_fixing_the_legacy_run_leaves_one_manual_decision(tmp_path: Path) -> None:
    folder = copy("legacy-run-creation", tmp_path)
    fix(folder)
    assert [finding.code for finding in lint(folder).findings] == ["WB110"]


@needs_torch
@on_worker_of("step-metric-never-logged")
def test_an_axis_added_by_a_fix_has_data(tmp_path: Path) -> None:
    folder = copy("step-metric-never-logged", tmp_path)
    fix(folder)
    assert lint(folder, select=("ALL",)).findings == []
    run = run_and_audit(folder)
    assert run.codes == []
    (recorded,) = run.record.runs
    losses = [chart for chart in recorded.charts if chart.key.endswith("/loss")]
    assert [len(chart.x) >= 2 for chart in losses] == [True] * len(STAGES)


@needs_torch
@on_worker_of(FIXED)
def test_the_fixed_pipeline_records_one_run_in_which_every_chart_moves() -> None:
    run = recorded_variant(FIXED)
    assert run.codes == []
    (recorded,) = run.record.runs
    assert len(recorded.logs) == 3
    charts = {chart.key: chart for chart in recorded.charts if chart.key.startswith("training/")}
    expected = {f"training/{stage}/{metric}" for stage in STAGES for metric in (*METRICS, "step")}
    assert set(charts) == expected
    for stage in STAGES:
        for metric in METRICS:
            chart = charts[f"training/{stage}/{metric}"]
            assert chart.axis == f"training/{stage}/step"
            assert len(chart.x) >= 2, chart


def compare_with_code(variant: str) -> Comparison:
    """The record of a variant compared with the prediction from its code."""
    run = recorded_variant(variant)
    return compare(run.record, engine.forecast(run.folder, (), Settings()).runs)


@needs_torch
@on_worker_of(FIXED)
def test_every_recorded_key_of_the_fixed_pipeline_is_predicted_by_name() -> None:
    comparison = compare_with_code(FIXED)
    assert comparison.differences == 0
    assert comparison.not_run == ()
    assert {account.source for account in comparison.keys} == {KeySource.KEY}
    assert {f"training/{stage}/loss" for stage in STAGES} < {account.key for account in comparison.keys}


@needs_torch
@on_worker_of("step-metric-never-logged")
def test_axes_that_are_never_logged_are_predicted_too() -> None:
    comparison = compare_with_code("step-metric-never-logged")
    assert comparison.differences == 0
    added = [account.key for account in comparison.of(KeySource.AXIS)]
    assert added == sorted(f"training/{stage}/step" for stage in STAGES)


@needs_torch
@on_worker_of(FIXED)
def test_the_fixed_pipeline_learns() -> None:
    scores = json.loads((recorded_variant(FIXED).folder / "out" / "full.json").read_text(encoding="utf-8"))
    assert scores["consistency"]["nrmse"] <= scores["persistence"]["nrmse"] / 2


@needs_torch
@on_worker_of("step-metric-never-logged")
def test_an_axis_that_is_never_logged_is_recorded_as_0() -> None:
    run = recorded_variant("step-metric-never-logged")
    assert run.codes == ["WB901"] * len(STAGES)
    (recorded,) = run.record.runs
    losses = {chart.key: chart.x for chart in recorded.charts if chart.key.endswith("/loss")}
    assert losses == {f"training/{stage}/loss": frozenset({0.0}) for stage in STAGES}


@needs_torch
@on_worker_of("legacy-run-creation")
def test_the_legacy_helper_makes_five_runs_of_one_pipeline() -> None:
    run = recorded_variant("legacy-run-creation")
    assert len(run.record.runs) == 5
    assert run.codes == ["WB906"]


@needs_torch
@on_worker_of("stage-names-differ")
def test_stages_with_other_names_have_no_axis() -> None:
    run = recorded_variant("stage-names-differ")
    assert run.codes == ["WB902"]
    (recorded,) = run.record.runs
    stages = {
        chart.key.split("/")[1] for chart in recorded.charts if chart.axes == {None} and not chart.is_axis
    }
    assert stages == {"diffusion_residual", "consistency_distill", "steady_prior"}


@needs_torch
@on_worker_of("step-beside-axes")
def test_rows_with_a_decreasing_step_are_dropped() -> None:
    run = recorded_variant("step-beside-axes")
    assert run.codes == ["WB907"]
    (recorded,) = run.record.runs
    assert {chart.key.split("/")[1] for chart in recorded.charts if chart.key.startswith("training/")} == {
        "operator"
    }
