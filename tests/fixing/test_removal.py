"""Branches, functions and statements removed: the result, or None where nothing is changed."""

from __future__ import annotations

from tests.fixing.marked_text import changed, examples
from wandblint.findings.fix import RemoveBranch, RemoveFunction, RemoveStatement


@examples(
    {
        "a()\nif «x»:  # why\n    b()\nc()\n": "a()\nc()\n",
        "a()\r\nif («x»):\r\n\tb()\r\nc()\r\n": "a()\r\nc()\r\n",
        "a()\nif «x»: b(); c()": "a()\n",
        'a()\nif «x»:\n    b("""\nc\n""")\nd()\n': "a()\nd()\n",
        "def f():\n    z = 1\n    if «x»:\n        z = 2\n    return z": "def f():\n    z = 1\n    return z",
        "if «x»:  # why\n    a()\nelse:\n    # not x\n    b(\n        1\n    )\n\n    c()\nd()\n": (
            "# not x\nb(\n    1\n)\n\nc()\nd()\n"
        ),
        "def f():\n    a()\n\n    if «x»:\n        b()\n\n    c()\n": "def f():\n    a()\n\n    c()\n",
        "a()\n\nif «x»:\n    b()\n\n\ndef f(): pass\n": "a()\n\n\ndef f(): pass\n",
        "def f():\n\tif «x»:\n\t\ta()\n\telse:\n\t\tb()": "def f():\n\tb()",
        "def f():\n    if «x»:\n        z = 2\n    else:\n        z = 3\n    return z": (
            "def f():\n    z = 3\n    return z"
        ),
        "if «x»:\n    a()\nelif y:\n    b()\nelse:\n    c()\n": "if y:\n    b()\nelse:\n    c()\n",
        "if y:\n    b()\nelif «x»:\n    a()\nelse:\n    c()\n": "if y:\n    b()\nelse:\n    c()\n",
        "if y:\n    b()\nelif «x»:\n    a()\nelif z:\n    c()\n": "if y:\n    b()\nelif z:\n    c()\n",
        "if y:\n    b()\nelif «x»:\n    a()\nc()\n": "if y:\n    b()\nc()\n",
        "for a in b:\n    if «x»:\n        a()\nc()\n": "for a in b:\n    pass\nc()\n",
        # Only its author knows what a comment refers to; a string keeps its whitespace.
        "if «x»:\n    a()\n# y\nelif y:\n    b()\n": None,
        'if «x»:\n    a()\nelse:\n    b("""\n    c\n""")\n': None,
        "if «x»: a()\nelse: b()\n": None,
        # The branch makes the function a generator, or the name a local.
        "def f():\n    if «x»:\n        yield 1\n    return 2": None,
        "def f():\n    if «x»:\n        z = 2\n    return z": None,
        "def f():\n    if «x»:\n        import z.y\n    return z": None,
    }
)
def test_a_branch_is_removed(before: str, after: str | None) -> None:
    assert changed(before, RemoveBranch) == after


@examples(
    {
        "a()\n\n\ndef «f»():\n    return 1  # one\n\n\n# why\nb()\n": "a()\n\n\n# why\nb()\n",
        "a()\r\n\r\n\r\ndef «f»():\r\n\treturn 1\r\n": "a()\r\n",
        "def «f»():\n    return 1\n\n\nb()": "b()",
        "# of f and g\ndef «f»():\n    return 1\n\n\nb()": None,
        "def «f»():\n    return 1\n": None,
        "def g():\n    «f»()\n\n\nb()": None,
    }
)
def test_a_function_is_removed(before: str, after: str | None) -> None:
    assert changed(before, RemoveFunction) == after


@examples(
    {
        "a()\n«run.define_metric('x')»\nb()  # b\n": "a()\nb()  # b\n",
        "«run.define_metric('x')»  # why\n": None,
        "def f():\r\n\t«define(\r\n\t\t'x',\r\n\t)»\r\n": "def f():\r\n\tpass\r\n",
        "«define('x')»": "",
        "a(); «define('x')»\n": None,
        "m = «define('x')»\n": None,
        "if a: «define('x')»\n": None,
        "«define(next(names))»\n": None,
    }
)
def test_a_statement_is_removed(before: str, after: str | None) -> None:
    assert changed(before, RemoveStatement) == after
