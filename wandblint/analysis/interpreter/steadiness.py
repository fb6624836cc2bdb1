"""Steady values: those that certainly are the same in every iteration of the loops that are running.

A value is steady if it was made outside of all loops. Its symbol says where that was: the position in the
file, and the calls that led there.
"""

from __future__ import annotations

from bisect import bisect_right

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    Class,
    External,
    Function,
    Module,
    Ref,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import end_of, statements
from wandblint.span import Span
from wandblint.template import SymbolId, Template


def is_steady(m: Interpreter, value: Value) -> bool:
    """Whether a value certainly was made before the loops that are running."""
    return all(_is_steady_option(m, option) for option in options(value))


def _is_steady_option(m: Interpreter, value: Value) -> bool:
    match value:
        case Scalar() | Template(parts=(str(),)) | Class() | Function() | External(receiver=None) | Module():
            return True
        case Unknown(symbol=symbol):
            return _is_steady_symbol(m, symbol)
        case Thunk(key=context) | Ref(address=context):
            return not _is_in_loop(m, context)
    return False


def _is_steady_symbol(m: Interpreter, symbol: object) -> bool:
    match symbol.key if isinstance(symbol, SymbolId) else ():
        case ("at", int(context), str(path), int(start), _) | ("call", int(context), Span(path, start, _)):
            return not (_repeats(m, path, start) or _is_in_loop(m, context))
        case ("parameter", int(context), *_):
            return not _is_in_loop(m, context)
        case ("attribute" | "item", base, index):
            known_index = isinstance(index, (str, Scalar)) or (isinstance(index, Template) and index.literal)
            return bool(known_index) and (_is_steady_symbol(m, base) or _is_steady_value(m, base))
        case ("any attribute", Ref() as owner, str()):
            return _is_steady_value(m, owner)
        case ("part", SymbolId() as base, int()):
            return _is_steady_symbol(m, base)
        case ("value", value) | ("len", value):
            return _is_steady_symbol(m, value) or _is_steady_value(m, value)
        case ("name" | "member" | "import", *_):
            return True
    return False


def _is_steady_value(m: Interpreter, value: object) -> bool:
    return isinstance(value, (Thunk, Ref, Unknown, External)) and _is_steady_option(m, value)


def _is_in_loop(m: Interpreter, context: int) -> bool:
    """Whether a call stack contains a loop, or cannot be told."""
    match m.context_keys.get(context, ()):
        case ("module" | "outside" | "unreached", *_):
            return False
        case ("call", int(outer), str(path), int(start), *_):
            return _repeats(m, path, start) or _is_in_loop(m, outer)
        case ("class", int(outer), str(path), int(start)):
            return _repeats(m, path, start) or _is_in_loop(m, outer)
        case ("deferred", int(outer), str(), ("function", int(inner))):
            return _is_in_loop(m, inner) or _is_in_loop(m, outer)
        case ("object" | "deferred", int(outer), str(path), site):
            position = _start_of(site)
            return position is None or _repeats(m, path, position) or _is_in_loop(m, outer)
    return True


def place_of_thunk(m: Interpreter, key: int) -> tuple[str, int] | None:
    """The file and the position of the call or expression that a thunk defers, if known."""
    match m.context_keys.get(key, ()):
        case ("deferred", _, str(), ("function", int(context))):
            match m.context_keys.get(context, ()):
                case ("call", _, str(path), int(start), *_):
                    return path, start
        case ("deferred", _, str(path), site):
            position = _start_of(site)
            return None if position is None else (path, position)
    return None


def _start_of(site: object) -> int | None:
    """The position of an allocation site or a deferred expression."""
    match site:
        case int(start) | Span(start=start) | (int(start), *_) | (Span(start=start), *_):
            return start
        case (str(), Span(start=start), *_):
            return start
    return None


def _repeats(m: Interpreter, path: str, position: int) -> bool:
    """Whether a loop of the file contains a position."""
    bodies = m.summaries.loop_bodies.get(path)
    if bodies is None:
        file = m.project.facts(path)
        bodies = m.summaries.loop_bodies[path] = _loop_bodies([] if file is None else file.body)
    starts, ends = bodies
    before = bisect_right(starts, position)
    return before > 0 and ends[before - 1] > position


def _loop_bodies(body: list[facts.Stmt]) -> tuple[list[int], list[int]]:
    """The starts and ends of the bodies of the outermost loops, in order."""
    starts: list[int] = []
    ends: list[int] = []
    for node in statements(*body):
        if isinstance(node, (facts.For, facts.While)) and node.body and (not ends or node.start >= ends[-1]):
            starts.append(node.body[0].start)
            ends.append(end_of(node.body[-1]))
    return starts, ends
