"""`--explain-silence`: the claims that are not reported, and what silences each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from wandblint import engine
from wandblint.app import registry
from wandblint.app.settings import configured
from wandblint.app.silence import Reason, Silenced
from wandblint.cli import console
from wandblint.cli.options import CONFIDENCES
from wandblint.cli.progress import progress
from wandblint.cli.workflows.projects import cache_of, filename, problem_text
from wandblint.infra.processes import processors
from wandblint.infra.words import pluralize
from wandblint.reports.location import place

if TYPE_CHECKING:
    from wandblint.app.settings import Settings
    from wandblint.cli.workflows.check_run import CheckRun
    from wandblint.cli.workflows.projects import SelectedProject
    from wandblint.rule import Rule
    from wandblint.span import Span


def explain(
    run: CheckRun, projects: Iterable[tuple[SelectedProject, Settings, Collection[str] | None]]
) -> None:
    """Prints the claims of projects, each with the files whose claims count (None: all)."""
    count = 0
    for project, settings, reported in projects:
        try:
            with progress(wanted=not run.options.quiet) as show:
                result = engine.explain_silence(
                    project.root,
                    reported,
                    settings,
                    _rules(run, settings),
                    resources=engine.RunResources(
                        cache_of(project.root, run.options), run.options.jobs or processors(), show
                    ),
                )
        except (registry.UnknownRuleError, registry.PackError) as error:
            run.fail(f"--explain-silence: {error}{_hint(run.options.explain_silence)}")
            continue
        for problem in result.problems:
            run.fail(problem_text(project.root, problem))
        lines = list(_lines(run, project, result))
        console.write(lines, color=False)
        count += sum(not line.startswith(" ") for line in lines)
    run.note(f"{pluralize(count, 'claim')} silenced" if count else "no claim is silenced")


def _hint(selectors: str | None) -> str:
    """What to write instead of a path that was taken for a rule."""
    is_path = bool(selectors) and Path(selectors or "").exists()
    return f"; paths come first: `wandblint {selectors} --explain-silence`" if is_path else ""


def _rules(run: CheckRun, settings: Settings) -> list[Rule]:
    """The rules whose silence is explained: those of the option, else all that are enabled."""
    selectors = [part.strip() for part in (run.options.explain_silence or "").split(",") if part.strip()]
    if not selectors:
        return engine.enabled_rules(settings)
    rules = {rule.code: rule for each in selectors for rule in registry.resolve(each, settings.plugins)}
    return [configured(rule, settings) for _, rule in sorted(rules.items())]


def _lines(run: CheckRun, project: SelectedProject, result: engine.Explanation) -> Iterator[str]:
    def shown(span: Span) -> str:
        return str(place(span, result.texts, lambda name: filename(project.root / name)))

    for claim in result.claims:
        reasons = [*claim.reasons, *_by_options(run, claim)]
        if reasons:
            yield f"{shown(claim.finding.span)}: {claim.finding.code} {claim.finding.message}"
        for reason in reasons:
            yield f"  {reason.words}" if reason.span is None else f"  {shown(reason.span)}: {reason.words}"


def _by_options(run: CheckRun, claim: Silenced) -> Iterator[Reason]:
    confidence = claim.finding.confidence.value
    if CONFIDENCES.index(confidence) < CONFIDENCES.index(run.options.min_confidence):
        yield Reason(f"its confidence is {confidence}, which --min-confidence leaves out")
