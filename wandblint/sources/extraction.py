"""The Python in the text of a file: all of a `.py` file, the cells of a notebook, the fences of Markdown."""

from __future__ import annotations

from wandblint.sources.source import MARKDOWN, NOTEBOOK, Source


def source_of(name: str, text: str) -> Source:
    """The Python of a file with this text. Raises `Undecodable` where a notebook is none."""
    if name.endswith(NOTEBOOK):
        from wandblint.sources.notebook import notebook  # noqa: PLC0415 (few projects have any)

        return notebook(text)
    if name.endswith(MARKDOWN):
        from wandblint.sources.markdown import markdown  # noqa: PLC0415 (only where it is asked for)

        return markdown(text)
    return Source(text, text)
