"""Definitions renamed or added: the result, or None where nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fixing.marked_text import changed, examples
from tests.fixing.test_axes import axis
from wandblint.findings.fix import Change, Define, Names
from wandblint.span import Span

IN_LOOP = '«run.define_metric(«f"{s}/*"», «step_metric=f"{s}/epoch"»)»'


def define(old: str, new: str, *, is_rename: bool) -> Callable[[Span, Span, Span], Change]:
    names = Names(f"{old}/*", f"{old}/epoch"), Names(f"{new}/*", f"{new}/epoch")
    return lambda call, name, step: Define(call, name, step, *names, is_rename)


@examples(
    {
        '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»  # why': (
            'run.define_metric("val/*", step_metric="val/epoch")  # why'
        ),
        "m = «run.define_metric(«'fit/*'», «step_metric='fit/epoch'»)»; x = 1": (
            "m = run.define_metric('val/*', step_metric='val/epoch'); x = 1"
        ),
        '«run.define_metric(\r\n\t«name="fit/*"»,  # all\r\n\t«step_metric="fit/epoch"»,\r\n)»': (
            'run.define_metric(\r\n\tname="val/*",  # all\r\n\tstep_metric="val/epoch",\r\n)'
        ),
        'for s in ["fit", \'a\']:\n    «run.define_metric(«f"{s}/*"», «step_metric=f"{s}/epoch"»)»': (
            'for s in ["val", \'a\']:\n    run.define_metric(f"{s}/*", step_metric=f"{s}/epoch")'
        ),
        '«run.define_metric(«"fit" "/*"», «step_metric="fit/epoch"»)»': None,
    }
)
def test_a_definition_is_renamed(before: str, after: str | None) -> None:
    assert changed(before, define("fit", "val", is_rename=True)) == after


@pytest.mark.parametrize("name", ['a"b', "a'b", "a\\b", "a\nb", "a\x00b"])
def test_names_that_would_need_escapes_are_not_written(name: str) -> None:
    text = '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»'
    assert changed(text, define("fit", name, is_rename=True)) is None
    assert changed("«log(row, «step=e»)»", axis((((f"{name}/a", name),),))) is None


@examples(
    {
        '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»': (
            'run.define_metric("fit/*", step_metric="fit/epoch")\n'
            'run.define_metric("val/*", step_metric="val/epoch")'
        ),
        "if x:\r\n\t«run.define_metric(«'fit/*'», «step_metric='fit/epoch'»)»  # why\r\n\ty()\r\n": (
            "if x:\r\n\trun.define_metric('fit/*', step_metric='fit/epoch')  # why\r\n"
            "\trun.define_metric('val/*', step_metric='val/epoch')\r\n\ty()\r\n"
        ),
        'for s in ("fit",):\n    «run.define_metric(«f"{s}/*"», «step_metric=f"{s}/epoch"»)»': (
            'for s in ("fit", "val",):\n    run.define_metric(f"{s}/*", step_metric=f"{s}/epoch")'
        ),
        f'S = [\n    "fit",  # first\n]\nfor s in S:\n    {IN_LOOP}': (
            'S = [\n    "fit",  # first\n    "val",\n]\nfor s in S:\n'
            '    run.define_metric(f"{s}/*", step_metric=f"{s}/epoch")'
        ),
        # The list is also used for something else.
        f'S = ["fit"]\nfor s in S:\n    {IN_LOOP}\ntrain(S)': None,
        f'for s in ["fit"]:\n    {IN_LOOP}\n    train(s)': None,
        'm = «run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»': None,
        'if x: «run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»\nelse: y()': None,
        '«run.define_metric(«"fit/*"», «step_metric="fit/epoch"»)»; y = """\n"""': None,
    }
)
def test_a_definition_is_added(before: str, after: str | None) -> None:
    assert changed(before, define("fit", "val", is_rename=False)) == after
