from __future__ import annotations

from tests.reports.sources import located, printed, span
from wandblint.reports.style import ASCII, Style

TRACKING = """\
import wandb


def start():
    run = wandb.init()
    run.define_metric("fit/*", step_metric="fit/epoch")
    return run


def log(run, phase, loss):
    run.log({f"{phase}/loss": loss})
"""
TRAIN = """\
from tracking import log, start

run = start()
log(run, "fit_robust", 1.0)
log(run, "fit_again", 2.0)
"""
FILES = {"src/tracking.py": TRACKING, "train.py": TRAIN}

KEY = span(FILES, "src/tracking.py", 'f"{phase}/loss"')
DEFINITION = span(FILES, "src/tracking.py", '"fit/*"')
CALL = span(FILES, "train.py", '"fit_robust"')
OTHER_CALL = span(FILES, "train.py", '"fit_again"')


def test_a_finding_alone() -> None:
    assert (
        printed(located(FILES, KEY))
        == """\
WB201 warning: `fit/loss` has no x-axis
   ┌─ src/tracking.py:11:14
11 │     run.log({f"{phase}/loss": loss})
   │              ^^^^^^^^^^^^^^^
   = help: add a definition"""
    )


def test_locations_in_the_same_file_share_the_frame_and_others_follow() -> None:
    finding = located(
        FILES,
        KEY,
        (CALL, 'phase="fit_robust"'),
        (DEFINITION, "nearest definition: `fit/*`"),
    )
    assert (
        printed(finding)
        == """\
WB201 warning: `fit/loss` has no x-axis
   ┌─ src/tracking.py:11:14
 6 │     run.define_metric("fit/*", step_metric="fit/epoch")
   │                       ------- nearest definition: `fit/*`
   ⋮
11 │     run.log({f"{phase}/loss": loss})
   │              ^^^^^^^^^^^^^^^
   = train.py:4:10  phase="fit_robust"
   = help: add a definition"""
    )


def test_a_single_line_between_two_marked_ones_is_shown() -> None:
    finding = located(FILES, DEFINITION, (span(FILES, "src/tracking.py", "start"), "opened by this function"))
    assert (
        printed(finding)
        == """\
WB201 warning: `fit/loss` has no x-axis
  ┌─ src/tracking.py:6:23
4 │ def start():
  │     ----- opened by this function
5 │     run = wandb.init()
6 │     run.define_metric("fit/*", step_metric="fit/epoch")
  │                       ^^^^^^^
  = help: add a definition"""
    )


def test_two_marks_on_one_line_are_stacked() -> None:
    finding = located(FILES, DEFINITION, (span(FILES, "src/tracking.py", '"fit/epoch"'), "the axis"))
    assert (
        printed(finding)
        == """\
WB201 warning: `fit/loss` has no x-axis
  ┌─ src/tracking.py:6:23
6 │     run.define_metric("fit/*", step_metric="fit/epoch")
  │                       ^^^^^^^
  │                                            ----------- the axis
  = help: add a definition"""
    )


def test_locations_with_the_same_words_are_merged() -> None:
    finding = located(FILES, KEY, (CALL, "called here"), (OTHER_CALL, "called here"))
    assert "   = train.py:4:10  called here (also lines 5)" not in printed(finding)
    assert "   = train.py:4:10  called here (also line 5)" in printed(finding)


def test_words_wrap_to_the_terminal() -> None:
    finding = located(
        FILES,
        KEY,
        (DEFINITION, "the nearest definition is this one, and it stops short of the key"),
        message="`fit_robust/loss` has no x-axis: no define_metric matches it, so it is charted over steps",
        help='rename the definition: define_metric("fit_robust/*", step_metric="fit_robust/epoch")',
    )
    text = printed(finding, Style(width=60))
    assert (
        text
        == """\
WB201 warning: `fit_robust/loss` has no x-axis: no
      define_metric matches it, so it is charted over steps
   ┌─ src/tracking.py:11:14
 6 │     run.define_metric("fit/*", step_metric="fit/epoch")
   │                       ------- the nearest definition is
   │                               this one, and it stops
   │                               short of the key
   ⋮
11 │     run.log({f"{phase}/loss": loss})
   │              ^^^^^^^^^^^^^^^
   = help: rename the definition:
           define_metric("fit_robust/*",
           step_metric="fit_robust/epoch")"""
    )
    assert max(map(len, text.splitlines())) <= 60


def test_words_go_below_a_location_that_leaves_no_room() -> None:
    finding = located(FILES, KEY, (CALL, 'phase="fit_robust" comes from here'))
    assert """\
   = train.py:4:10
       phase="fit_robust" comes
       from here
""" in printed(finding, Style(width=33))


def test_words_go_below_a_mark_that_leaves_no_room() -> None:
    finding = located(
        FILES,
        KEY,
        (
            span(FILES, "src/tracking.py", 'run.define_metric("fit/*", step_metric="fit/epoch")'),
            "defined here",
        ),
    )
    assert """\
 6 │     run.define_metric("fit/*", step_metric="fit/epoch")
   │     ---------------------------------------------------
   │     defined here
""" in printed(finding, Style(width=60))


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first_line() -> None:
    files = {"a.py": "run.log(\n    {\n        'a': 1,\n    }\n)\n"}
    assert (
        printed(located(files, span(files, "a.py", files["a.py"].rstrip())))
        == """\
WB201 warning: `fit/loss` has no x-axis
  ┌─ a.py:1:1
1 │ run.log(
  │ ^^^^^^^^…
  = help: add a definition"""
    )


def test_a_span_at_the_end_of_the_file_is_marked() -> None:
    files = {"a.py": "run.log(\n"}
    at_the_end = span(files, "a.py", "\n")
    text = printed(located(files, type(at_the_end)("a.py", at_the_end.end, at_the_end.end)))
    assert (
        text
        == """\
WB201 warning: `fit/loss` has no x-axis
  ┌─ a.py:2:1
2 │
  │ ^
  = help: add a definition"""
    )


def test_without_box_characters() -> None:
    finding = located(FILES, KEY, (DEFINITION, "nearest definition"))
    assert (
        printed(finding, Style(glyphs=ASCII))
        == """\
WB201 warning: `fit/loss` has no x-axis
   --> src/tracking.py:11:14
 6 |     run.define_metric("fit/*", step_metric="fit/epoch")
   |                       ------- nearest definition
   :
11 |     run.log({f"{phase}/loss": loss})
   |              ^^^^^^^^^^^^^^^
   = help: add a definition"""
    )


def test_colours_and_the_link() -> None:
    lines = printed(located(FILES, KEY, severity="error"), Style(color=True, links=True)).splitlines()
    url = "https://wandblint.readthedocs.io/en/latest/rules/metric-not-covered"
    assert lines[0] == (
        f"\033]8;;{url}\033\\\033[1;31mWB201\033[0m\033]8;;\033\\ "
        "\033[1;31merror:\033[0m\033[1m `fit/loss` has no x-axis\033[0m"
    )
    assert "\033[1;31m^^^^^^^^^^^^^^^\033[0m" in lines[3]


def test_source_cannot_control_the_terminal() -> None:
    files = {"a\033.py": 'key = "\033[2J\u202eevil\x9b"\n'}
    text = printed(located(files, span(files, "a\033.py", "key"), message="`\033]0;title\a` is odd"))
    assert (
        text
        == """\
WB201 warning: `␛]0;title␇` is odd
  ┌─ a␛.py:1:1
1 │ key = "␛[2J\N{REPLACEMENT CHARACTER}evil\N{REPLACEMENT CHARACTER}"
  │ ^^^
  = help: add a definition"""
    )


def test_an_uncertain_finding_states_its_confidence() -> None:
    first = printed(located(FILES, KEY, confidence="medium")).splitlines()[0]
    assert first == "WB201 warning (medium confidence): `fit/loss` has no x-axis"
