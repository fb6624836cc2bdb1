"""The action and the examples of docs/ci.md: valid, and their shell steps run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.cli.programs import environment, write
from tests.test_packaging import wheel
from wandblint import __version__

__all__ = ["wheel"]

ROOT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
DOCS = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the steps are of a Unix shell")


def example(title: str) -> str:
    """The fenced block with this title."""
    match = re.search(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', DOCS, re.DOTALL)
    assert match, title
    return match[1]


def shell(script: str, cwd: Path, *options: str, **variables: str) -> int:
    command = ["bash", *options, "-c", script]
    result = subprocess.run(command, cwd=cwd, env=environment(**variables), check=False, capture_output=True)
    return result.returncode


def inputs(**values: str) -> dict[str, str]:
    return {name: values.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}


def environment_of(step: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """The environment of a step, its expressions replaced as GitHub does."""
    known = {f"inputs.{name}": value for name, value in values.items()} | {"github.action_path": str(ROOT)}
    return {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: known[match[1]], value)
        for name, value in step["env"].items()
    }


class Runner:
    """Runs the steps of the action like GitHub's runner; the wheel of this tree replaces PyPI."""

    def __init__(self, folder: Path, packages: Path, workspace: Path) -> None:
        self.temporary = folder / "a folder"
        self.temporary.mkdir()
        self.output = folder / "output"
        self.workspace = workspace
        self._variables = {
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_WORKSPACE": str(workspace),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(packages),
            "PIP_NO_DEPS": "1",
            # The dependencies, which the registry would provide, are those of the tests.
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("site-packages")),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        }

    def run(self, **values: str) -> int:
        """The exit code of the action's shell steps."""
        for step in ACTION["runs"]["steps"]:
            if "run" not in step:
                continue
            assert step["shell"] == "bash"
            variables = {**self._variables, **environment_of(step, inputs(version=__version__, **values))}
            # As the runner calls bash.
            options = ("--noprofile", "--norc", "-eo", "pipefail")
            if code := shell(step["run"], self.workspace, *options, **variables):
                return code
        return 0

    def results(self) -> list[str]:
        """Code and file of each finding in the log that the action names."""
        name, _, file = self.output.read_text(encoding="utf-8").splitlines()[-1].partition("=")
        assert name == "sarif"
        run = json.loads(Path(file).read_text(encoding="utf-8"))["runs"][0]
        return [
            f"{finding['ruleId']} {finding['locations'][0]['physicalLocation']['artifactLocation']['uri']}"
            for finding in run["results"]
        ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    bad = "import wandb\n\nwandb.init(reinit=True)\n"
    return write(tmp_path / "project", {"pyproject.toml": "", "a b/train.py": bad, "other.py": bad})


@pytest.fixture
def runner(tmp_path: Path, wheel: Path, project: Path) -> Runner:
    return Runner(tmp_path, wheel.parent, project)


def test_the_action_fails_with_findings_and_leaves_a_log(runner: Runner) -> None:
    assert runner.run() == 1
    assert runner.results() == ["WB101 a%20b/train.py", "WB101 other.py"]


def test_paths_and_arguments_of_the_action(runner: Runner) -> None:
    assert runner.run(paths="a b\n\n", arguments="--select WB101 --statistics") == 1
    assert runner.results() == ["WB101 a%20b/train.py"]
    assert runner.run(arguments="--select WB202") == 0
    assert runner.run(arguments="--select *") == 2
    assert runner.run(paths="$(touch hacked)", arguments="; touch hacked") == 2
    assert not (runner.workspace / "hacked").exists()


def test_the_action_uses_what_it_declares() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(ACTION["inputs"])
    documented = set(re.findall(r"^\| `([\w-]+)` \|", DOCS.partition("| input |")[2], re.MULTILINE))
    assert documented == set(ACTION["inputs"])
    upload = ACTION["runs"]["steps"][-1]
    assert upload["if"].startswith("always() && inputs.upload-sarif == 'true'")


def test_the_workflow_in_the_docs() -> None:
    workflow = yaml.safe_load(example(".github/workflows/wandblint.yml"))
    (job,) = workflow["jobs"].values()
    last_step = job["steps"][-1]
    assert last_step["uses"].startswith("wandblint/wandblint@")
    assert set(last_step["with"]) <= set(ACTION["inputs"])
    assert workflow["permissions"]["security-events"] == "write"


def test_the_hooks_in_the_docs() -> None:
    (repository,) = yaml.safe_load(example(".pre-commit-config.yaml"))["repos"]
    ids = [hook["id"] for hook in HOOKS]
    assert repository["hooks"][0]["id"] in ids
    assert re.findall(r"^\| `(wandblint[\w-]*)` \|", DOCS, re.MULTILINE) == ids


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """A PATH whose `pip` installs nothing and whose `wandblint` is this one."""
    folder = tmp_path / "programs"
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m wandblint "$@"\n'
    write(folder, {"wandblint": script, "pip": "#!/bin/sh\n[ install = $1 ]\n"})
    for name in ("wandblint", "pip"):
        (folder / name).chmod(0o755)
    return os.pathsep.join((str(folder), str(Path(sys.executable).parent), os.environ["PATH"]))


def test_the_job_of_gitlab(project: Path, programs: str) -> None:
    (job,) = yaml.safe_load(example(".gitlab-ci.yml")).values()
    variables = {"PATH": programs, "PYTHONPATH": str(ROOT), "CI_PROJECT_DIR": str(project)}
    assert shell("\n".join(job["script"]), project, "-e", **variables) == 1
    issues = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert [issue["location"]["path"] for issue in issues] == ["a b/train.py", "other.py"]
    assert job["artifacts"]["when"] == "always"


def test_the_pipeline_of_jenkins(project: Path, programs: str) -> None:
    pipeline = example("Jenkinsfile")
    steps = [step.replace(".venv/bin/", "") for step in re.findall(r"sh '(.*)'", pipeline)]
    assert len(steps) == 3
    codes = [shell(step, project, PATH=programs, PYTHONPATH=str(ROOT)) for step in steps[1:]]
    assert codes == [0, 1]
    (report,) = re.findall(r"junit '(.*)'", pipeline)
    assert len(ET.parse(project / report).findall("testsuite/testcase/failure")) == 2
