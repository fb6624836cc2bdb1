"""The facts of strings: constants, templates, unknown values."""

from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.syntax.fact_text import expression
from wandblint import facts
from wandblint.syntax import read

CASES = {
    "''": "''",
    "'a' 'b'": "'ab'",
    "('a'\n    # why\n    \"b\")": "'ab'",
    r"'a\n\x41\u00e9\N{EM DASH}\101'": "'a\\nAé—A'",
    r"'\d'": r"'\\d'",
    r"r'a\n'": r"'a\\n'",
    "'''a\r\nb'''": r"'a\nb'",
    "u'a'": "'a'",
    "b'a' b'b'": "Other([])",
    r"'\ud800'": "Other([])",
    # characters that only a newer Python may know
    r"'\N{no such name}' 'b'": "Other([])",
    r"f'\N{no such name}{f()}'": "Other([Call(f, [])])",
    r"r'\N{no such name}'": r"'\\N{no such name}'",
    # templates
    "f'a'": "'a'",
    "f'{x}'": "Template([x])",
    "f'a/{x}/b'": "Template(['a/', x, '/b'])",
    "f'{x!s}'": "Template([x])",
    "f'{x!r}'": "Template([Other([x], format)])",
    "f'{x:>5}'": "Template([Other([x], format)])",
    "f'{f():{g()}}'": "Template([Other([Call(f, []), Call(g, [])], format)])",
    "f'{x=}'": "Template(['x=', Other([x], format)])",
    "f'{ x = !s}'": "Template([' x = ', x])",
    "f'{{{x}}}'": "Template(['{', x, '}'])",
    r"f'\x7b{x}\n'": r"Template(['{', x, '\n'])",
    r"rf'\n{x}'": r"Template(['\\n', x])",
    "'a' f'{x}' 'b' r'{'": "Template(['a', x, 'b{'])",
    "f'a' 'b'": "'ab'",
    r"f'{f()}' '\ud800'": "Other([Call(f, [])])",
    "f'''\n{\nx # }\n}'''": r"Template(['\n', x])",
    # quotes inside fields, since Python 3.12
    """f'{d['a']}'""": "Template([Subscript(d, 'a')])",
    """f'{f'{f'{x}'}'}'""": "Template([Template([Template([x])])])",
    """f'{'}'}{'{'}'""": "Template(['}', '{'])",
    """f'{x:{w['a']}}{y}'""": "Template([Other([x], format), y])",
    # t-strings, since Python 3.14
    "t'{x}{f()}'": "Other([Call(f, [])])",
}


@pytest.mark.parametrize("source", CASES)
def test_string(source: str) -> None:
    assert expression(source) == CASES[source]


def test_positions_inside_an_f_string_are_exact() -> None:
    text = """x = f'a{{ {wandb.init( )!r:>{width}} {d['k']}'\n"""
    spans = {type(fact).__name__: text[fact.start : fact.end] for fact in _template(text)}
    assert spans == {"Other": "{wandb.init( )!r:>{width}}", "Subscript": "d['k']"}


def _template(text: str) -> list[facts.Expr]:
    (statement,) = read("x.py", text).body
    assert isinstance(statement, facts.Assign)
    assert isinstance(statement.value, facts.FormattedString)
    return [part for part in statement.value.parts if not isinstance(part, str)]


@given(
    st.text(alphabet=[*"\\abfnrtvxuUN{}'\"0179afE", "\n", "é"], max_size=12), st.sampled_from(["'''", '"""'])
)
def test_a_string_has_the_value_that_python_gives_it(inside: str, quote: str) -> None:
    literal = f"{quote}{inside}{quote}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return
    expected = "Other([])" if any("\ud800" <= letter <= "\udfff" for letter in value) else repr(value)
    assert expression(literal) == expected
