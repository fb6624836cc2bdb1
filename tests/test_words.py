"""What users read is plain English: it uses none of the words in `DROPPED`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from wandblint.cli.program import program
from wandblint.cli.verbs import VERBS

ROOT = Path(__file__).parents[1]

DROPPED = {
    r"\bbehind\b": "after",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\banew\b": "again",
    r"\bin vain\b": "without effect",
    r"\b(?:tells?|telling|told) of\b": "says, reports",
    r"\b(?:is|are) none of\b": "is not",
    r"\b(?:are|is|what is) no more\b(?! than)": "stale",
    r"\bput off\b": "deferred",
    r"\bcarr(?:y|ies|ied|ying) (?:\w+ )?out\b": "apply",
    r"\b(?:lie|lies|lay|lying) over\b": "use as x-axis",
    r"\b(?:lie|lies|lay|lying) on one another\b": "lie at x = 0",
    r"\bleaves? (?:it|them|the \w+) on `_step`": "plots it over `_step`",
    r"\brows? of (?:its|their) own\b": "its own row",
    r"\b(?:each|every|first|second|third|last|next|that|this) pass\b": "iteration",
    r"\bpass(?:es)? of (?:a|the|this|each|every|one) loop\b": "iterations of the loop",
    r"\b(?:one|findings?|lines?|rows?|entry) a (?:call|file|finding|key|line|project|rule|script)\b": "per",
    r"\ba (?:run|process) a (?:fold|process|project|rank)\b": "per",
    r"\bwhat (?:came|comes|became|becomes|has become) of\b": "the result of",
    r"\b(?:held|holds?) (?:it |them )?against\b": "compared with",
    r"\bcomplete words\b": "shell completion",
    r"\b(?:asks?|asked|asking) for the rank\b": "rank check",
    r"\bno test on the way\b": "no rank check guards",
    r"\bmistakes? to come\b": "future finding",
    r"\b(?:whatever|what) (?:its |their )?callers (?:of \S+ )?pass\b": "the value that callers pass",
    r"\bcounts? different things\b": "come from different counters",
    r"\bone job, several runs\b": "splits one job into several runs",
    r"\bwhen the run was further\b": "below the run's current step",
    r"\bis no (?:file|folder|number|Python)\b": "is not a",
}
"""A pattern for each habit that reads as if translated, and the plain words. Case does not matter."""

FORMER = [
    "collect the keys in one dict and log it once, behind the loop",
    "mend the syntax: until then the file may log anything",
    "write it anew with --write-baseline",
    "an attempt in vain",
    "WB002 tells of suppressions",
    "`loud` is none of text, json",
    "--update-baseline drops what is no more",
    "an object that is put off",
    "carry it out?",
    "while others of `train` lie over `epoch`",
    "all points lie on one another",
    "so wandb leaves it on `_step`",
    "every key gets a row of its own here",
    "from the second pass on `wandb.init` returns the first run",
    "with each pass of the loop",
    "one a project",
    "a run a process",
    "what came of each",
    "the record is held against what the code predicts",
    "Print what makes the shell complete words of wandblint.",
    "nothing asks for the rank",
    "no test on the way",
    "so that it hides no mistake to come",
    "whatever callers of `f` pass, wandb counts the rows itself",
    "`step=j` and `step=i` of one run count different things",
    "starts another: one job, several runs",
    "logged with steps 0-2 when the run was further",
    "this is no number",
]
"""Phrases that the tool used once; the list must find each."""


def findings(text: str) -> list[str]:
    """The dropped words of a text, each with its line and with what to write instead."""
    return [
        f"{text.count(chr(10), 0, match.start()) + 1}: `{match[0]}`: write {instead}"
        for pattern, instead in DROPPED.items()
        for match in re.finditer(pattern.replace(" ", r"\s+"), text, re.IGNORECASE)
    ]


def messages(file: Path) -> str:
    """The strings of a module without its docstrings, each on the line where it begins."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    lines: dict[int, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            lines.setdefault(node.lineno, []).append(f"{node.value} .".replace("\n", " "))
    return "\n".join(" ".join(lines.get(row, [])) for row in range(1, max(lines, default=0) + 1))


def prose(page: Path) -> str:
    """A page without its code: the examples are what users write, and the tests run them."""
    code = re.compile(r"^(`{3,})(?:python|toml|yaml|diff|groovy)\b.*?^\1", re.DOTALL | re.MULTILINE)
    return code.sub(lambda block: "\n" * block[0].count("\n"), page.read_text(encoding="utf-8"))


def help_texts() -> Iterator[tuple[str, str]]:
    """The help of wandblint and of each verb."""
    context = click.Context(program, info_name="wandblint")
    yield "--help", program.get_help(context)
    for verb in VERBS:
        command = program.get_command(context, verb)
        assert command is not None, verb
        yield f"{verb} --help", command.get_help(click.Context(command, context, info_name=verb))


def files(*patterns: str) -> list[Path]:
    """Files of the repository."""
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    assert paths, patterns
    return paths


def name(path: Path) -> str:
    """The path of a file, for the names of tests."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("phrase", FORMER)
def test_the_list_finds_former_phrases(phrase: str) -> None:
    assert findings(phrase)


def test_each_habit_has_a_former_phrase() -> None:
    assert [pattern for pattern in DROPPED if not any(re.search(pattern, old) for old in FORMER)] == []


@pytest.mark.parametrize("page", files("*.md", "rules/*.md", "docs/*.md", "examples/**/*.md"), ids=name)
def test_pages(page: Path) -> None:
    assert findings(prose(page)) == []


@pytest.mark.parametrize(
    "file",
    files("action.yml", ".pre-commit-hooks.yaml", "docs/*.json", "docs/*.toml", "Makefile"),
    ids=name,
)
def test_other_texts(file: Path) -> None:
    assert findings(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("rule", files("rules/*.py", "examples/rule_pack/team_rules/*.py"), ids=name)
def test_messages_and_help_of_rules(rule: Path) -> None:
    assert findings(messages(rule)) == []


def test_messages_of_the_program() -> None:
    dropped_by_file = {name(file): findings(messages(file)) for file in files("wandblint/**/*.py")}
    assert {file: words for file, words in dropped_by_file.items() if words} == {}


@pytest.mark.parametrize(("verb", "text"), list(help_texts()), ids=lambda value: value.split("\n")[0][:20])
def test_help(verb: str, text: str) -> None:
    assert text, verb
    assert findings(text) == []
