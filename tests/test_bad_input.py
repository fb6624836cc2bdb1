"""Bad input on a real disk, through the real program: a finding or one clear line, never a traceback."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.hostile import GOOD, START, lint, other_findings
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.app.project import Project
from wandblint.app.settings import Settings
from wandblint.engine import Problem, check

# --- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (START + "x = (\n", "bad.py:4:5: WB001"),
        (START + "x = '\0'\n", "bad.py:4:6: WB001"),
        (START + "# \0\n", "bad.py:4:3: WB001"),
        (START + "x = " + "(" * 500 + "1" + ")" * 500, "bad.py:4:205: WB001"),
        (START + "".join(" " * depth + "if x:\n" for depth in range(150)), "bad.py:104:101: WB001"),
    ],
)
def test_invalid_python_is_a_finding(tmp_path: Path, text: str, expected: str) -> None:
    result = lint(tmp_path, {"bad.py": text})
    assert (result.code, other_findings(result), result.err) == (1, [expected], "")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"# coding: punycode\nimport wandb\n", "punycode is not a text encoding"),
        (b"# coding: undefined\nimport wandb\n", "undefined is not a text encoding"),
        (b"# coding: zlib\nimport wandb\n", "zlib is not a text encoding"),
        (b"# coding: utf-7\nimport wandb  # +\xff\n", "byte 0x2b in line 2 is not utf-7"),
        (b"import wandb  # \xff\n", "byte 0xff in line 1 is not utf-8"),
        ("import wandb\n".encode("utf-16"), "byte 0xff in line 1 is not utf-8"),
        (b"# coding: utf-16\nimport wandb\n", "it declares the encoding utf-16, but has another one"),
        (b"# coding: klingon\nimport wandb\n", "unknown encoding: klingon"),
        (b"# coding: rot13\nimport wandb\n", "rot13 is not a text encoding"),
        (START + "x = " + " + ".join(["a"] * 5000), "line 4 is nested too deeply to be read"),
        (START + "x = a" + ".b" * 1500, "line 4 is nested too deeply to be read"),
    ],
)
def test_unreadable_files_give_one_line(tmp_path: Path, content: str | bytes, why: str) -> None:
    result = lint(tmp_path, {"bad.py": content})
    assert (result.code, other_findings(result), result.err) == (
        2,
        [],
        f"error: bad.py: cannot be read: {why}\n",
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"# nothing but wandb\n", []),
        (b"# coding: latin-1\nimport wandb  # \xe9\nwandb.init(reinit=True)\n", ["bad.py:3:12: WB101"]),
        (b"import wandb\n\f\ndef f():\n    \f  pass\n\f\nwandb.init(reinit=True)\n", ["bad.py:6:12: WB101"]),
        (b"import wandb\r\n\rif 1:\n    wandb.init(reinit=True)\rx = 1\r\n", ["bad.py:4:16: WB101"]),
        (START + "x = '\\d'\ny = 1 is 1\nassert (1, 'a')\n", []),
        (START + "x = '\\d'\ny = (\n", ["bad.py:5:5: WB001"]),
        (START + "x = '" + "a" * 5_000_000 + "'\nrun.log({'" + "k" * 1_000_000 + "': 1})\n", []),
        (
            START + " " * 500_000 + "\nx = 1," + " " * 500_000 + "wandb.init(reinit=True)\n",
            ["bad.py:5:500018: WB101"],
        ),
        (START + "".join(f"x{number} = {number}\n" for number in range(50_000)), []),
        (START + "run.log({" + "".join(f"'k{number}': 1, " for number in range(10_000)) + "})\n", []),
        (START + "x = " + "(" * 150 + "1" + ")" * 150 + "\n", []),
        # LibCST refuses these, or would take hours
        (START + "(x): int = 3\n", []),
        (START + "x = " + "'a' " * 5000, []),
        (START + "match x:\n    case " + "{1: " * 40 + "y" + "}" * 40 + ":\n        pass\n", []),
    ],
)
def test_unusual_files_are_read(tmp_path: Path, content: str | bytes, expected: list[str]) -> None:
    result = lint(tmp_path, {"bad.py": content})
    assert (result.code, other_findings(result), result.err) == (1, expected, "")


# --- cyclic and explosive code -----------------------------------------------------------------------


CYCLES = {
    "wrappers": {
        "bad.py": START + "def a(x):\n    b({f'p/{k}': v for k, v in x.items()})\n\n"
        "def b(x):\n    run.log(x)\n    a(x)\n\na({'q': 1})\n"
    },
    "imports": {
        "one.py": "import two\nimport wandb\nfrom two import *\n\ndef f():\n    two.g({'a': 1})\n\nf()\n",
        "two.py": "import one\nimport wandb\nfrom one import *\n\ndef g(d):\n    one.f()\n    wandb.log(d)\n",
    },
    "a class of itself": {
        "bad.py": START + "class A(A):\n    def f(self):\n        run.log({'a': 1})\n        super().f()\n"
        "        self.g()\n\nA().f()\n"
    },
    "classes of each other": {
        "one.py": "from two import D\nimport wandb\n\nclass C(D):\n    def f(self):\n"
        "        wandb.log({self.k: 1})\n        super().f()\n        self.x()\n\nC().f()\n",
        "two.py": "from one import C\n\nclass D(C):\n"
        "    def f(self):\n        super().f()\n        self.y()\n",
    },
    "containers": {"bad.py": START + "d = {}\nd['x'] = d\nitems = [d]\nitems.append(items)\nrun.log(d)\n"},
}
EXPLOSIONS = {
    "a string": "x = 'ab'\n" + "x = x + x\n" * 200,
    "a template": "x = 'a'\n" + "".join(f"x = f'{{x}}{{x}}/{{n{at}}}'\n" for at in range(200)),
    "a joined string": "x = 'a'\n" + "x = '/'.join([x, y, x])\n" * 200,
    "a formatted string": "x = 'a'\n" + "x = '{}{}'.format(x, x)\n" * 200,
    "a replaced string": "x = 'aaaa'\n" + "x = x.replace('a', 'aaaa')\n" * 60,
    "a padded string": "x = 'a'.zfill(10**11) + 'a'.ljust(10**11) + f'{1:>99999999}' + '%99999999s' % 1\n",
    "a repeated string": "x = 'ab' * 10**12\n",
    "a list": "x = ['a']\n" + "x = x + x\n" * 200,
    "an unpacked list": "x = ['a']\n" + "x = [*x, *x]\n" * 200,
    "an extended list": "x = ['a']\n" + "x.extend(x)\nx += x\n" * 100,
    "a dictionary": "x = {'a': 1}\n" + "x = {**x, **{k + 'b': v for k, v in x.items()}}\n" * 60,
    "a number": "x = 10 ** 10 ** 10\nx = 1 << 10 ** 12\nx = 2 ** 2 ** 2 ** 2 ** 2 ** 2\n",
    "a range": "x = [str(i) for i in range(10 ** 15)]\n",
}


@pytest.mark.parametrize("files", CYCLES.values(), ids=CYCLES)
def test_cycles_end(tmp_path: Path, files: dict[str, str]) -> None:
    result = lint(tmp_path, files)
    assert (result.code, result.err) == (1, "")


@pytest.mark.parametrize("text", EXPLOSIONS.values(), ids=EXPLOSIONS)
def test_explosions_are_bounded(tmp_path: Path, text: str) -> None:
    result = lint(tmp_path, {"bad.py": f"{START}{text}run.log({{x: 1}})\nrun.log({{key: 1 for key in x}})\n"})
    assert (result.code, result.err) == (1, "")
    assert "WB1" not in "".join(other_findings(result))


# --- files -------------------------------------------------------------------------------------------


def test_a_folder_named_like_a_file(tmp_path: Path) -> None:
    assert other_findings(lint(tmp_path, {"x.py/inner.py": GOOD})) == ["x.py/inner.py:3:18: WB101"]
    assert other_findings(lint(tmp_path, {}, "x.py")) == ["x.py/inner.py:3:18: WB101"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_cyclic_links(tmp_path: Path) -> None:
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "self.py").symlink_to("self.py")
    (tmp_path / "nowhere.py").symlink_to("gone.py")
    result = lint(tmp_path, {})
    assert (result.code, other_findings(result), result.err) == (1, [], "")
    named = lint(tmp_path, {}, "self.py", "nowhere.py")
    assert named.code == 2
    assert named.err.splitlines() == [
        "error: self.py: cannot be read: too many levels of symbolic links",
        "error: nowhere.py: no such file or folder",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders there")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert other_findings(lint(tmp_path, {})) == []
    named = lint(tmp_path, {}, "pipe.py")
    assert (named.code, named.err) == (2, "error: pipe.py: is neither a file nor a folder\n")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission(tmp_path: Path) -> None:
    files = {"bad.py": GOOD, "sub/inner.py": GOOD}
    lint(tmp_path, files)
    (tmp_path / "bad.py").chmod(0)
    (tmp_path / "sub").chmod(0)
    try:
        result = lint(tmp_path, {})
        named = lint(tmp_path, {}, "sub", "bad.py", "sub/inner.py")
    finally:
        (tmp_path / "sub").chmod(0o700)
    errors = [
        "error: sub: cannot be listed: permission denied",
        "error: bad.py: cannot be read: permission denied",
    ]
    assert (result.code, result.err.splitlines()) == (2, errors)
    assert named.code == 2
    assert "error: sub/inner.py: cannot be read: permission denied" in named.err


def test_a_file_that_is_deleted_during_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bad.py", "good.py"):
        (tmp_path / name).write_text(GOOD)
    original = Project.relevant

    def delete_first(project: Project) -> list[str]:
        assert project.names == ["bad.py", "good.py"]
        (tmp_path / "bad.py").unlink()
        return original(project)

    monkeypatch.setattr(Project, "relevant", delete_first)
    check_result = check(tmp_path, None, Settings())
    assert check_result.problems == [Problem("bad.py", "cannot be read: no such file or directory")]
    assert [finding.span.path for finding in check_result.findings] == ["good.py"]


# --- crashes -----------------------------------------------------------------------------------------


def test_a_crash_of_the_analysis_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = module_loader.module

    def fail(m: Interpreter, path: str) -> object:
        if path == "bad.py":
            raise KeyError(path)
        return original(m, path)

    monkeypatch.setattr(module_loader, "module", fail)
    for name in ("bad.py", "good.py"):
        (tmp_path / name).write_text(GOOD)
    check_result = check(tmp_path, None, Settings())
    assert check_result.problems == [
        Problem("bad.py", "the analysis of this file failed: KeyError: 'bad.py'")
    ]
    assert "good.py" in [finding.span.path for finding in check_result.findings]


# --- nothing is executed -----------------------------------------------------------------------------


EVIL = "from pathlib import Path\nPath({path!r}).touch()\n"


def test_nothing_of_the_project_is_imported_or_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    evil = EVIL.format(path=str(trace))
    function = "\n".join(f"    {line}" for line in evil.splitlines())
    body = f"{evil}import wandb\n\nrun = wandb.init()\n\ndef f(*_, **__):\n{function}\n"
    body += "    run.log({'a': 1})\n\n"
    body += "class C:\n    __init__ = __call__ = __getattr__ = __enter__ = f\n\nf(C())\nC().x()\n"
    names = [
        "bad.py",
        "conftest.py",
        "setup.py",
        "sitecustomize.py",
        "usercustomize.py",
        "click.py",
    ]
    names += ["libcst/__init__.py", "rules/__init__.py", "rules/bad_rule.py", "wandblint_rules/evil.py"]
    settings = "[build-system]\nrequires = []\nbuild-backend = 'bad'\nbackend-path = ['.']\n"
    settings += "[tool.pytest.ini_options]\naddopts = '-p bad'\n"
    result = lint(tmp_path, {**dict.fromkeys(names, body), "pyproject.toml": settings})
    assert result.code == 1
    assert not trace.exists()


def test_syntax_of_a_newer_python_is_a_note(tmp_path: Path) -> None:
    newer = START + "run.log({'\\N{no such character}': 1})\n"
    result = lint(tmp_path, {"bad.py": newer, "pyproject.toml": ""})
    assert (result.code, other_findings(result)) == (1, [])
    assert result.err == (
        "note: bad.py: line 4 holds an expression that this Python cannot parse; "
        "wandblint knows its value only under a newer Python\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "def train[T](model: T) -> T:\n    return model\ntype Model = list[int]\n",
        "try:\n    pass\nexcept* ValueError:\n    pass\n",
        "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
        "def train(*losses: *tuple[int, *Ts]) -> None:\n    array[*losses] = 1\n",
        "class Mean[T = float]: ...\n",
        "query = t'{run}{f'{run}'}'\n",
    ],
)
def test_newer_syntax_loses_nothing(tmp_path: Path, code: str) -> None:
    log = "run.log({f'{'loss'}': 1}, commit=0)\nwandb.init(reinit=True)\n"
    result = lint(tmp_path, {"bad.py": START + code + log})
    row = (START + code + log).count("\n")
    assert (result.code, other_findings(result), result.err) == (1, [f"bad.py:{row}:12: WB101"], "")
