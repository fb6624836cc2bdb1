"""Facts as short text, without their positions."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.syntax import read


def statements(source: str) -> list[str]:
    """The facts of the statements of a source, as text."""
    return [text_of(statement) for statement in read("x.py", source).body]


def expression(source: str) -> str:
    """The fact of an expression, as text."""
    (statement,) = read("x.py", f"x = {source}\n").body
    assert isinstance(statement, facts.Assign)
    return text_of(statement.value)


def text_of(fact: object) -> str:
    """A fact as text: a name as it is, a constant as in Python, any other fact as `Kind(fields)`."""
    if isinstance(fact, facts.Name):
        return fact.id
    if isinstance(fact, facts.Const):
        return repr(fact.value)
    if isinstance(fact, facts.FormattedString):
        parts = [repr(part) if isinstance(part, str) else text_of(part) for part in fact.parts]
        return f"Template([{', '.join(parts)}])"
    if isinstance(fact, facts.Node):
        return f"{type(fact).__name__}({', '.join(_fields(fact))})"
    if isinstance(fact, list):
        return f"[{', '.join(map(text_of, fact))}]"
    return str(fact) if isinstance(fact, str) and fact.isidentifier() else repr(fact)


def _fields(fact: facts.Node) -> Iterator[str]:
    defaults = {field.name: field.default for field in msgspec.structs.fields(type(fact))}
    for name in fact.__struct_fields__[2:]:
        value = getattr(fact, name)
        if value != defaults[name]:
            yield text_of(value)


def walk(fact: object) -> Iterator[facts.Node]:
    """The fact and all facts inside it, in the order of their fields."""
    if isinstance(fact, list):
        for item in fact:
            yield from walk(item)
    elif isinstance(fact, facts.FileFacts):
        yield from walk(fact.body)
    elif isinstance(fact, facts.Node):
        yield fact
        for name in fact.__struct_fields__:
            yield from walk(getattr(fact, name))
