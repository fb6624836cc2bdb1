"""LibCST's tree of a text, or what is wrong with the text."""

from __future__ import annotations

import libcst as cst

from wandblint.reading.problems import nested_too_deeply, parse_problem, problem_at, refused
from wandblint.sources.tokens import Tokens, TooDeep, check_depth, tokens


def parse(text: str) -> tuple[cst.Module, Tokens]:
    """The tree and the tokens of a text. Raises `SyntaxProblem`, also for what would overflow the stack."""
    if "\0" in text:
        raise problem_at(text, text.index("\0"), "a NUL character cannot be part of a program")
    try:
        found = tokens(text)
        check_depth(found)
        return cst.parse_module(text), found
    except TooDeep as deep:
        raise nested_too_deeply(text, deep.at, is_python=deep.is_python) from None
    except UnicodeEncodeError as error:
        raise problem_at(text, error.start, "lone surrogates cannot be part of a program") from None
    except cst.ParserSyntaxError as error:
        raise refused(text, parse_problem(text, error)) from None
    except (cst.CSTValidationError, cst.CSTLogicError) as error:  # of a node that LibCST builds: "a" b"b"
        raise refused(text, problem_at(text, 0, f"LibCST refuses it: {error}")) from None
    except AttributeError as error:  # LibCST's own, where a line ends after the `async` of a comprehension
        raise refused(text, problem_at(text, 0, f"LibCST fails on it: {error}")) from None
    except RecursionError:  # LibCST joins dotted names recursively
        raise nested_too_deeply(text, 0, is_python=True) from None
