"""`--output-format` and `--output`: several reports of one run."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.programs import wandblint, write


def test_standard_output_and_files_in_one_run(project: Path) -> None:
    done = wandblint("--output", "sarif=out.sarif", "--output", "junit=out.xml", cwd=project)
    assert done.code == 1
    assert "WB201 warning: " in done.out
    assert done.out.endswith(" more with --unsafe-fixes.\n")
    results = json.loads((project / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert sorted(result["ruleId"] for result in results) == ["WB101", "WB201"]
    assert (project / "out.xml").read_text(encoding="utf-8").count("<failure ") == 2


def test_a_file_has_no_colours(project: Path) -> None:
    wandblint("--output", "text=out.txt", "--color", "always", cwd=project)
    text = (project / "out.txt").read_text(encoding="utf-8")
    assert "\x1b" not in text
    assert text == wandblint(cwd=project).out


def test_the_rules_of_a_sarif_log_are_those_that_were_checked(project: Path) -> None:
    done = wandblint("--select", "WB101,WB201", "--output-format", "sarif", cwd=project)
    driver = json.loads(done.out)["runs"][0]["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["WB101", "WB201"]
    assert all("## Cases" not in rule["help"]["markdown"] for rule in driver["rules"])


def test_what_could_not_be_done_is_in_the_report(project: Path) -> None:
    write(project, {"lib/broken.py": "import wandb\n"})
    (project / "lib" / "broken.py").write_bytes(b"import wandb\n\xff\n")
    done = wandblint("--output-format", "sarif", cwd=project)
    assert done.code == 2
    (invocation,) = json.loads(done.out)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"] == "lib/broken.py: cannot be read: byte 0xff in line 2 is not utf-8"


def test_a_report_that_cannot_be_written_is_named_and_the_others_are_written(project: Path) -> None:
    done = wandblint("--output", "json=none/out.json", "--output", "gitlab=out.json", cwd=project)
    assert done.code == 2
    assert done.err == "error: none/out.json: cannot write the report: no such file or directory\n"
    assert len(json.loads((project / "out.json").read_text(encoding="utf-8"))) == 2
    assert "WB201 warning: " in done.out


def test_paths_are_those_of_the_ci_service(project: Path) -> None:
    here = project / "scripts"
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"):
        done = wandblint(
            "--output-format", "gitlab", "..", cwd=here, **{variable: str(project.parent), "CI": "true"}
        )
        assert json.loads(done.out)[0]["location"]["path"] == "project/lib/tracking.py"
    done = wandblint("--output-format", "gitlab", "..", cwd=here, GITHUB_WORKSPACE=str(project / "other"))
    assert json.loads(done.out)[0]["location"]["path"] == "../lib/tracking.py"


def test_an_output_names_its_format(project: Path) -> None:
    done = wandblint("--output", "out.sarif", cwd=project)
    assert done.code == 2
    assert done.err.endswith("; did you mean `sarif=out.sarif`?\n")
    done = wandblint("--output", "junit", cwd=project)
    assert done.err.endswith("; did you mean `junit=wandblint.xml`?\n")
    done = wandblint("--output", "sarf=out.sarif", cwd=project)
    assert done.code == 2
    assert done.err.endswith("; did you mean `sarif`?\n")
    done = wandblint("--output", "sarif=out", "--output", "json=out", cwd=project)
    assert done.code == 2
    assert done.err.endswith("`out` cannot hold two reports (sarif and json)\n")
    assert not (project / "out").exists()


def test_a_rule_of_another_severity_has_it_in_every_report(project: Path) -> None:
    settings = '[tool.wandblint.rules.reinit-bool]\nseverity = "error"\n'
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    done = wandblint("--select", "WB101", "--output", "sarif=out.sarif", cwd=project)
    assert "WB101 error: " in done.out
    (run,) = json.loads((project / "out.sarif").read_text(encoding="utf-8"))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"]["level"] == run["results"][0]["level"] == "error"
