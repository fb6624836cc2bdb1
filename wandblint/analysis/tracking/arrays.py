"""Arrays: how many elements the results of numpy, torch and jax have, where the code shows it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.values import Scalar, Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.arrays import ARRAY_MAKERS, ArrayMaker, Extent
from wandblint.span import Span


def note_external(m: Interpreter, path: str, arguments: Arguments, span: Span) -> None:
    """Records how many elements the array has that a call makes."""
    maker = ARRAY_MAKERS.get(path)
    if maker is not None:
        size, sizes = _size(m, maker, arguments), m.entry.array_sizes
        # Calls of one place make arrays of different sizes: then none is known.
        sizes[span] = size if sizes.get(span, size) == size else None


def size_of(m: Interpreter, value: Value) -> int | None:
    """The number of elements of an array; None for any other value, and where the code does not show it."""
    match value:
        case Unknown(symbol=symbol, external=path) if path in ARRAY_MAKERS:
            match symbol.key:
                case ("call", _, Span() as span):
                    return m.entry.array_sizes.get(span)
    return None


def _size(m: Interpreter, maker: ArrayMaker, arguments: Arguments) -> int | None:
    if arguments.more_positional is not None or arguments.more_keywords:
        return None
    positional = [value for value, _ in arguments.positional]
    given = arguments.get(maker.position, maker.keyword)
    size: int | None = None
    if maker.extent is Extent.RANGE:
        size = None if arguments.keywords.keys() - {"dtype"} else _length_of_range(m, positional)
    elif maker.extent is Extent.SIZES and len(positional) > 1:
        size = _product(m, positional)
    elif given is None:
        size = maker.default or None
    elif maker.extent is Extent.COUNT:
        size = _number(m, given)
    elif maker.extent is Extent.ITEMS:
        sequence = m.heap_sequence(m.force(given))
        is_flat = sequence is not None and all(isinstance(item, Scalar) for item in sequence.items)
        size = len(sequence.items) if sequence is not None and is_flat and sequence.tail is None else None
    else:
        sequence = m.heap_sequence(m.force(given))
        lengths = [given] if sequence is None else sequence.items
        size = None if sequence is not None and sequence.tail is not None else _product(m, lengths)
    return size


def _length_of_range(m: Interpreter, values: list[Value]) -> int | None:
    numbers = [number for value in values if (number := _number(m, value)) is not None]
    is_known = bool(numbers) and len(numbers) == len(values) and 0 not in numbers[2:]
    return len(range(*numbers[:3])) if is_known else None


def _product(m: Interpreter, lengths: Sequence[Value]) -> int | None:
    numbers = [number for value in lengths if (number := _number(m, value)) is not None]
    return prod(numbers) if len(numbers) == len(lengths) else None


def _number(m: Interpreter, value: Value) -> int | None:
    value = m.force(value)
    return int(value.value or 0) if isinstance(value, Scalar) and value.kind == "int" else None
