"""The engine on real folders: what is read, what is reported, what is suppressed, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from wandblint import analysis, syntax
from wandblint.app.settings import Settings
from wandblint.engine import CheckResult, Problem, check, enabled_rules
from wandblint.findings.finding import Finding, Severity
from wandblint.rule import Rule
from wandblint.span import Span
from wandblint.syntax import result

REINIT = "import wandb\n\nrun = wandb.init(reinit=True)\n"
BROKEN = "import wandb\n\nrun = )\n"


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def places(outcome: CheckResult) -> list[str]:
    """The findings as `path:row:column code`."""
    found = []
    for finding in outcome.findings:
        row, column = outcome.texts.lines(finding.span.path).position(finding.span.start)
        found.append(f"{finding.span.path}:{row}:{column} {finding.code}")
    return found


def lint(root: Path, files: Mapping[str, str | bytes], settings: Settings | None = None) -> CheckResult:
    outcome = check(write(root, files), None, settings or Settings())
    assert outcome.problems == []
    return outcome


def codes(settings: Settings) -> set[str]:
    return {rule.code for rule in enabled_rules(settings)}


# --- which rules -----------------------------------------------------------------------------------


def test_notes_are_off_by_default() -> None:
    assert {"WB001", "WB002", "WB101", "WB201"} <= codes(Settings())
    assert "WB211" not in codes(Settings())
    assert "WB211" in codes(Settings(extend_select=["WB211"]))
    assert codes(Settings(extend_select=["unused-definition"])) == codes(Settings()) | {"WB211"}


STEP_BESIDE_AN_AXIS = """\
import wandb

run = wandb.init()
run.define_metric("loss", step_metric="epoch")
for epoch in range(10):
    for batch in range(10):
        run.log({"loss": batch, "epoch": epoch}, step={step})
"""


@pytest.mark.parametrize(
    ("step", "settings", "severities"),
    [
        ("epoch", Settings(), []),
        ("epoch", Settings(extend_select=["WB301"]), [Severity.NOTE]),
        ("batch", Settings(), [Severity.WARNING]),
    ],
)
def test_a_rule_of_notes_that_can_warn_is_on_for_its_warnings(
    tmp_path: Path, step: str, settings: Settings, severities: list[Severity]
) -> None:
    outcome = lint(tmp_path, {"a.py": STEP_BESIDE_AN_AXIS.replace("{step}", step)}, settings)
    assert [finding.severity for finding in outcome.findings] == severities


def rated(name: str, severity: str, **others: Any) -> Settings:
    return Settings(rules={name: {"severity": severity}}, **others)


@pytest.mark.parametrize(
    ("step", "settings", "severities"),
    [
        ("epoch", rated("step-with-custom-axis", "warning"), [Severity.WARNING]),
        ("epoch", rated("step-with-custom-axis", "error"), [Severity.ERROR]),
        ("batch", rated("step-with-custom-axis", "error"), [Severity.ERROR]),
        ("batch", rated("step-with-custom-axis", "note"), []),
        ("batch", rated("step-with-custom-axis", "note", extend_select=["WB301"]), [Severity.NOTE]),
        ("epoch", rated("step-with-custom-axis", "error", ignore=["WB301"]), []),
    ],
)
def test_the_settings_give_a_rule_another_severity(
    tmp_path: Path, step: str, settings: Settings, severities: list[Severity]
) -> None:
    outcome = lint(tmp_path, {"a.py": STEP_BESIDE_AN_AXIS.replace("{step}", step)}, settings)
    assert [finding.severity for finding in outcome.findings] == severities


def test_what_a_rule_calls_milder_than_itself_stays_as_mild() -> None:
    span = Span("a.py", 0, 1)
    severities = (Severity.ERROR, Severity.WARNING, Severity.NOTE)

    def check(model: object, options: object) -> Iterator[Finding]:
        yield from (rule.finding(span, "", "", severity=severity) for severity in severities)

    rule = Rule("OUR001", "our-rule", Severity.WARNING, "Ours", check)
    made = {
        severity: [one.severity for one in graded(None, {})]  # type: ignore[arg-type]
        for severity in severities
        if (graded := rule.with_severity(severity).check) is not None
    }
    assert made == {
        Severity.ERROR: [Severity.ERROR, Severity.ERROR, Severity.NOTE],
        Severity.WARNING: [Severity.WARNING, Severity.WARNING, Severity.NOTE],
        Severity.NOTE: [Severity.NOTE, Severity.NOTE, Severity.NOTE],
    }


def test_the_severity_of_what_the_engine_itself_finds(tmp_path: Path) -> None:
    outcome = lint(tmp_path, {"a.py": "import wandb\nrun = = 1\n"}, rated("syntax-error", "warning"))
    assert [(one.code, one.severity) for one in outcome.findings] == [("WB001", Severity.WARNING)]


@pytest.mark.parametrize(
    ("settings", "selected"),
    [
        (Settings(select=["WB101", "always-none-guard"]), {"WB101", "WB110"}),
        (Settings(select=["WB2"], ignore=["WB211"]), {"WB201", "WB202"}),
        (Settings(select=["WB211"], ignore=["WB2"]), {"WB211"}),
        (Settings(select=["WB21"], ignore=["WB2"]), {"WB211"}),
        (Settings(select=["WB211"], ignore=["WB211"]), set()),
        (Settings(select=["WB1"], extend_select=["WB301"], ignore=["ALL"]), {"WB101", "WB110", "WB301"}),
        (Settings(select=["ALL"], ignore=["ALL"]), set()),
        (Settings(ignore=["WB0", "WB1", "WB2", "WB3"]), set()),
    ],
)
def test_the_more_specific_selector_wins(settings: Settings, selected: set[str]) -> None:
    assert (
        codes(settings) & {"WB001", "WB002", "WB101", "WB110", "WB201", "WB202", "WB211", "WB301"} == selected
    )


# --- what is read, and what is reported --------------------------------------------------------------

HELPER = "import wandb\n\ndef start():\n    return wandb.init(reinit=True)\n"
TRAIN = "from lib.helper import start\n\nrun = start()\nrun.log({'loss': 1})\n"


def test_all_files_are_reported(tmp_path: Path) -> None:
    outcome = lint(tmp_path, {"lib/helper.py": HELPER, "train.py": REINIT, "other.py": "x = 1\n"})
    assert places(outcome) == ["lib/helper.py:4:23 WB101", "train.py:3:18 WB101"]
    assert (outcome.files_checked, outcome.files_read, outcome.suppressed) == (3, 2, 0)


def test_the_context_is_the_whole_project(tmp_path: Path) -> None:
    tracking = (
        "import wandb\n\ndef start():\n    run = wandb.init()\n"
        "    run.define_metric('fit/*', step_metric='fit/step')\n    return run\n"
    )
    train = "from lib.tracking import start\n\nrun = start()\nrun.log({'fit/loss': 1})\n"
    root = write(tmp_path, {"lib/tracking.py": tracking, "scripts/train.py": train})
    everything = check(root, None, Settings(select=["WB202"]))
    assert [finding.span.path for finding in everything.findings] == ["lib/tracking.py"]
    one = check(root, ["lib/tracking.py"], Settings(select=["WB202"]))
    assert one.findings == everything.findings
    assert (one.files_checked, one.files_read) == (1, 2)
    assert check(root, ["scripts/train.py"], Settings(select=["WB202"])).findings == []


def test_a_named_file_is_read_even_if_left_out(tmp_path: Path) -> None:
    root = write(
        tmp_path, {".gitignore": "*_old.py", "a_old.py": REINIT, "build/b.py": REINIT, "c.py": REINIT}
    )
    assert places(check(root, None, Settings())) == ["c.py:3:18 WB101"]
    named = check(root, ["a_old.py", "build/b.py"], Settings())
    assert places(named) == ["a_old.py:3:18 WB101", "build/b.py:3:18 WB101"]


@pytest.mark.parametrize("name", ["train.py", "not/there/yet.py"])
def test_standard_input_stands_for_a_file(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {"train.py": "import wandb\n"})
    outcome = check(root, [name], Settings(), given={name: f"\r\n{REINIT}"})
    assert places(outcome) == [f"{name}:4:18 WB101"]
    assert outcome.problems == []


@pytest.mark.parametrize("text", [REINIT.replace("\n", "\r\n"), f"\ufeff{REINIT}", REINIT.rstrip("\n")])
def test_places_in_any_kind_of_file(tmp_path: Path, text: str) -> None:
    assert places(lint(tmp_path, {"a.py": text})) == ["a.py:3:18 WB101"]


def test_per_file_ignores(tmp_path: Path) -> None:
    settings = Settings(per_file_ignores={"tests/": ["WB1"], "b*.py": ["reinit-bool"], "/c.py": ["WB2"]})
    outcome = lint(tmp_path, dict.fromkeys(("tests/deep/a.py", "lib/b1.py", "c.py"), REINIT), settings)
    assert places(outcome) == ["c.py:3:18 WB101"]
    assert outcome.suppressed == 0


def test_findings_are_sorted_and_the_same_every_time(tmp_path: Path) -> None:
    files = {"b.py": REINIT + REINIT, "a.py": BROKEN, "c.py": "# wandblint: ignore-file[WB999]\n" + REINIT}
    first, second = lint(tmp_path, files), lint(tmp_path, files)
    assert first.findings == second.findings
    assert first.findings == sorted(first.findings, key=lambda finding: finding.sort_key)
    assert [place.split(":")[0] for place in places(first)] == ["a.py", "b.py", "b.py", "c.py", "c.py"]


def test_progress_is_told(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": REINIT, "b.py": REINIT, "c.py": "x = 1\n"})
    told: list[tuple[int, int]] = []
    check(root, None, Settings(), progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_a_project_without_wandb_costs_no_parser(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import torch\n", "b.py": "x = (\n", "c.py": b"# \xff"})
    program = (
        "import sys; from pathlib import Path; from wandblint import engine\n"
        "from wandblint.app import settings\n"
        f"root = Path({str(tmp_path)!r}); outcome = engine.check(root, None, settings.load(root)[0])\n"
        "assert (outcome.findings, outcome.problems, outcome.files_checked) == ([], [], 3), outcome\n"
        "heavy = ('libcst', 'multiprocessing', 'wandblint.analysis', 'wandblint.syntax.parsing')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


# --- what cannot be read, and what crashes -----------------------------------------------------------


def test_a_file_that_is_no_python(tmp_path: Path) -> None:
    outcome = lint(tmp_path, {"a.py": BROKEN, "b.py": REINIT, "other.py": "x = (\n"})
    assert places(outcome) == ["a.py:3:7 WB001", "b.py:3:18 WB101"]
    span = outcome.findings[0].span
    assert outcome.texts.text("a.py")[span.start : span.end] == ")"


def test_a_broken_file_that_is_not_wanted_is_not_reported(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": BROKEN, "b.py": REINIT})
    assert places(check(root, ["b.py"], Settings())) == ["b.py:3:18 WB101"]
    assert places(check(root, None, Settings(ignore=["WB001"]))) == ["b.py:3:18 WB101"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"import wandb  # \xe9\n", "cannot be read: byte 0xe9 in line 1 is not utf-8"),
        (b"# coding: klingon\nimport wandb\n", "cannot be read: unknown encoding: klingon"),
    ],
)
def test_a_file_that_cannot_be_decoded(tmp_path: Path, content: bytes, message: str) -> None:
    root = write(tmp_path, {"a.py": content, "b.py": REINIT, "no_matter.py": b"# \xe9\n"})
    outcome = check(root, None, Settings())
    assert outcome.problems == [Problem("a.py", message)]
    assert places(outcome) == ["b.py:3:18 WB101"]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    root = write(tmp_path, {"b.py": REINIT})
    outcome = check(root, ["b.py", "gone.py"], Settings())
    assert outcome.problems == [Problem("gone.py", "cannot be read: no such file or directory")]
    assert places(outcome) == ["b.py:3:18 WB101"]


def test_a_crash_of_the_reader_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = syntax.read

    def fail(path: str, text: str) -> object:
        if path == "a.py":
            raise RecursionError("too\ndeep")
        return genuine(path, text)

    monkeypatch.setattr(result, "read", fail)
    outcome = check(write(tmp_path, {"a.py": REINIT, "b.py": REINIT}), None, Settings())
    assert outcome.problems == [Problem("a.py", "reading it failed: RecursionError: too deep")]
    assert places(outcome) == ["b.py:3:18 WB101"]


def test_a_crash_of_the_linker_leaves_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = analysis.analyze_incremental

    def fail(*arguments: object) -> None:
        genuine(*arguments)  # type: ignore[arg-type]
        raise KeyError("run")

    monkeypatch.setattr(analysis, "analyze_incremental", fail)
    files = {"a.py": BROKEN, "b.py": REINIT + "run.log({})  # wandblint: ignore[WB110]\n"}
    outcome = check(write(tmp_path, files), None, Settings())
    assert outcome.problems == [Problem("", "the analysis of the project failed: KeyError: 'run'")]
    assert places(outcome) == ["a.py:3:7 WB001"]


RULE = """
from wandblint.findings.finding import Severity, Span
from wandblint.rule import Rule

def check(model, options):
    {body}

rule = Rule("{code}", "{name}", Severity.WARNING, "A rule", check, {{"words": ["none"]}})
"""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pack of a user: a rule that crashes after its first finding, and one that says what it is told."""
    name = "engine_test_pack"
    bodies = {
        "crashing": "yield rule.finding(model.inits[0].span, 'seen', 'none')\n    model.no_such_thing",
        "telling": "asked = model.requirement.specifier\n"
        "    yield rule.finding(model.inits[0].span, f'{asked} {options}', 'none')",
    }
    files = {f"{name}/__init__.py": ""}
    for number, (rule, body) in enumerate(bodies.items(), 1):
        files[f"{name}/{rule}.py"] = RULE.format(body=body, code=f"ENG00{number}", name=rule)
    monkeypatch.syspath_prepend(str(write(tmp_path / "packs", files)))
    return name


def test_a_crash_of_a_rule_costs_this_rule(tmp_path: Path, pack: str) -> None:
    root = write(tmp_path / "project", {"a.py": REINIT})
    outcome = check(root, None, Settings(plugins=[pack]))
    why = "AttributeError: 'TrackingModel' object has no attribute 'no_such_thing'"
    assert outcome.problems == [Problem("", f"rule ENG001 crashing crashed: {why}")]
    assert places(outcome) == ["a.py:3:7 ENG002", "a.py:3:18 WB101"]


def test_rules_are_told_their_options_and_the_wanted_wandb(tmp_path: Path, pack: str) -> None:
    files = {"a.py": REINIT, "requirements.txt": "wandb>=0.17\n"}
    root = write(tmp_path / "project", files)
    by_default, changed = (
        check(root, None, Settings(plugins=[pack], select=["ENG002"], rules=options, wandb_version=version))
        for options, version in (({}, None), ({"telling": {"words": ["some"]}}, ">=0.20"))
    )
    assert [finding.message for finding in by_default.findings] == [">=0.17 {'words': ['none']}"]
    assert [finding.message for finding in changed.findings] == [">=0.20 {'words': ['some']}"]


# --- suppressions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[WB101] the agent opens one",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[WB110, reinit-bool]",
        "import wandb\nrun = wandb.init(  # wandblint: ignore[WB1]\n    reinit=True,\n)",
        "import wandb\nrun = wandb.init(\n    reinit=True,\n    # wandblint: ignore[ALL]\n)",
        "import wandb\nrun = wandb.init(\n    reinit=True,\n)  # wandblint: ignore[WB101]",
        "import wandb\nwith wandb.init(\n    reinit=True,\n) as run:  # wandblint: ignore[WB101]\n    pass",
        "# wandblint: ignore-file[WB101]\nimport wandb\nwandb.init(reinit=True)",
        "import wandb\nwandb.init(reinit=True)\n    # wandblint: ignore-file[reinit-bool]",
        "import wandb\nwandb.init(reinit=True)\n# wandblint: ignore-file all of it",
        "import wandb\nrun = wandb.init(reinit=True)  # noqa: E501, WB101",
        "import wandb\nrun = wandb.init(\n    reinit=True,  # noqa\n)",
        "# wandblint: ignore-file[WB001]\nimport wandb\nwandb.init(",
        "import wandb\nwandb.init(  # noqa: WB001",
    ],
)
def test_what_suppresses(tmp_path: Path, text: str) -> None:
    outcome = lint(tmp_path, {"a.py": text}, Settings(select=["WB001", "WB101"]))
    assert (outcome.findings, outcome.suppressed) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        "# wandblint: ignore[WB101]\nimport wandb\nrun = wandb.init(reinit=True)",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[WB110]",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[]",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore-file[WB101]",
        "import wandb\nrun = wandb.init(reinit=True)  # noqa: WB110, E501",
        "import wandb\nrun = wandb.init(reinit=True)  # noqa: WB1",
        "import wandb\nif True:  # wandblint: ignore[WB101]\n    run = wandb.init(reinit=True)",
        "import wandb\ns = '# wandblint: ignore-file'\nrun = wandb.init(reinit=True)",
    ],
)
def test_what_does_not_suppress(tmp_path: Path, text: str) -> None:
    outcome = lint(tmp_path, {"a.py": text}, Settings(select=["WB101"]))
    assert ([finding.code for finding in outcome.findings], outcome.suppressed) == (["WB101"], 0)


def test_a_suppression_reaches_its_own_file_only(tmp_path: Path) -> None:
    files = {"a.py": f"# wandblint: ignore-file[WB101]\n{REINIT}", "b.py": REINIT}
    outcome = lint(tmp_path, files)
    assert (places(outcome), outcome.suppressed) == (["b.py:3:18 WB101"], 1)


UNUSED = [
    ("ignore[WB101]", "`WB101` is suppressed here, but wandblint does not find it"),
    ("ignore[reinit-bool] why", "`reinit-bool` is suppressed here, but wandblint does not find it"),
    ("ignore[WB999]", "this suppresses nothing: unknown rule `WB999`"),
    ("ignore[renit-bool]", "this suppresses nothing: unknown rule `renit-bool`; did you mean `reinit-bool`?"),
    ("ignore", "this suppresses nothing: `ignore` needs the codes or names of rules"),
    ("ignore[WB101", "this suppresses nothing: its bracket is not closed"),
    ("ignore-file[WB101]", "this suppresses nothing: `ignore-file` needs its own line"),
    ("ignore[WB002]", "`WB002` is suppressed here, but wandblint does not find it"),
]


@pytest.mark.parametrize(("comment", "message"), UNUSED)
def test_a_suppression_that_suppresses_nothing(tmp_path: Path, comment: str, message: str) -> None:
    (finding,) = lint(tmp_path, {"a.py": f"import wandb\nx = 1  # wandblint: {comment}\n"}).findings
    assert (finding.code, finding.name) == ("WB002", "unused-suppression")
    assert finding.message.startswith(message)


def test_each_code_is_judged_alone(tmp_path: Path) -> None:
    text = f"{REINIT[:-1]}  # wandblint: ignore[WB110, WB101, nope]\n"
    outcome = lint(tmp_path, {"a.py": text})
    found = [text[finding.span.start : finding.span.end] for finding in outcome.findings]
    assert (found, outcome.suppressed) == (["WB110", "nope"], 1)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # wandblint: ignore[WB101]  # wandblint: ignore[WB002]",
        "x = 1  # wandblint: ignore[WB101]  # noqa: WB002",
        "x = 1  # wandblint: ignore[WB101]  # noqa",
        "# wandblint: ignore-file[WB002]\nx = 1  # wandblint: ignore[nope]",
        "# wandblint: ignore-file\nx = 1  # wandblint: ignore",
        "x = (  # wandblint: ignore[WB101]\n    1\n)  # wandblint: ignore[WB002]",
    ],
)
def test_what_is_said_of_suppressions_can_be_suppressed(tmp_path: Path, text: str) -> None:
    outcome = lint(tmp_path, {"a.py": f"import wandb\n{text}\n"})
    assert (outcome.findings, outcome.suppressed) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa: WB101",
        "x = 1  # noqa",
        "# wandblint: ignore-file",
        "x = 1  # wandblint: ignore[WB301]",
        "x = 1  # wandblint: ignore[WB3, ALL]",
    ],
)
def test_what_is_not_called_unused(tmp_path: Path, text: str) -> None:
    assert lint(tmp_path, {"a.py": f"import wandb\n{text}\n"}).findings == []


def test_a_rule_that_is_off_leaves_no_unused_suppression(tmp_path: Path) -> None:
    files = {"a.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n"}
    assert lint(tmp_path, files, Settings(ignore=["WB101"])).findings == []
    assert lint(tmp_path, files, Settings(per_file_ignores={"a.py": ["WB101"]})).findings == []
    assert lint(tmp_path, files, Settings(per_file_ignores={"a.py": ["WB002"]})).findings == []
    assert lint(tmp_path, files, Settings(ignore=["WB002"])).findings == []


def test_what_cannot_be_judged_is_not_called_unused(tmp_path: Path) -> None:
    files = {"a.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n", "b.py": BROKEN}
    assert places(lint(tmp_path, files)) == ["b.py:3:7 WB001"]
    outcome = check(write(tmp_path, {"b.py": b"import wandb \xff"}), None, Settings())
    assert (outcome.findings, len(outcome.problems)) == ([], 1)


def test_unused_suppressions_of_unwanted_files_are_not_reported(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n", "b.py": REINIT})
    assert places(check(root, ["b.py"], Settings())) == ["b.py:3:18 WB101"]
