"""`wandblint rule`: explains a rule, or lists all of them."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from wandblint.app import registry
from wandblint.app.settings import load
from wandblint.app.settings_errors import SettingsError
from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, INCOMPLETE
from wandblint.cli.options import HELP_OPTIONS, choice, color, complete_rules, plugins
from wandblint.pages.markdown import explanation
from wandblint.reports.display import wrap
from wandblint.reports.links import rule_url
from wandblint.reports.style import Style, severity_color
from wandblint.rule import Rule

MAX_WIDTH = 100
"""Prose in longer lines is hard to read."""
_BULLET = re.compile(r"\s*(?:[-*]|\d+\.)?\s+")
MIN_WIDTH = 30
"""The least width of a summary in cells, however narrow the terminal is."""


class Explain(click.Command):
    """The command."""

    def invoke(self, ctx: click.Context) -> int:
        """Prints the page or the list and returns the exit code. Raises a usage error if no rule matches."""
        style = console.style(ctx.params["color"])
        selector = ctx.params["selector"]
        problems: Sequence[str] = ()
        try:
            settings, _ = load(Path.cwd(), plugins=ctx.params["plugin"])
            if not _selects(selector, settings.plugins):
                problems = settings.problems
            for problem in problems:
                console.fail(problem, ctx.params["color"])
            lines = _answer(selector, settings.plugins, ctx.params["output_format"], style)
        except (registry.UnknownRuleError, registry.PackError, SettingsError) as error:
            raise click.UsageError(str(error)) from error
        console.write(lines, color=style.color)
        return INCOMPLETE if problems else CLEAN


rule = Explain(
    "rule",
    help="Explain a rule, or list all of them.",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[
        click.Argument(["selector"], metavar="[CODE|NAME]", required=False, shell_complete=complete_rules),
        choice("--output-format", ("text", "json"), "Format of the output."),
        plugins(),
        color(),
    ],
)


def _selects(selector: str | None, packs: Sequence[str]) -> bool:
    """Whether a selector selects a rule of these packs, so that other packs do not matter."""
    try:
        return selector is not None and bool(registry.resolve(selector, packs))
    except registry.UnknownRuleError:
        return False


def _answer(selector: str | None, packs: Sequence[str], output_format: str, style: Style) -> Iterable[str]:
    """Explains the selected rule; lists all rules without a selector, or the rules that a prefix selects."""
    rules = registry.rules(packs) if selector is None else registry.resolve(selector, packs)
    if selector is None or len(rules) > 1:
        if output_format == "json":
            return [json.dumps([_fields(rule) for rule in rules], indent=2)]
        return _table(rules, style)
    page = explanation(registry.page(rules[0], packs))
    if output_format == "json":
        return [json.dumps({**_fields(rules[0]), "explanation": page}, indent=2)]
    return _render(page, style) if style.color and sys.stdout.isatty() else _wrapped(page, style)


def _table(rules: Sequence[Rule], style: Style) -> Iterator[str]:
    code = max(len(rule.code) for rule in rules)
    name = max(len(rule.name) for rule in rules)
    severity = max(len(rule.severity.value) for rule in rules)
    indent = code + name + severity + 6
    for rule in rules:
        first, *rest = wrap(rule.summary, style.room(indent, MIN_WIDTH))
        painted = style.paint(f"{rule.code:<{code}}", severity_color(rule.severity), bold=True)
        yield f"{painted}  {rule.name:<{name}}  {rule.severity.value:<{severity}}  {first}"
        yield from (" " * indent + line for line in rest)


def _fields(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "on_by_default": rule.on_by_default,
        "options": dict(rule.options),
        "url": rule_url(rule.name),
    }


def _wrapped(page: str, style: Style) -> Iterator[str]:
    """Wraps the prose of a page to the terminal, and keeps its code and its tables."""
    is_code = False
    for line in page.splitlines():
        is_code ^= line.lstrip().startswith("```")
        if is_code or line.lstrip().startswith(("|", "```")):
            yield line
            continue
        bullet = _BULLET.match(line)
        indent = len(bullet[0]) if bullet else 0
        first, *rest = wrap(line[indent:], style.room(indent, MIN_WIDTH))
        yield line[:indent] + first
        yield from (" " * indent + more for more in rest)


def _render(page: str, style: Style) -> Iterable[str]:
    """Renders headings, code and emphasis for a terminal, if rich is installed."""
    try:
        from rich.console import Console  # noqa: PLC0415 (for terminals only)
        from rich.markdown import Markdown  # noqa: PLC0415
    except ImportError:
        return _wrapped(page, style)
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    terminal = Console(width=width, force_terminal=True)
    with terminal.capture() as output:
        terminal.print(Markdown(page, hyperlinks=False))
    return [line.rstrip() for line in output.get().rstrip().splitlines()]
