"""`wandblint check-rules PACK`: tests the rules of a pack against their pages."""

from __future__ import annotations

import sys

import click

from wandblint.app import registry
from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE
from wandblint.cli.options import HELP_OPTIONS, PATH, color
from wandblint.pages.check import Failure, check_page
from wandblint.pages.markdown import PageError
from wandblint.pages.page import parse
from wandblint.rule import BUILT_IN_PACK, Rule


def _check_rules(pack: str, color: str) -> int:
    try:
        rules = [(rule, registry.page(rule, [pack])) for rule in registry.load_pack(pack)]
        registry.rules([pack])
    except registry.PackError as error:
        console.fail(str(error), color)
        return INCOMPLETE
    has_failed = False
    for rule, text in rules:
        failures, cases = _test(rule, text, pack)
        has_failed |= bool(failures)
        lines = [f"{rule.code} {rule.name}: {'failed' if failures else 'ok'}, {cases} cases"]
        lines += [f"  {failure.case or 'the page'}: {failure.message}" for failure in failures]
        console.write(lines, color=console.wants_color(color, sys.stdout))
    return FINDINGS if has_failed else CLEAN


def _test(rule: Rule, text: str, pack: str) -> tuple[list[Failure], int]:
    """The failures of a rule and its page, and the number of cases."""
    try:
        page = parse(text)
    except PageError as error:
        return [Failure("", str(error))], 0
    return check_page(rule, page, () if pack == BUILT_IN_PACK else (pack,)), len(page.cases)


check_rules = click.Command(
    "check-rules",
    callback=_check_rules,
    help="Test the cases on the pages of a rule pack, given by its import name: each rule must report what "
    "its page marks and nothing else. Exit code 1 if a case fails.",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["pack"], type=PATH), color()],
)
