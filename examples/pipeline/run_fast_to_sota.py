"""Runs the whole pipeline: validate, train, small_eval, gate, full_eval, gate, report.

python run_fast_to_sota.py --config configs/burgers_small.yaml [--device cuda] [--output out]
                           [--wandb-mode online]

Each part runs in its own process. This process opens no run: the trainer does, and the others resume it by
the id in the file that `WANDB_CONTEXT_FILE` names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from config import Config, ConfigError, load

HERE = Path(__file__).resolve().parent
BEST = "consistency"
"""The predictor that must pass the gates."""


class PipelineError(Exception):
    """The pipeline stops; the message says why."""


@dataclass(frozen=True)
class Pipeline:
    """One run of the pipeline."""

    config: Config
    config_file: Path
    output: Path
    device: str
    wandb_mode: str

    def run(self) -> None:
        """Runs all parts. Raises `PipelineError`."""
        self.output.mkdir(parents=True, exist_ok=True)
        self.call("train.py")
        for split in ("small", "full"):
            self.call("evaluate.py", "--split", split)
            self.gate(split)
        self.report()

    def call(self, script: str, *arguments: str) -> None:
        """Runs a part. Raises `PipelineError` if it fails."""
        command = [sys.executable, str(HERE / script), "--config", str(self.config_file)]
        command += ["--output", str(self.output), "--device", self.device, *arguments]
        environment = {
            **os.environ,
            "WANDB_MODE": self.wandb_mode,
            "WANDB_DIR": str(self.output),
            "WANDB_CONTEXT_FILE": str(self.output / "wandb_context.json"),
        }
        print(f"{script} {' '.join(arguments)}".rstrip(), flush=True)
        started = time.perf_counter()
        code = subprocess.run(command, env=environment, check=False).returncode
        if code:
            raise PipelineError(f"{script} ended with exit code {code}")
        print(f"  {time.perf_counter() - started:.1f} s", flush=True)

    def gate(self, split: str) -> None:
        """Raises `PipelineError` if the best predictor is not good enough on a split."""
        scores = self.scores(split)
        ratio = scores[BEST]["nrmse"] / scores["persistence"]["nrmse"]
        if ratio > self.config.gate.nrmse_of_persistence:
            most = self.config.gate.nrmse_of_persistence
            raise PipelineError(f"{split}: nRMSE is {ratio:.2f} of persistence's, more than {most}")
        print(f"  {split}: nRMSE is {ratio:.2f} of persistence's", flush=True)

    def scores(self, split: str) -> dict[str, dict[str, float]]:
        """The scores that an evaluation has written."""
        found: dict[str, dict[str, float]] = json.loads((self.output / f"{split}.json").read_text("utf-8"))
        return found

    def report(self) -> None:
        """Prints the scores on the full split."""
        scores = self.scores("full")
        metrics = list(scores[BEST])
        print(f"{'full split':12}" + "".join(f"{metric:>10}" for metric in metrics))
        for name, values in scores.items():
            print(f"{name:12}" + "".join(f"{values[metric]:10.4f}" for metric in metrics))


def main() -> int:
    """Runs the pipeline; returns 0 if all gates are passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("out"))
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:1")
    parser.add_argument("--wandb-mode", default="offline", choices=["online", "offline", "disabled"])
    options = parser.parse_args()
    try:
        config = load(options.config)
        file, output = options.config.resolve(), options.output.resolve()
        Pipeline(config, file, output, options.device, options.wandb_mode).run()
    except (ConfigError, PipelineError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
