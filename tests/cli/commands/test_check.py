from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write

REPORT = """\
WB101 warning: {messages[0]} [fix]
  ┌─ lib/tracking.py:5:53
5 │     run = wandb.init(project="demo", config=config, reinit=True)
  │                                                     ^^^^^^^^^^^
  = help: {helps[0]}

WB201 warning: {messages[1]} [unsafe fix]
   ┌─ lib/tracking.py:11:14
 6 │     run.define_metric("fit/*", step_metric="fit/epoch")
   │                       ------- {words[1]}
   ⋮
11 │     run.log({{f"{{phase}}/loss": loss, f"{{phase}}/epoch": epoch}})
   │              ^^^^^^^^^^^^^^^
   = scripts/train.py:6:20  {words[0]}
   = help: {helps[1]}

Found 2 warnings in 1 file; 2 files read.
Fixable: 1 with --fix, 1 more with --unsafe-fixes.
"""


def report(project: Path) -> str:
    """The text report of the project, with the messages of the rules."""
    findings = json.loads(wandblint("--output-format", "json", cwd=project).out)
    return REPORT.format(
        messages=[item["message"] for item in findings],
        helps=[item["help"] for item in findings],
        words=[note["message"] for item in findings for note in item["related"]],
    )


def codes(out: str) -> list[str]:
    """The codes of a concise report."""
    return [line.split(" ")[1] for line in out.splitlines()]


def test_the_report(project: Path) -> None:
    result = wandblint(cwd=project)
    assert (result.code, result.out, result.err) == (1, report(project), "")


@pytest.mark.parametrize("arguments", [("check",), (".",), ("check", "lib"), ("--color", "never", "lib")])
def test_check_is_the_default_verb(project: Path, arguments: tuple[str, ...]) -> None:
    assert wandblint(*arguments, cwd=project).out == report(project)


def test_concise_format(project: Path) -> None:
    result = wandblint("--output-format", "concise", cwd=project)
    lines = result.out.splitlines()
    assert [line.split(" ")[:2] for line in lines] == [
        ["lib/tracking.py:5:53:", "WB101"],
        ["lib/tracking.py:11:14:", "WB201"],
    ]
    assert result.code == 1


def test_json_format(project: Path) -> None:
    findings = json.loads(wandblint("--output-format", "json", cwd=project).out)
    assert [(item["code"], item["filename"], item["location"]) for item in findings] == [
        ("WB101", "lib/tracking.py", {"row": 5, "column": 53}),
        ("WB201", "lib/tracking.py", {"row": 11, "column": 14}),
    ]


def test_json_format_of_a_clean_project(clean: Path) -> None:
    result = wandblint("--output-format", "json", cwd=clean)
    assert (result.code, result.out) == (0, "[]\n")


def test_filenames_are_relative_to_the_working_folder(project: Path) -> None:
    result = wandblint("../lib", "--output-format", "concise", cwd=project / "scripts")
    assert result.out.startswith("../lib/tracking.py:5:53: WB101 ")


def test_paths_select_what_is_reported_and_not_what_is_read(project: Path) -> None:
    assert codes(wandblint("lib/tracking.py", "--output-format", "concise", cwd=project).out) == [
        "WB101",
        "WB201",
    ]
    result = wandblint("scripts", cwd=project)
    assert (result.code, result.out) == (0, "All good: 1 file checked; 2 files read.\n")


def test_several_projects_are_linted_in_order(project: Path, clean: Path, tmp_path: Path) -> None:
    other = write(
        tmp_path / "other", {"pyproject.toml": "", "a.py": "import wandb\nwandb.init(reinit=True)\n"}
    )
    result = wandblint(str(other), str(project), str(clean), "--output-format", "concise", cwd=tmp_path)
    assert [line.split(":")[0] for line in result.out.splitlines()] == [
        "other/a.py",
        "project/lib/tracking.py",
        "project/lib/tracking.py",
    ]


def test_a_project_inside_a_named_one_is_reported_once(project: Path) -> None:
    write(project, {"inner/pyproject.toml": "", "inner/a.py": "import wandb\nwandb.init(reinit=True)\n"})
    result = wandblint(".", "inner", "--output-format", "concise", cwd=project)
    assert codes(result.out) == ["WB101", "WB101", "WB201"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--select", "WB101"), ["WB101"]),
        (("--select", "WB1,metric-not-covered"), ["WB101", "WB201"]),
        (("--select", "WB1", "--select", "WB2"), ["WB101", "WB201"]),
        (("--ignore", "WB1"), ["WB201"]),
        (("--select", "ALL", "--ignore", "reinit-bool, WB2"), []),
        (("--select", "WB101", "--extend-select", "WB201"), ["WB101", "WB201"]),
    ],
)
def test_the_selection(project: Path, arguments: tuple[str, ...], expected: list[str]) -> None:
    result = wandblint("--output-format", "concise", *arguments, cwd=project)
    assert codes(result.out) == expected
    assert result.code == (1 if expected else 0)


def test_the_command_line_overrides_the_settings(project: Path) -> None:
    write(project, {"pyproject.toml": '[tool.wandblint]\nselect = ["WB201"]\nignore = ["WB101"]\n'})
    assert codes(wandblint("--output-format", "concise", cwd=project).out) == ["WB201"]
    assert codes(wandblint("--output-format", "concise", "--select", "WB101", cwd=project).out) == ["WB101"]
    assert codes(wandblint("--output-format", "concise", "--extend-select", "WB1", cwd=project).out) == [
        "WB101",
        "WB201",
    ]
    assert codes(wandblint("--output-format", "concise", "--ignore", "WB2", cwd=project).out) == []
    assert codes(wandblint("--output-format", "concise", "--isolated", cwd=project).out) == ["WB101", "WB201"]


def test_a_custom_settings_file(project: Path, tmp_path: Path) -> None:
    write(tmp_path, {"mine.toml": 'select = ["WB201"]\n'})
    result = wandblint("--output-format", "concise", "--config", "../mine.toml", cwd=project)
    assert codes(result.out) == ["WB201"]


def test_exit_zero(project: Path) -> None:
    assert wandblint("--exit-zero", cwd=project).code == 0


def test_statistics(project: Path) -> None:
    table = (
        "Code   Rule                Findings\n"
        "WB101  reinit-bool                1\n"
        "WB201  metric-not-covered         1\n"
    )
    coverage = "1 direct log call: all keys known at 1 (100 %), at least one at 1 (100 %).\n"
    assert f"{table}\n{coverage}" in wandblint("--statistics", cwd=project).out
    report = json.loads(wandblint("--statistics", "--output-format", "json", cwd=project).out)
    assert len(report["findings"]) == 2
    assert report["statistics"]["rules"] == {"WB101": 1, "WB201": 1}
    assert report["statistics"]["log_calls"]["all_keys_known"] == 1


UNCERTAIN_RULE = """\
from wandblint.findings.finding import Confidence, Severity
from wandblint.rule import Rule

def check(model, options):
    for init in model.inits:
        yield rule.finding(init.span, "it may be wrong", "look", confidence=Confidence.MEDIUM)

rule = Rule("OUR001", "guess", Severity.WARNING, "A guess", check)
"""


def test_uncertain_findings_can_be_hidden(clean: Path) -> None:
    write(clean, {"guesses/__init__.py": "", "guesses/guess.py": UNCERTAIN_RULE})
    write(clean, {"train.py": "import wandb\nwandb.init()\n"})
    # A pack is an installed distribution: wandblint does not search the linted folder for one.
    installed = os.pathsep.join(filter(None, [str(clean), os.environ.get("PYTHONPATH")]))
    arguments = ("--output-format", "concise", "--plugin", "guesses")
    everything = wandblint(*arguments, cwd=clean, PYTHONPATH=installed)
    assert codes(everything.out) == ["OUR001"]
    result = wandblint(*arguments, "--min-confidence", "high", cwd=clean, PYTHONPATH=installed)
    assert (result.code, result.out) == (0, "")


def test_quiet_prints_findings_only(project: Path, clean: Path) -> None:
    assert wandblint("--quiet", cwd=clean).out == ""
    assert wandblint("-q", cwd=project).out == report(project).rpartition("Found")[0]


def test_suppressed_findings_are_counted(clean: Path) -> None:
    write(clean, {"train.py": "import wandb\n\nwandb.init(reinit=True)  # wandblint: ignore[WB101]\n"})
    assert wandblint(cwd=clean).out == "All good: 1 file checked (1 suppressed); 1 file read.\n"


def test_standard_input_replaces_a_file(project: Path) -> None:
    text = (project / "lib/tracking.py").read_text(encoding="utf-8").replace(", reinit=True", "")
    result = wandblint(
        "-", "--stdin-filename", "lib/tracking.py", "--output-format", "concise", cwd=project, stdin=text
    )
    assert result.out.startswith("lib/tracking.py:11:14: WB201 ")
    assert result.code == 1


def test_standard_input_without_a_name(clean: Path) -> None:
    result = wandblint(
        "-", "--output-format", "concise", cwd=clean, stdin="import wandb\nwandb.init(reinit=True)\n"
    )
    assert result.out.startswith("stdin.py:2:12: WB101 ")


def test_show_files(project: Path) -> None:
    result = wandblint("--show-files", cwd=project)
    assert result.out == "lib/__init__.py\nlib/tracking.py\nscripts/train.py\n"
    assert wandblint("--show-files", "../scripts", cwd=project / "lib").out == "../scripts/train.py\n"


def test_show_settings(project: Path) -> None:
    write(project, {"pyproject.toml": '[tool.wandblint]\nextend-select = ["WB211"]\n'})
    result = wandblint("--show-settings", "--ignore", "WB1", cwd=project)
    assert result.out.splitlines()[:2] == [
        "# project ., settings of pyproject.toml",
        "# wandb: any version, because no file requires one",
    ]
    selected = next(line for line in result.out.splitlines() if line.startswith("select = "))
    assert '"WB202", "WB211"' in selected
    assert "WB1" not in selected
    assert result.code == 0


def test_show_settings_says_what_the_required_wandb_silences(project: Path) -> None:
    write(project, {"requirements.txt": "wandb==0.18.0\n"})
    lines = wandblint("--show-settings", cwd=project).out.splitlines()
    assert lines[:4] == [
        "# project ., no settings file",
        "# wandb: ==0.18.0, required by requirements.txt",
        "# WB101 reinit-bool is silent unless a run is open: only wandb 0.19.9 and newer take other values",
        "# WB701 removed-api is silent about what wandb removed after 0.18.0",
    ]
    assert "WB101" not in "".join(wandblint("--show-settings", "--ignore", "WB101", cwd=project).out)
    out = wandblint("--show-settings", "--config", "wandb-version = '>=0.20'", cwd=project).out
    assert "# wandb: >=0.20, by the setting `wandb-version`\nbaseline = " in out


def test_the_report_is_the_same_every_time(project: Path) -> None:
    runs = {
        wandblint("--output-format", "json", cwd=project, PYTHONHASHSEED=str(seed)).out for seed in range(3)
    }
    assert len(runs) == 1


def test_excluded_files_named_on_the_command_line(project: Path) -> None:
    write(project, {"wandblint.toml": 'exclude = ["lib"]\n'})
    assert wandblint("lib/tracking.py", "scripts", cwd=project).code == 1
    result = wandblint("--force-exclude", "lib/tracking.py", "scripts", cwd=project)
    assert (result.code, result.out) == (0, "All good: 1 file checked; 0 files read.\n")
    shown = wandblint("--force-exclude", "--show-files", "lib/tracking.py", "scripts", cwd=project)
    assert shown.out == "scripts/train.py\n"


def test_a_file_name_that_begins_with_a_dash_is_not_an_option(clean: Path) -> None:
    write(clean, {"--select.py": "import wandb\nwandb.init(reinit=True)\n"})
    result = wandblint("--output-format", "concise", "--select.py", cwd=clean)
    assert result.out.startswith("--select.py:2:12: WB101 ")
    assert "no such option: --ignore.py" in wandblint("--ignore.py", cwd=clean).err
