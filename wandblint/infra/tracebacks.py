"""The file that a crashed function was processing."""

from __future__ import annotations

from wandblint.span import Span


def failing_file(error: BaseException) -> str | None:
    """The file of a span, or of a value with a span, in the innermost frame that has one.

    Rules and the analysis process many files at once; only their variables show which one caused the error.
    The last variable is the most specific: `for call in model.log_calls: for key in call.keys`.
    """
    import traceback  # noqa: PLC0415 (only errors need it)

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        for value in reversed(frame.f_locals.values()):
            if (path := _file(value)) is not None:
                return path
    return None


def _file(value: object) -> str | None:
    if not type(value).__module__.startswith("wandblint."):
        return None
    span = value if isinstance(value, Span) else getattr(value, "span", None)
    path = span.path if isinstance(span, Span) else getattr(value, "path", None)
    return path if isinstance(path, str) else None
