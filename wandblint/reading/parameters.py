"""Parameters of functions and lambdas."""

from __future__ import annotations

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import lower
from wandblint.reading.identifiers import identifier


def lower_parameters(node: cst.Parameters, cursor: Cursor) -> list[facts.Param]:
    """The parameters in the order of the source."""
    params = [_lower_parameter(param, "/", cursor) for param in node.posonly_params]
    params += [_lower_parameter(param, "", cursor) for param in node.params]
    if isinstance(node.star_arg, cst.Param):
        params.append(_lower_parameter(node.star_arg, "*", cursor))
    params += [_lower_parameter(param, "k", cursor) for param in node.kwonly_params]
    if node.star_kwarg is not None:
        params.append(_lower_parameter(node.star_kwarg, "**", cursor))
    return params


def _lower_parameter(node: cst.Param, kind: str, cursor: Cursor) -> facts.Param:
    start = cursor.start_of("*") if kind in ("*", "**") else cursor.start
    name = node.name.value
    cursor.take(name)
    annotation = None if node.annotation is None else lower(node.annotation.annotation, cursor)
    default = None if node.default is None else lower(node.default, cursor)
    return facts.Param(start, cursor.end, identifier(name), kind, default, annotation)


def pass_type_parameters(node: cst.TypeParameters | None, cursor: Cursor) -> None:
    """Passes `[T: bound = default, ...]`: types alone tell nothing about runs."""
    if node is None:
        return
    cursor.take("[")
    for parameter in node.params:
        cursor.take(parameter.param.name.value)
        if isinstance(parameter.param, cst.TypeVar) and parameter.param.bound is not None:
            lower(parameter.param.bound, cursor)
        if parameter.default is not None:
            lower(parameter.default, cursor)
    cursor.take("]")
