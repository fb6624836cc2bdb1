"""`--output-format` and `--output`: several reports of one run."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.programs import wandblint, write


def test_standard_output_and_files_in_one_run(project: Path) -> None:
    result = wandblint("--output", "sarif=out.sarif", "--output", "junit=out.xml", cwd=project)
    assert result.code == 1
    assert "WB201 warning: " in result.out
    assert result.out.endswith(" more with --unsafe-fixes.\n")
    results = json.loads((project / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert sorted(result["ruleId"] for result in results) == ["WB101", "WB201"]
    assert (project / "out.xml").read_text(encoding="utf-8").count("<failure ") == 2


def test_a_file_has_no_colours(project: Path) -> None:
    wandblint("--output", "text=out.txt", "--color", "always", cwd=project)
    text = (project / "out.txt").read_text(encoding="utf-8")
    assert "\x1b" not in text
    assert text == wandblint(cwd=project).out


def test_a_sarif_log_lists_the_checked_rules(project: Path) -> None:
    result = wandblint("--select", "WB101,WB201", "--output-format", "sarif", cwd=project)
    driver = json.loads(result.out)["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["WB101", "WB201"]
    assert all("## Cases" not in rule["help"]["markdown"] for rule in driver["rules"])


def test_problems_are_in_the_report(project: Path) -> None:
    write(project, {"lib/broken.py": "import wandb\n"})
    (project / "lib" / "broken.py").write_bytes(b"import wandb\n\xff\n")
    result = wandblint("--output-format", "sarif", cwd=project)
    assert result.code == 2
    (invocation,) = json.loads(result.out)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert (
        notification["message"]["text"] == "lib/broken.py: cannot be read: byte 0xff in line 2 is not utf-8"
    )


def test_a_report_that_cannot_be_written_is_named_and_the_others_are_written(project: Path) -> None:
    result = wandblint("--output", "json=none/out.json", "--output", "gitlab=out.json", cwd=project)
    assert result.code == 2
    assert result.err == "error: none/out.json: cannot write the report: no such file or directory\n"
    assert len(json.loads((project / "out.json").read_text(encoding="utf-8"))) == 2
    assert "WB201 warning: " in result.out


def test_paths_are_relative_to_the_workspace_of_the_ci_service(project: Path) -> None:
    here = project / "scripts"
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"):
        result = wandblint(
            "--output-format", "gitlab", "..", cwd=here, **{variable: str(project.parent), "CI": "true"}
        )
        assert json.loads(result.out)[0]["location"]["path"] == "project/lib/tracking.py"
    result = wandblint("--output-format", "gitlab", "..", cwd=here, GITHUB_WORKSPACE=str(project / "other"))
    assert json.loads(result.out)[0]["location"]["path"] == "../lib/tracking.py"


def test_an_output_must_name_its_format(project: Path) -> None:
    result = wandblint("--output", "out.sarif", cwd=project)
    assert result.code == 2
    assert result.err.endswith("; did you mean `sarif=out.sarif`?\n")
    result = wandblint("--output", "junit", cwd=project)
    assert result.err.endswith("; did you mean `junit=wandblint.xml`?\n")
    result = wandblint("--output", "sarf=out.sarif", cwd=project)
    assert result.code == 2
    assert result.err.endswith("; did you mean `sarif`?\n")
    result = wandblint("--output", "sarif=out", "--output", "json=out", cwd=project)
    assert result.code == 2
    assert result.err.endswith("`out` cannot hold two reports (sarif and json)\n")
    assert not (project / "out").exists()


def test_a_configured_severity_is_in_every_report(project: Path) -> None:
    settings = '[tool.wandblint.rules.reinit-bool]\nseverity = "error"\n'
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    result = wandblint("--select", "WB101", "--output", "sarif=out.sarif", cwd=project)
    assert "WB101 error: " in result.out
    (run,) = json.loads((project / "out.sarif").read_text(encoding="utf-8"))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"]["level"] == run["results"][0]["level"] == "error"
