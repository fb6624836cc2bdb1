"""The report that wandblint started from, as a small project of the same shape.

It has five files and four causes, none of which raises an error in wandb.
"""

from __future__ import annotations

from pathlib import Path

from wandblint.app.settings import Settings
from wandblint.engine import check

FILES = {
    "pyproject.toml": '[project]\nname = "waves"\nversion = "1"\ndependencies = ["wandb>=0.17"]\n',
    "src/waves/__init__.py": "",
    "src/waves/context.py": '''\
"""One run for the whole pipeline."""

import os
from dataclasses import dataclass
from typing import Any

try:
    import wandb
except ImportError:
    wandb = None


@dataclass
class Context:
    run: Any
    enabled: bool = True

    def log_metric(self, stage: str, metric: str, value: float, step: int) -> None:
        if not self.enabled or self.run is None:
            return
        key = f"stages/{stage}/{metric}"
        try:
            self.run.log({key: value}, step=step)
        except Exception:
            pass

    def finish(self) -> None:
        if self.run is not None:
            self.run.finish()


def open_context(config: dict[str, Any]) -> Context:
    if wandb is None or not config.get("tracking", {}).get("enabled", True):
        return Context(run=None, enabled=False)
    try:
        run = wandb.init(project=config["project"], id=os.environ["PIPELINE_ID"])
        wandb.define_metric("stages/encoder/*", step_metric="stages/encoder/step")
        wandb.define_metric("stages/sampler/*", step_metric="stages/sampler/step")
        return Context(run=run)
    except Exception as error:
        print(error)
        return Context(run=None, enabled=False)
''',
    "src/waves/logger.py": '''\
"""What a stage of the training logs."""

from typing import Optional

from waves.context import Context


class StageLogger:
    def __init__(self, config: dict, stage: str, context: Optional[Context] = None) -> None:
        self.stage = stage
        self.context = context

    def log_epoch(self, *, step: int, loss: float, lr: float) -> None:
        if self.context is not None:
            self.context.log_metric(self.stage, "loss", loss, step)
            self.context.log_metric(self.stage, "lr", lr, step)
''',
    "scripts/train.py": '''\
"""Three stages, one after the other."""

import json
import sys

from waves.context import open_context
from waves.logger import StageLogger


def train_encoder(config, context, step):
    logger = StageLogger(config, stage="encoder", context=context)
    for epoch in range(config["epochs"]):
        step += 1
        logger.log_epoch(step=step, loss=1.0 / step, lr=0.1)
    return step


def train_sampler(config, context, step):
    logger = StageLogger(config, stage="sampler_residual", context=context)
    for epoch in range(config["epochs"]):
        step += 1
        logger.log_epoch(step=step, loss=1.0 / step, lr=0.1)
    return step


def main():
    with open(sys.argv[1]) as file:
        config = json.load(file)
    context = open_context(config)
    step = train_encoder(config, context, 0)
    train_sampler(config, context, step)
    context.finish()


if __name__ == "__main__":
    main()
''',
    "scripts/run_all.py": '''\
"""Trains and evaluates, each in a process of its own."""

import json
import subprocess
import sys

import wandb


def _log_to_training_run(info, metrics, name):
    run = wandb.init(project=info["project"], id=info.get("id"), resume="allow", reinit=True)
    for key, value in metrics.items():
        run.summary[f"{name}/{key}"] = value
    run.finish()


def evaluate(name):
    done = subprocess.run([sys.executable, "scripts/evaluate.py", name], capture_output=True, check=True)
    return json.loads(done.stdout)


def main():
    info = {"project": "waves"}
    context = None  # the trainer opens the run
    subprocess.run([sys.executable, "scripts/train.py", sys.argv[1]], check=True)
    for name in ("small", "full"):
        metrics = evaluate(name)
        if not context:
            _log_to_training_run(info, metrics, name)


if __name__ == "__main__":
    main()
''',
}

EXPECTED = [
    ("scripts/run_all.py", "WB101", "reinit=True", "`reinit=True` finishes every open run"),
    ("scripts/run_all.py", "WB110", "not context", "this branch always runs and uses wandb"),
    ("src/waves/context.py", "WB201", "key", "`stages/sampler_residual/loss` has no x-axis"),
    ("src/waves/context.py", "WB202", 'step_metric="stages/encoder/step"', "but no call logs it"),
]


def findings_of(root: Path, files: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """File, code, text and message of each finding of a project."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = check(root, None, Settings())
    assert result.problems == []
    return [
        (f.span.path, f.code, result.texts.text(f.span.path)[f.span.start : f.span.end], f.message)
        for f in result.findings
    ]


def test_the_report(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, FILES)
    assert [(path, code, text) for path, code, text, _ in findings] == [
        (path, code, text) for path, code, text, _ in EXPECTED
    ]
    for (_, _, _, message), (_, _, _, phrase) in zip(findings, EXPECTED, strict=True):
        assert phrase in message


def test_the_fixed_project_has_no_findings(tmp_path: Path) -> None:
    context = FILES["src/waves/context.py"]
    context = context.replace("{key: value}, step=step", '{key: value, f"stages/{stage}/step": step}')
    context = context.replace("stages/sampler/", "stages/sampler_residual/")
    script = FILES["scripts/run_all.py"]
    script = script[: script.index("def _log_to")] + script[script.index("def evaluate") :]
    script = script.replace(
        "        if not context:\n            _log_to_training_run(info, metrics, name)\n", ""
    )
    script = script.replace("    context = None  # the trainer opens the run\n", "").replace("metrics = ", "")
    assert (
        findings_of(tmp_path, {**FILES, "src/waves/context.py": context, "scripts/run_all.py": script}) == []
    )
