from __future__ import annotations

import json

from tests.reports.sources import located, span
from wandblint.reports.concise import concise
from wandblint.reports.json_report import json_report
from wandblint.reports.style import Style
from wandblint.reports.summary import RunStats, statistics, summary

FILES = {
    "src/ä.py": "# 界\nrun.log(\n    {'loss': 1}\n)\n",
    "b.py": "x = 1\n",
}
FINDING = located(
    FILES,
    span(FILES, "src/ä.py", "log(\n    {"),
    (span(FILES, "b.py", "1"), "from here"),
    message="`ä` is not covered",
)
OTHER_FINDING = located(FILES, span(FILES, "b.py", "x"), severity="error")


def test_concise() -> None:
    assert list(concise([FINDING, OTHER_FINDING])) == [
        "src/ä.py:2:5: WB201 `ä` is not covered",
        "b.py:1:1: WB201 `fit/loss` has no x-axis",
    ]


def test_json_has_every_promised_field() -> None:
    text = json_report([FINDING])
    assert text.isascii()
    assert json.loads(text) == [
        {
            "code": "WB201",
            "name": "metric-not-covered",
            "severity": "warning",
            "confidence": "high",
            "message": "`ä` is not covered",
            "help": "add a definition",
            "filename": "src/ä.py",
            "cell": None,
            "location": {"row": 2, "column": 5},
            "end_location": {"row": 3, "column": 6},
            "related": [
                {
                    "filename": "b.py",
                    "cell": None,
                    "location": {"row": 1, "column": 5},
                    "message": "from here",
                },
            ],
            "fix": None,
            "fingerprint": "",
            "url": "https://wandblint.readthedocs.io/en/latest/rules/metric-not-covered",
        }
    ]


def test_json_of_a_clean_project_is_an_empty_array() -> None:
    assert json_report([]) == "[]"


def test_the_summary_counts() -> None:
    findings = [OTHER_FINDING, OTHER_FINDING, FINDING]
    assert (
        summary(findings, RunStats(checked=9, read=13, suppressed=1), Style(), complete=True)
        == "Found 2 errors, 1 warning in 2 files (1 suppressed); 13 files read."
    )


def test_the_summary_of_a_clean_project_is_positive_unless_something_failed() -> None:
    stats = RunStats(checked=9, read=1)
    assert summary([], stats, Style(), complete=True) == "All good: 9 files checked; 1 file read."
    assert summary([], stats, Style(), complete=False) == "Nothing found: 9 files checked; 1 file read."


def test_the_summary_of_nothing() -> None:
    assert summary([], RunStats(), Style(), complete=True) == "No Python files to check."


def test_statistics_are_aligned() -> None:
    stats = RunStats(
        log_calls=7, all_known=5, some_known=6, unreached=1, entries_cut_off=2, calls_cut_off=3, calls=40
    )
    assert list(statistics([FINDING] * 9 + [OTHER_FINDING], stats)) == [
        "Code   Rule                Findings",
        "WB201  metric-not-covered        10",
        "",
        "7 direct log calls: all keys known at 5 (71 %), at least one at 6 (85 %); 1 not reached.",
        "Cut off, because they take too long: 2 entry points and 3 (7 %) of the calls; they may log any key.",
    ]
    assert list(statistics([], RunStats())) == ["No direct log calls."]


def test_json_with_statistics() -> None:
    stats = RunStats(
        checked=2,
        log_calls=7,
        all_known=5,
        some_known=6,
        unreached=1,
        entries_cut_off=2,
        calls_cut_off=3,
        calls=40,
    )
    report = json.loads(json_report([FINDING], stats))
    assert report["findings"] == json.loads(json_report([FINDING]))
    assert report["statistics"] == {
        "rules": {"WB201": 1},
        "files": 2,
        "log_calls": {"total": 7, "all_keys_known": 5, "some_keys_known": 6, "not_reached": 1},
        "cut_off": {"entry_points": 2, "calls": 3, "of_calls": 40},
    }
