"""What IPython understands and Python does not: `%magic`, `!command`, `help?`.

Masked text is as long as before, so that every offset stays right. A magic becomes the name `_` and a
comment: IPython's last result, of which nothing is known.
"""

from __future__ import annotations

import re

PYTHON_CELLS = frozenset({"capture", "debug", "memit", "prun", "time", "timeit", "wandb"})
"""Cell magics that run the cell as Python in the notebook's own namespace (IPython's documentation, "Built-in
magic commands"; `%%wandb` of wandb, `jupyter.py`). Other cells are of another language or another process."""

_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)")
_AUTOMAGIC = re.compile(
    r"(?P<blanks>\s*)(?:cat|cd|conda|cp|env|ll|load|load_ext|ls|mamba|matplotlib|mkdir|mv|pip|reload_ext|rm|rmdir"
    r"|run|time|timeit|uv)[ \t]+"
    r"(?!(?:and|for|if|in|is|not|or)\b)[\w\"'$./{~-][^\r\n]*\s*\Z"
)
"""A cell of one line that begins with the name of a magic, which needs no `%` then (IPython's documentation,
`%automagic`). With a word behind the name it is no Python; only magics that take words are meant."""
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


def masked(cell: str) -> str:
    """A cell with all that is no Python masked."""
    if (magic := _CELL_MAGIC.match(cell)) and magic["name"] not in PYTHON_CELLS:
        return _commented(cell)
    if cell.lstrip().startswith("%%!"):
        return _commented(cell)
    if automagic := _AUTOMAGIC.match(cell):
        code = cell[automagic.end("blanks") :]
        timed = _TIMED.match(f"%{code}")
        return automagic["blanks"] + (f"_  ;{code[4:]}" if timed else _magic(code))
    if not any(sign in cell for sign in "%!?"):
        return cell
    return _masked_lines(cell)


def _masked_lines(cell: str) -> str:
    done: list[str] = []
    at = 0
    while at < len(cell):
        begin = at
        prefix = _MAGIC.match(cell, at) or _ASSIGNED.match(cell, at)
        if prefix is not None:
            is_statement = "=" not in prefix[0]
            at = prefix.end()
            if timed := _TIMED.match(cell, at):
                blanks = " " * (len(timed[0]) - 2)
                done += [prefix[0], f"_{blanks};" if is_statement else f"  {blanks}"]
                begin = at = timed.end()
            else:
                at = _magic_end(cell, at)
                done += [prefix[0], _magic(cell[prefix.end() : at])]
                continue
        at, is_help = _statement_end(cell, at)
        line = cell[begin:at]
        done.append(_masked_help(line) if is_help else line)
    return "".join(done)


def _masked_help(line: str) -> str:
    code = line.lstrip(" \t")
    return line[: len(line) - len(code)] + _magic(code)


def _magic(text: str) -> str:
    """The name `_` and a comment in place of a magic, its further lines commented out."""
    first = _CODE.match(text)
    assert first is not None, "the pattern takes nothing too"
    return f"_{'#' if len(first[0]) > 1 else ''}{first[0][2:]}{_commented(text[first.end() :])}"


def _commented(text: str) -> str:
    return re.sub(r"(?m)(^|(?<=\r))[^\r\n]", "#", text)


def _magic_end(cell: str, at: int) -> int:
    """Where a magic ends: a backslash at the end of a line makes the next one a part of it."""
    while at < len(cell):
        line = _LINE.match(cell, at)
        assert line is not None, "the pattern takes nothing too"
        at = line.end()
        if not line[0].rstrip("\r\n").endswith("\\"):
            break
    return at


def _statement_end(cell: str, at: int) -> tuple[int, bool]:
    """Where a line of Python ends, brackets and strings being followed, and whether it asks for help."""
    depth, is_help = 0, False
    while (part := _PART.match(cell, at)) is not None:
        at = part.end()
        if part["newline"] and depth <= 0:
            break
        depth += bool(part["open"]) - bool(part["close"])
        is_help = is_help or (bool(part["help"]) and depth <= 0)
    return at, is_help
