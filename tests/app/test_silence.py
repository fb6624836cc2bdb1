"""What silences the claims of rules: one program per doubt, next to one in which the claim is made."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.engine_runs import write
from wandblint.app.registry import resolve
from wandblint.app.settings import Settings
from wandblint.engine import explain_silence
from wandblint.model.doubt import DoubtKind

AXIS = """
    import wandb
    from company import anything
    run = wandb.init()
    run.define_metric("train/*", step_metric="epoch")
    """
RANKS = """
    import wandb, sys
    import torch.distributed as dist
    dist.init_process_group("nccl")
    """

DOUBTS = {
    DoubtKind.UNSEEN: ("WB202", AXIS + "anything(run)  # here\n    run.log({'train/loss': 1})"),
    DoubtKind.OPEN_ROW: ("WB202", AXIS + "run.log({'train/loss': 1, **anything()})  # here"),
    DoubtKind.UNSEEN_CALLER: (
        "WB302",
        """
        import wandb
        from company import anything
        run = wandb.init()
        def train():
            for i in range(9):
                run.log({"a": 1})
                run.log({"b": 1}, step=i)
        anything(train)  # here
        """,
    ),
    DoubtKind.UNCERTAIN: (
        "WB407",
        """
        import wandb
        run = wandb.init()
        run.log({"a": 1})
        try:
            print(run.summary["b"])  # here
        except KeyError:
            pass
        """,
    ),
    DoubtKind.RANK_CHECK: (
        "WB502",
        RANKS + "if dist.get_rank() == 0:  # here\n        wandb.init()",
    ),
    DoubtKind.UNSEEN_ARGUMENTS: ("WB502", RANKS + "wandb.init(**dict(eval(sys.argv[1])))  # here"),
    DoubtKind.COORDINATED: ("WB502", RANKS + "wandb.init(name=f'rank {dist.get_rank()}')  # here"),
    DoubtKind.ONE_NODE: (
        "WB510",
        RANKS + "MASTER = 'tcp://localhost'\n    import os\n    if int(os.environ['LOCAL_RANK']) == 0:\n"
        "        wandb.init()  # here",
    ),
    DoubtKind.MAY_FINISH: (
        "WB102",
        """
        import wandb
        def main(tracker):
            for seed in range(3):
                wandb.init(config={"seed": seed})
                tracker.shutdown()  # here
        """,
    ),
    DoubtKind.SELECTS_ITERATIONS: (
        "WB102",
        """
        import wandb
        for seed in range(3):
            if seed % 2 == 0:  # here
                wandb.init(config={"seed": seed})
        """,
    ),
    DoubtKind.MAY_RETRY: (
        "WB102",
        """
        import wandb
        for attempt in range(3):  # here
            wandb.init(config={"x": 1})
        """,
    ),
}


def explained(root: Path, code: str, files: dict[str, str], settings: Settings | None = None) -> list[str]:
    """Each reason for silence as `row: words`."""
    result = explain_silence(write(root, files), None, settings or Settings(select=[code]), resolve(code))
    assert result.problems == []
    lines = []
    for claim in result.claims:
        for reason in claim.reasons:
            span = reason.span
            row = result.texts.lines(span.path).position(span.start)[0] if span is not None else None
            lines.append(f"{row}: {reason.words}")
    return lines


@pytest.mark.parametrize("kind", DOUBTS, ids=lambda kind: kind.name)
def test_a_doubt_is_named_with_its_place(tmp_path: Path, kind: DoubtKind) -> None:
    code, source = DOUBTS[kind]
    text = dedent(source)
    (row,) = (number for number, line in enumerate(text.split("\n"), 1) if "# here" in line)
    assert explained(tmp_path, code, {"train.py": text}) == [f"{row}: {kind.value}"]


def test_a_run_that_another_process_may_continue(tmp_path: Path) -> None:
    files = {
        "train.py": dedent(AXIS) + "run.log({'train/loss': 1})\n",
        "other.py": "import os, wandb\nos.environ['WANDB_RUN_ID'] = 'x'\nwandb.init().log({'epoch': 1})\n",
    }
    assert explained(tmp_path, "WB202", files) == [f"1: {DoubtKind.RESUMES.value}"]


def test_several_doubts_of_one_claim(tmp_path: Path) -> None:
    source = dedent(AXIS) + "anything(run)\nrun.log({'train/loss': 1})\nrun.log({'a': 1, **anything()})\n"
    words = [line.partition(": ")[2] for line in explained(tmp_path, "WB202", {"train.py": source})]
    assert words == [DoubtKind.UNSEEN.value, DoubtKind.OPEN_ROW.value]


def test_a_claim_that_is_made_is_not_silenced(tmp_path: Path) -> None:
    source = dedent(AXIS) + "run.log({'train/loss': 1})\n"
    assert explained(tmp_path, "WB202", {"train.py": source}) == []


def test_right_code_needs_no_explanation(tmp_path: Path) -> None:
    source = dedent(AXIS) + "anything(run)\nrun.log({'train/loss': 1, 'epoch': 1})\n"
    assert explained(tmp_path, "WB202", {"train.py": source}) == []


MADE = "import wandb\nwandb.init(reinit=True){}\n"
SETTINGS = {
    "not selected": (Settings(select=["WB2"]), "", "None: WB101 is not selected: `--extend-select WB101`"),
    "ignored": (Settings(ignore=["WB101"]), "", "None: WB101 is not selected"),
    "ignored in the file": (
        Settings(per_file_ignores={"*.py": ["WB101"]}),
        "",
        "None: `per-file-ignores` leaves WB101 out",
    ),
    "a comment": (Settings(), "  # wandblint: ignore[WB101]", "2: a comment suppresses it"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_and_comments_leave_findings_out(tmp_path: Path, name: str) -> None:
    settings, comment, reason = SETTINGS[name]
    (line,) = explained(tmp_path, "WB101", {"train.py": MADE.format(comment)}, settings)
    assert line.startswith(reason)


def test_a_note_that_is_not_reported(tmp_path: Path) -> None:
    source = "import os\nimport wandb\nif int(os.environ['LOCAL_RANK']) == 0:\n    wandb.init()\n"
    (line,) = explained(tmp_path, "WB510", {"train.py": source}, Settings())
    assert line == "None: it is a note: `--extend-select WB510` reports notes of this rule"


def test_another_rule_reports_the_cause(tmp_path: Path) -> None:
    source = dedent("""
        import wandb
        run = wandb.init()
        run.define_metric("a", step_metric="epoch")
        for i in range(9):
            run.log({"b": 1})
            run.log({"a": 1, "epoch": i}, step=i)
        """)
    lines = explained(tmp_path, "WB302", {"train.py": source}, Settings(select=["WB3"]))
    assert lines == ["None: WB301 reports the same cause"]
