"""The engine on real folders: what is read and reported, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine_runs import BROKEN, REINIT, lint, locations, write
from wandblint import analysis, syntax
from wandblint.app.settings import Settings
from wandblint.engine import Problem, RunResources, check
from wandblint.syntax import result as parse_result

# --- what is read, and what is reported --------------------------------------------------------------

HELPER = "import wandb\n\ndef start():\n    return wandb.init(reinit=True)\n"
TRAIN = "from lib.helper import start\n\nrun = start()\nrun.log({'loss': 1})\n"


def test_all_files_are_reported(tmp_path: Path) -> None:
    result = lint(tmp_path, {"lib/helper.py": HELPER, "train.py": REINIT, "other.py": "x = 1\n"})
    assert locations(result) == ["lib/helper.py:4:23 WB101", "train.py:3:18 WB101"]
    assert (result.files_checked, result.files_read, result.suppressed) == (3, 2, 0)


def test_the_context_is_the_whole_project(tmp_path: Path) -> None:
    tracking = (
        "import wandb\n\ndef start():\n    run = wandb.init()\n"
        "    run.define_metric('fit/*', step_metric='fit/step')\n    return run\n"
    )
    train = "from lib.tracking import start\n\nrun = start()\nrun.log({'fit/loss': 1})\n"
    root = write(tmp_path, {"lib/tracking.py": tracking, "scripts/train.py": train})
    everything = check(root, None, Settings(select=["WB202"]))
    assert [finding.span.path for finding in everything.findings] == ["lib/tracking.py"]
    selected = check(root, ["lib/tracking.py"], Settings(select=["WB202"]))
    assert selected.findings == everything.findings
    assert (selected.files_checked, selected.files_read) == (1, 2)
    assert check(root, ["scripts/train.py"], Settings(select=["WB202"])).findings == []


def test_a_named_file_is_read_even_if_excluded(tmp_path: Path) -> None:
    root = write(
        tmp_path, {".gitignore": "*_old.py", "a_old.py": REINIT, "build/b.py": REINIT, "c.py": REINIT}
    )
    assert locations(check(root, None, Settings())) == ["c.py:3:18 WB101"]
    named = check(root, ["a_old.py", "build/b.py"], Settings())
    assert locations(named) == ["a_old.py:3:18 WB101", "build/b.py:3:18 WB101"]


@pytest.mark.parametrize("name", ["train.py", "not/there/yet.py"])
def test_standard_input_replaces_a_file(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {"train.py": "import wandb\n"})
    result = check(root, [name], Settings(), overrides={name: f"\r\n{REINIT}"})
    assert locations(result) == [f"{name}:4:18 WB101"]
    assert result.problems == []


@pytest.mark.parametrize("text", [REINIT.replace("\n", "\r\n"), f"\ufeff{REINIT}", REINIT.rstrip("\n")])
def test_locations_in_any_kind_of_file(tmp_path: Path, text: str) -> None:
    assert locations(lint(tmp_path, {"a.py": text})) == ["a.py:3:18 WB101"]


def test_per_file_ignores(tmp_path: Path) -> None:
    settings = Settings(per_file_ignores={"tests/": ["WB1"], "b*.py": ["reinit-bool"], "/c.py": ["WB2"]})
    result = lint(tmp_path, dict.fromkeys(("tests/deep/a.py", "lib/b1.py", "c.py"), REINIT), settings)
    assert locations(result) == ["c.py:3:18 WB101"]
    assert result.suppressed == 0


def test_findings_are_sorted_and_the_same_every_time(tmp_path: Path) -> None:
    files = {"b.py": REINIT + REINIT, "a.py": BROKEN, "c.py": "# wandblint: ignore-file[WB999]\n" + REINIT}
    first, second = lint(tmp_path, files), lint(tmp_path, files)
    assert first.findings == second.findings
    assert first.findings == sorted(first.findings, key=lambda finding: finding.sort_key)
    assert [location.split(":")[0] for location in locations(first)] == [
        "a.py",
        "b.py",
        "b.py",
        "c.py",
        "c.py",
    ]


def test_progress_is_reported(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": REINIT, "b.py": REINIT, "c.py": "x = 1\n"})
    calls: list[tuple[str, int, int]] = []
    check(
        root,
        None,
        Settings(),
        resources=RunResources(progress=lambda *call: calls.append(call)),
    )
    assert calls[:4] == [
        ("reading files", 1, 2),
        ("reading files", 2, 2),
        ("analyzing scripts", 1, 2),
        ("analyzing scripts", 2, 2),
    ]


def test_a_project_without_wandb_imports_no_parser(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\n", "b.py": "x = (\n", "c.py": b"# \xff"})
    program = (
        "import sys; from pathlib import Path; from wandblint import engine\n"
        "from wandblint.app import settings\n"
        f"root = Path({str(tmp_path)!r}); outcome = engine.check(root, None, settings.load(root)[0])\n"
        "assert (outcome.findings, outcome.problems, outcome.files_checked) == ([], [], 3), outcome\n"
        "heavy = ('libcst', 'multiprocessing', 'wandblint.analysis', 'wandblint.syntax.parsing')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (process.stdout, process.stderr) == ("[]\n", "")


# --- what cannot be read, and what crashes -----------------------------------------------------------


def test_a_file_with_a_syntax_error(tmp_path: Path) -> None:
    result = lint(tmp_path, {"a.py": BROKEN, "b.py": REINIT, "other.py": "x = (\n"})
    assert locations(result) == ["a.py:3:7 WB001", "b.py:3:18 WB101"]
    span = result.findings[0].span
    assert result.texts.text("a.py")[span.start : span.end] == ")"


def test_a_broken_file_that_is_not_selected_is_not_reported(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": BROKEN, "b.py": REINIT})
    assert locations(check(root, ["b.py"], Settings())) == ["b.py:3:18 WB101"]
    assert locations(check(root, None, Settings(ignore=["WB001"]))) == ["b.py:3:18 WB101"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"import wandb  # \xe9\n", "cannot be read: byte 0xe9 in line 1 is not utf-8"),
        (b"# coding: klingon\nimport wandb\n", "cannot be read: unknown encoding: klingon"),
    ],
)
def test_a_file_that_cannot_be_decoded(tmp_path: Path, content: bytes, message: str) -> None:
    root = write(tmp_path, {"a.py": content, "b.py": REINIT, "no_matter.py": b"# \xe9\n"})
    result = check(root, None, Settings())
    assert result.problems == [Problem("a.py", message)]
    assert locations(result) == ["b.py:3:18 WB101"]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    root = write(tmp_path, {"b.py": REINIT})
    result = check(root, ["b.py", "gone.py"], Settings())
    assert result.problems == [Problem("gone.py", "cannot be read: no such file or directory")]
    assert locations(result) == ["b.py:3:18 WB101"]


def test_a_crash_of_the_reader_loses_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = syntax.read

    def fail(path: str, text: str) -> object:
        if path == "a.py":
            raise RecursionError("too\ndeep")
        return original(path, text)

    monkeypatch.setattr(parse_result, "read", fail)
    result = check(write(tmp_path, {"a.py": REINIT, "b.py": REINIT}), None, Settings())
    assert result.problems == [Problem("a.py", "reading it failed: RecursionError: too deep")]
    assert locations(result) == ["b.py:3:18 WB101"]


def test_a_crash_of_the_analysis_keeps_syntax_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = analysis.analyze_incremental

    def fail(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]
        raise KeyError("run")

    monkeypatch.setattr(analysis, "analyze_incremental", fail)
    files = {"a.py": BROKEN, "b.py": REINIT + "run.log({})  # wandblint: ignore[WB110]\n"}
    result = check(write(tmp_path, files), None, Settings())
    assert result.problems == [Problem("", "the analysis of the project failed: KeyError: 'run'")]
    assert locations(result) == ["a.py:3:7 WB001"]


RULE = """
from wandblint.findings.finding import Severity
from wandblint.rule import Rule

def check(model, options):
    {body}

rule = Rule("{code}", "{name}", Severity.WARNING, "A rule", check, {{"words": ["none"]}})
"""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A rule pack: a rule that crashes after its first finding, and one that reports what it receives."""
    name = "engine_test_pack"
    bodies = {
        "crashing": "yield rule.finding(model.inits[0].span, 'seen', 'none')\n    model.no_such_thing",
        "echoing": "required = model.requirement.specifier\n"
        "    yield rule.finding(model.inits[0].span, f'{required} {options}', 'none')",
    }
    files = {f"{name}/__init__.py": ""}
    for number, (rule, body) in enumerate(bodies.items(), 1):
        files[f"{name}/{rule}.py"] = RULE.format(body=body, code=f"ENG00{number}", name=rule)
    monkeypatch.syspath_prepend(str(write(tmp_path / "packs", files)))
    return name


def test_a_crash_of_a_rule_loses_only_its_findings(tmp_path: Path, pack: str) -> None:
    root = write(tmp_path / "project", {"a.py": REINIT})
    result = check(root, None, Settings(plugins=[pack]))
    why = "AttributeError: 'TrackingModel' object has no attribute 'no_such_thing'"
    assert result.problems == [Problem("", f"rule ENG001 crashing crashed: {why}")]
    assert locations(result) == ["a.py:3:7 ENG002", "a.py:3:18 WB101"]


def test_rules_receive_their_options_and_the_required_wandb(tmp_path: Path, pack: str) -> None:
    files = {"a.py": REINIT, "requirements.txt": "wandb>=0.17\n"}
    root = write(tmp_path / "project", files)
    by_default, changed = (
        check(root, None, Settings(plugins=[pack], select=["ENG002"], rules=options, wandb_version=version))
        for options, version in (({}, None), ({"echoing": {"words": ["some"]}}, ">=0.20"))
    )
    assert [finding.message for finding in by_default.findings] == [">=0.17 {'words': ['none']}"]
    assert [finding.message for finding in changed.findings] == [">=0.20 {'words': ['some']}"]


def test_syntax_of_a_newer_python_is_not_an_error(tmp_path: Path) -> None:
    newer = "# wandb\nname = '\\N{no such character}'\n"
    result = lint(tmp_path, {"a.py": newer, "b.py": newer, "c.py": REINIT, "other.py": newer[8:]})
    assert locations(result) == ["c.py:3:18 WB101"]
    assert result.newer_syntax == Problem(
        "a.py",
        "line 2, like 1 more file, holds an expression that this Python cannot parse; "
        "wandblint knows its value only under a newer Python",
    )
    assert lint(tmp_path, {"a.py": "# wandb\n", "b.py": "# wandb\n"}).newer_syntax is None
