"""Which file a crashed piece of the program was looking at."""

from __future__ import annotations

from wandblint.span import Span


def failing_file(error: BaseException) -> str | None:
    """The file of the place, or thing with a place, that the innermost function with one had in hand.

    Rules and the linker see many files at once, and only their variables tell which one broke them. The
    variable that was bound last is the nearest: `for call in model.log_calls: for key in call.keys`.
    """
    import traceback  # noqa: PLC0415 (of mistakes only)

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        for value in reversed(frame.f_locals.values()):
            if (path := _file(value)) is not None:
                return path
    return None


def _file(value: object) -> str | None:
    if not type(value).__module__.startswith("wandblint."):
        return None
    place = value if isinstance(value, Span) else getattr(value, "span", None)
    path = place.path if isinstance(place, Span) else getattr(value, "path", None)
    return path if isinstance(path, str) else None
