"""How a project becomes findings: the whole path on one screen.

Files are read on demand: `linking` asks for those that matter, rules read the model that it makes,
suppressions and settings decide what is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.app.project import Problem, Progress, Project, RunResources, one_line
from wandblint.app.selection import enabled_rules, ignored_codes, noted_codes
from wandblint.app.settings import Settings, rule_options
from wandblint.findings.finding import Finding, Severity
from wandblint.infra.tracebacks import failing_file
from wandblint.model.codec import NotAModel, decode, encode
from wandblint.rule import Rule
from wandblint.sources.requirement import wandb_requirement
from wandblint.sources.source import is_notebook
from wandblint.sources.text import Texts, digest_of
from wandblint.suppression.file_suppressions import FileSuppressions
from wandblint.suppression.fingerprint import Fingerprints

if TYPE_CHECKING:
    from wandblint.dashboard.prediction import PredictedRun
    from wandblint.dashboard.statistics import Reach
    from wandblint.model.tracking_model import TrackingModel

__all__ = [
    "CheckResult",
    "Forecast",
    "Problem",
    "Project",
    "RunResources",
    "check",
    "enabled_rules",
    "forecast",
]

SYNTAX_ERROR, UNUSED_SUPPRESSION = "WB001", "WB002"


class CheckResult(msgspec.Struct, frozen=True):
    """What came of a run. `findings` are sorted, selected and not suppressed; `texts` are of the files.

    `newer_syntax` is no failure: it says what a newer Python would know of the code.

    `fingerprints` tells what each finding keeps when lines shift and files move. `judged` are the codes that
    could have been found in the files `names`.

    `reach` tells how much was seen, where that was asked for and there is something to see.
    """

    findings: list[Finding]
    suppressed: int
    problems: list[Problem]
    newer_syntax: Problem | None
    names: Sequence[str]
    files_judged: frozenset[str]
    files_read: int
    texts: Texts
    fingerprints: Fingerprints
    project: Project
    reach: Reach | None = None

    @property
    def files_checked(self) -> int:
        """In how many files findings were looked for."""
        return len(self.names)


def check(
    root: Path,
    reported: Collection[str] | None,
    settings: Settings,
    *,
    given: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    statistics: bool = False,
    means: RunResources | None = None,
) -> CheckResult:
    """Lints a project. `reported` are the files whose findings are wanted (None: all); the context is always
    the whole project, and `given` (texts by name) stand for files of it. With `statistics` the outcome tells
    how much of the whole project was seen. `means` make it faster.

    Raises `UnknownRuleError` where the settings select a rule that there is not, `PackError` where a rule
    pack cannot be used.
    """
    rules = enabled_rules(settings)
    project = Project(root, settings, named=reported or (), given=given, progress=progress, means=means)
    try:
        return _checked(project, reported, settings, rules, statistics=statistics)
    finally:
        project.stop_reading()


def _checked(
    project: Project,
    reported: Collection[str] | None,
    settings: Settings,
    rules: Sequence[Rule],
    *,
    statistics: bool,
) -> CheckResult:
    names = project.names if reported is None else sorted(set(reported))
    model = _model(project, settings) if project.relevant() else None
    verdict = _judge(project, settings, rules, model)
    findings: list[Finding] = []
    suppressed = 0
    for name in _is_relevant(project, verdict, names, rules):
        kept, hidden = _of_file(project, settings, rules, verdict, name)
        findings += kept
        suppressed += hidden
    findings.sort(key=lambda finding: finding.sort_key)
    reach = _reach(project, model) if statistics and model is not None else None
    project.save()
    return CheckResult(
        findings,
        suppressed,
        project.problems,
        project.newer_syntax,
        names,
        verdict.judged,
        project.read,
        project.texts,
        Fingerprints(project),
        project,
        reach,
    )


class Forecast(msgspec.Struct, frozen=True):
    """The runs that a project opens and their charts, and what could not be read of it."""

    runs: list[PredictedRun]
    problems: list[Problem]
    files_read: int
    texts: Texts


def forecast(
    root: Path,
    named: Collection[str],
    settings: Settings,
    *,
    progress: Progress | None = None,
    means: RunResources | None = None,
) -> Forecast:
    """What a project's dashboard will hold; `named` are files that belong to it even if they are left out."""
    project = Project(root, settings, named=named, progress=progress, means=means)
    try:
        model = _model(project, settings) if project.relevant() else None
        project.save()
    finally:
        project.close()
    runs: list[PredictedRun] = []
    if model is not None:
        from wandblint.dashboard.prediction import predict  # noqa: PLC0415 (a project without wandb needs none)

        runs = predict(model)
    broken = [Problem(file.span.path, f"cannot be parsed: {file.message}") for file in project.unparsable]
    return Forecast(runs, [*project.problems, *broken], project.read, project.texts)


class _Verdict(msgspec.Struct, frozen=True):
    """All that the rules found in the project, by file, and the codes that could have been found."""

    findings: Mapping[str, list[Finding]]
    judged: frozenset[str]


def _judge(
    project: Project, settings: Settings, rules: Sequence[Rule], model: TrackingModel | None
) -> _Verdict:
    findings: dict[str, list[Finding]] = defaultdict(list)
    judged = {SYNTAX_ERROR, UNUSED_SUPPRESSION}
    scripts_only = {rule.code for rule in rules if not rule.in_notebooks}
    for finding in _findings(project, settings, rules, model, judged):
        if finding.code in scripts_only and is_notebook(finding.span.path):
            continue
        findings[finding.span.path].append(finding)
    return _Verdict(findings, frozenset(judged & {rule.code for rule in rules}))


def _model(project: Project, settings: Settings) -> TrackingModel | None:
    requirement = wandb_requirement(project.root, settings.wandb_version)
    about = digest_of(repr((settings.src, requirement, project.given)).encode("utf-8", "surrogateescape"))
    kept = project.cached_analysis(about)
    if kept is not None:
        with suppress(NotAModel):
            return decode(kept)
    from wandblint.analysis import analyze_incremental  # noqa: PLC0415 (where nothing changed none is needed)

    try:
        model, outcomes = analyze_incremental(
            project, settings.src, requirement, project.paths(about), project.processes
        )
    except Exception as error:
        # A mistake of the linker costs what the rules could say; files that cannot be parsed are still
        # reported.
        project.problems.append(
            Problem(failing_file(error) or "", f"the analysis of the project failed: {one_line(error)}")
        )
        return None
    # A number of more than 64 bits, which no cache holds: the next run links again.
    with suppress(OverflowError):
        project.keep_analysis(about, lambda: encode(model), outcomes)
    return model


def _reach(project: Project, model: TrackingModel) -> Reach:
    from wandblint.dashboard.statistics import reach  # noqa: PLC0415 (needs linking, as above)

    return reach(model, project)


def _findings(
    project: Project, settings: Settings, rules: Sequence[Rule], model: TrackingModel | None, judged: set[str]
) -> Iterator[Finding]:
    """What the rules find; the codes of those that could say all they know are added to `judged`."""
    for rule in rules:
        if rule.code == SYNTAX_ERROR:
            for file in project.unparsable:
                yield rule.finding(file.span, f"this file cannot be parsed: {file.message}", _SYNTAX_HELP)
        elif rule.check is not None and model is not None:
            try:
                found = list(rule.check(model, rule_options(rule, settings)))
                noted = rule.code in noted_codes(settings)
                yield from (one for one in found if noted or one.severity is not Severity.NOTE)
            except Exception as error:
                # A mistake in one rule costs this rule, not the run.
                message = f"rule {rule.code} {rule.name} crashed: {one_line(error)}"
                project.problems.append(Problem(failing_file(error) or "", message))
            else:
                if not model.unread_files and (noted or not rule.can_warn):
                    judged.add(rule.code)


def _is_relevant(
    project: Project, verdict: _Verdict, names: Sequence[str], rules: Sequence[Rule]
) -> Iterator[str]:
    """The files with findings, and those with suppressions that may be unused."""
    looks_for_unused = any(rule.code == UNUSED_SUPPRESSION for rule in rules)
    for name in names:
        if verdict.findings.get(name) or (
            looks_for_unused and project.mentions_wandb(name) and project.may_suppress(name)
        ):
            yield name


def _of_file(
    project: Project, settings: Settings, rules: Sequence[Rule], verdict: _Verdict, name: str
) -> tuple[list[Finding], int]:
    """What is reported of a file, and how many findings its comments suppress."""
    ignored = ignored_codes(settings, name)
    suppressions = FileSuppressions(project, name, settings.plugins)
    found = [finding for finding in verdict.findings.get(name, ()) if finding.code not in ignored]
    kept = [finding for finding in found if not suppressions.suppress(finding)]
    for rule in rules:
        if rule.code == UNUSED_SUPPRESSION and rule.code not in ignored:
            kept += suppressions.unused(rule, verdict.judged - ignored)
    return kept, suppressions.suppressed


_SYNTAX_HELP = "fix the syntax error; until then wandblint must assume this file may log any key"
