"""Masks IPython syntax that is not Python: `%magic`, `!command`, `help?`.

Masking keeps the length of the text, so every offset stays valid. A magic becomes the name `_`, IPython's
last result, whose value is unknown, and a comment.
"""

from __future__ import annotations

import re

PYTHON_CELLS = frozenset({"capture", "debug", "memit", "prun", "time", "timeit", "wandb"})
"""Cell magics that run the cell as Python in the notebook's own namespace (IPython's documentation, "Built-in
magic commands"; `%%wandb` of wandb, `jupyter.py`). Others run another language or another process."""

_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)")
_AUTOMAGIC = re.compile(
    r"(?P<blanks>\s*)(?:cat|cd|conda|cp|env|ll|load|load_ext|ls|mamba|matplotlib|mkdir|mv|pip|reload_ext|rm|rmdir"
    r"|run|time|timeit|uv)[ \t]+"
    r"(?!(?:and|for|if|in|is|not|or)\b)[\w\"'$./{~-][^\r\n]*\s*\Z"
)
"""A cell of one line that begins with the name of a magic, which then needs no `%` (IPython's documentation,
`%automagic`). A name followed by a word is not Python, so only magics with arguments match."""
_TIMED = re.compile(
    r"%time[ \t]+(?![-%!]|(?:async|class|def|for|if|try|while|with|match|return|raise|import|from)\b)"
)
_MAGIC = re.compile(r"[ \t]*(?=[%!?])")
_ASSIGNED = re.compile(r"[ \t]*[\w.,* \t]+=[ \t]*(?=[%!])")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_CODE = re.compile(r"[^\r\n]*")
_PART = re.compile(
    r'"""(?:[^\\]|\\.)*?"""'
    r"|'''(?:[^\\]|\\.)*?'''"
    r'|"(?:[^"\\\r\n]|\\(?:\r\n|.))*"'
    r"|'(?:[^'\\\r\n]|\\(?:\r\n|.))*'"
    r"|#[^\r\n]*|\\(?:\r\n|.)|(?P<newline>\r\n?|\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<help>\?)"
    r"|[^\"'#\\\r\n()\[\]{}?]+|.",
    re.DOTALL,
)


def mask_magics(cell: str) -> str:
    """Masks everything in a cell that is not Python."""
    if (magic := _CELL_MAGIC.match(cell)) and magic["name"] not in PYTHON_CELLS:
        return _comment_out(cell)
    if cell.lstrip().startswith("%%!"):
        return _comment_out(cell)
    if automagic := _AUTOMAGIC.match(cell):
        code = cell[automagic.end("blanks") :]
        timed = _TIMED.match(f"%{code}")
        return automagic["blanks"] + (f"_  ;{code[4:]}" if timed else _mask_magic(code))
    if not any(sign in cell for sign in "%!?"):
        return cell
    return _mask_lines(cell)


def _mask_lines(cell: str) -> str:
    parts: list[str] = []
    offset = 0
    while offset < len(cell):
        start = offset
        prefix = _MAGIC.match(cell, offset) or _ASSIGNED.match(cell, offset)
        if prefix is not None:
            is_statement = "=" not in prefix[0]
            offset = prefix.end()
            if timed := _TIMED.match(cell, offset):
                blanks = " " * (len(timed[0]) - 2)
                parts += [prefix[0], f"_{blanks};" if is_statement else f"  {blanks}"]
                start = offset = timed.end()
            else:
                offset = _magic_end(cell, offset)
                parts += [prefix[0], _mask_magic(cell[prefix.end() : offset])]
                continue
        offset, is_help = _statement_end(cell, offset)
        line = cell[start:offset]
        parts.append(_mask_help(line) if is_help else line)
    return "".join(parts)


def _mask_help(line: str) -> str:
    code = line.lstrip(" \t")
    return line[: len(line) - len(code)] + _mask_magic(code)


def _mask_magic(text: str) -> str:
    """Replaces a magic by the name `_` and a comment, and comments out its further lines."""
    first = _CODE.match(text)
    assert first is not None, "the pattern matches the empty string"
    return f"_{'#' if len(first[0]) > 1 else ''}{first[0][2:]}{_comment_out(text[first.end() :])}"


def _comment_out(text: str) -> str:
    return re.sub(r"(?m)(^|(?<=\r))[^\r\n]", "#", text)


def _magic_end(cell: str, offset: int) -> int:
    """The end of a magic; a backslash at the end of a line continues it on the next one."""
    while offset < len(cell):
        line = _LINE.match(cell, offset)
        assert line is not None, "the pattern matches the empty string"
        offset = line.end()
        if not line[0].rstrip("\r\n").endswith("\\"):
            break
    return offset


def _statement_end(cell: str, offset: int) -> tuple[int, bool]:
    """The end of a logical line, across brackets and strings, and whether it asks IPython for help."""
    depth, is_help = 0, False
    while (part := _PART.match(cell, offset)) is not None:
        offset = part.end()
        if part["newline"] and depth <= 0:
            break
        depth += bool(part["open"]) - bool(part["close"])
        is_help = is_help or (bool(part["help"]) and depth <= 0)
    return offset, is_help
