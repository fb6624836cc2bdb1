"""Extracts the Python of a file: a whole `.py` file, the cells of a notebook, the fences of Markdown."""

from __future__ import annotations

from wandblint.sources.source import MARKDOWN, NOTEBOOK, Source


def extract_python(name: str, text: str) -> Source:
    """The Python of a file with this text. Raises `Undecodable` if a notebook is not valid."""
    if name.endswith(NOTEBOOK):
        from wandblint.sources.notebook import parse_notebook  # noqa: PLC0415 (few projects have any)

        return parse_notebook(text)
    if name.endswith(MARKDOWN):
        from wandblint.sources.markdown import parse_markdown  # noqa: PLC0415 (off by default)

        return parse_markdown(text)
    return Source(text, text)
