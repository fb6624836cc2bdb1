"""The tokens and comments of Python text."""

from __future__ import annotations

import io
import sys
import tokenize

import pytest

from tests.syntax.python_positions import library_texts
from wandblint.sources.tokens import TooDeep, comments, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  # x\n", []),
        ("a.b = c", ["a", "b", "c"]),
        ("x=-1 -y +~z -= 2 -> 3", ["x", "-", "1", "-", "y", "+", "~", "z", "2", "3"]),
        (
            "0x1F 1_0.5e-3j .5 1. 1..real 0b1 1if",
            ["0x1F", "1_0.5e-3j", ".5", "1.", "1.", "real", "0b1", "1", "if"],
        ),
        ("from ....a import b", ["from", "...", "a", "import", "b"]),
        ("'a' \"b\" rb'\\'' u''", ["'a'", '"b"', "rb'\\''", "u''"]),
        ("'''a'\n''' \"\"\"\"b\"\"\"", ["'''a'\n'''", '""""b"""']),
        ("'a\\\r\nb' c", ["'a\\\r\nb'", "c"]),
        ("return'a'if'b'in\"c\"", ["return", "'a'", "if", "'b'", "in", '"c"']),
        ("f'{a}' rF\"{a['b']}\" t'c'", ["f'{a}'", "rF\"{a['b']}\"", "t'c'"]),
        ("f'{a['b']}' c", ["f'{a['b']}'", "c"]),
        ("f'{f'{f'{a}'}'}' c", ["f'{f'{f'{a}'}'}'", "c"]),
        ("f'{a # }\n}' c", ["f'{a # }\n}'", "c"]),
        ("f'{{' f'}}' c", ["f'{{'", "f'}}'", "c"]),
        ("f'{a:{b:'c'}}' c", ["f'{a:{b:'c'}}'", "c"]),
        ("rf'\\{a['b']}' f'\\N{DASH}{'}'}' c", ["rf'\\{a['b']}'", "f'\\N{DASH}{'}'}'", "c"]),
        ("f'''{'''a'''}''' c", ["f'''{'''a'''}'''", "c"]),
        # not Python, but still split into tokens
        ("'a\nb", ["'", "a", "b"]),
        ("f'{a\nb", ["f'{a\nb"]),
        ("$ ? \0 a", ["a"]),
        ("\ud800 '\ud800'", ["\ud800", "'\ud800'"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    result = tokens(text)
    assert result.texts == [*expected, ""]
    assert [text[start:end] for start, end in zip(result.starts, result.ends, strict=True)] == result.texts
    assert "".join(gap + token for gap, token in zip(result.gaps, result.texts, strict=True)) == text


def test_comments() -> None:
    text = "# a\nx = '#' # b # c\r\nf'{d['#']}' #\n'''\n# no\n''' # é"
    assert [text[start:end] for start, end in comments(text)] == ["# a", "# b # c", "#", "# é"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tokenize is not Python's own tokenizer before 3.12")
def test_comments_are_those_of_python() -> None:
    for text in library_texts(step=60).values():
        starts = [0]
        for line in text.splitlines(keepends=True) if "\f" not in text else []:
            starts.append(starts[-1] + len(line))
        if len(starts) == 1:
            continue
        python_tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        expected = [token for token in python_tokens if token.type == tokenize.COMMENT]
        expected_starts = [starts[token.start[0] - 1] + token.start[1] for token in expected]
        assert [start for start, _ in comments(text)] == expected_starts


def test_absurd_f_strings_are_too_deep() -> None:
    with pytest.raises(TooDeep):
        tokens("f'{" * 1000)
