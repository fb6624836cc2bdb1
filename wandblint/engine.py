"""How a project becomes findings: the whole path on one screen.

`analysis` reads the files that matter on demand and builds the model, rules read the model, suppressions
and settings decide what is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.app.launch_files import launch_files, sweep_files
from wandblint.app.project import Problem, Project, RunResources, Unparsable, one_line
from wandblint.app.selection import enabled_rules, ignored_codes, noted_codes
from wandblint.app.settings import Settings, rule_options
from wandblint.findings.finding import Finding, Severity
from wandblint.infra.tracebacks import failing_file
from wandblint.model.codec import NotAModel, decode, encode
from wandblint.rule import Rule
from wandblint.sources.requirement import nested_requirements, wandb_requirement
from wandblint.sources.source import is_notebook
from wandblint.sources.text import Texts, digest_of
from wandblint.suppression.file_suppressions import FileSuppressions
from wandblint.suppression.fingerprint import Fingerprints

if TYPE_CHECKING:
    from wandblint.app.silence import Silenced
    from wandblint.dashboard.prediction import PredictedRun
    from wandblint.dashboard.statistics import Reach
    from wandblint.model.tracking_model import TrackingModel

__all__ = [
    "CheckResult",
    "Explanation",
    "Forecast",
    "Problem",
    "Project",
    "RunResources",
    "check",
    "enabled_rules",
    "explain_silence",
    "forecast",
]

SYNTAX_ERROR, UNUSED_SUPPRESSION = "WB001", "WB002"


class CheckResult(msgspec.Struct, frozen=True):
    """The result of a check. `findings` are sorted, selected and not suppressed.

    `newer_syntax` is not a failure: it names expressions that only a newer Python parses. `checked_codes`
    are the codes whose findings in the files `names` are complete. `reach` is the coverage of the analysis,
    if requested and the project uses wandb.
    """

    findings: list[Finding]
    suppressed: int
    problems: list[Problem]
    newer_syntax: Problem | None
    names: Sequence[str]
    checked_codes: frozenset[str]
    files_read: int
    texts: Texts
    fingerprints: Fingerprints
    project: Project
    reach: Reach | None = None

    @property
    def files_checked(self) -> int:
        """The number of checked files."""
        return len(self.names)


def check(
    root: Path,
    reported: Collection[str] | None,
    settings: Settings,
    *,
    overrides: Mapping[str, str] | None = None,
    statistics: bool = False,
    comments: bool = True,
    resources: RunResources | None = None,
) -> CheckResult:
    """Check a project and report the findings of the files `reported` (None: all).

    The analysis always covers the whole project; `overrides` are texts by name that replace or add files.
    With `statistics` the result contains the coverage of the project. Without `comments` no comment
    suppresses a finding.

    Raises `UnknownRuleError` if the settings select an unknown rule, `PackError` if a rule pack cannot be
    used.
    """
    rules = enabled_rules(settings)
    project = Project(root, settings, named=reported or (), overrides=overrides, resources=resources)
    try:
        return _checked(project, reported, settings, rules, statistics=statistics, comments=comments)
    finally:
        project.stop_workers()


def _checked(
    project: Project,
    reported: Collection[str] | None,
    settings: Settings,
    rules: Sequence[Rule],
    *,
    statistics: bool,
    comments: bool,
) -> CheckResult:
    names = project.names if reported is None else sorted(set(reported))
    model = _model(project, settings) if project.relevant() else None
    verdict = _apply_rules(project, settings, rules, model)
    findings: list[Finding] = []
    suppressed = 0
    for name in _relevant(project, verdict, names, rules):
        suppressions = FileSuppressions(
            project, name, settings.plugins, lacks_packs=bool(settings.problems), comments=comments
        )
        file_findings = _of_file(suppressions, ignored_codes(settings, name), rules, verdict, name)
        findings += file_findings
        suppressed += suppressions.suppressed
    findings.sort(key=lambda finding: finding.sort_key)
    reach = _reach(project, model) if statistics and model is not None else None
    project.save()
    return CheckResult(
        findings,
        suppressed,
        project.problems,
        project.newer_syntax,
        names,
        verdict.checked_codes,
        project.files_read,
        project.texts,
        Fingerprints(project),
        project,
        reach,
    )


class Forecast(msgspec.Struct, frozen=True):
    """The runs that a project opens, their charts, and the problems of reading it."""

    runs: list[PredictedRun]
    problems: list[Problem]
    files_read: int
    texts: Texts


def forecast(
    root: Path,
    named: Collection[str],
    settings: Settings,
    *,
    resources: RunResources | None = None,
) -> Forecast:
    """Predict a project's dashboard; `named` files belong to it even if git or the settings exclude them."""
    project = Project(root, settings, named=named, resources=resources)
    model = _model_alone(project, settings)
    runs: list[PredictedRun] = []
    if model is not None:
        from wandblint.dashboard.prediction import predict  # noqa: PLC0415 (projects without wandb need none)

        runs = predict(model)
    return Forecast(runs, _all_problems(project), project.files_read, project.texts)


class Explanation(msgspec.Struct, frozen=True):
    """The claims of rules, each with what keeps it out of a report; without reasons, it is reported."""

    claims: list[Silenced]
    problems: list[Problem]
    texts: Texts


def explain_silence(
    root: Path,
    reported: Collection[str] | None,
    settings: Settings,
    explained: Sequence[Rule],
    *,
    overrides: Mapping[str, str] | None = None,
    resources: RunResources | None = None,
) -> Explanation:
    """What the `explained` rules claim, and would claim if they knew more.

    Only claims in the files `reported` count (None: all). Raises as `check`.
    """
    from wandblint.app.silence import silenced_claims  # noqa: PLC0415 (few runs explain)

    active = {rule.code for rule in enabled_rules(settings)}
    project = Project(root, settings, named=reported or (), overrides=overrides, resources=resources)
    model = _model_alone(project, settings)
    names = frozenset(project.names if reported is None else reported)
    claims: list[Silenced] = []
    for rule in explained if model is not None else ():
        assert model is not None
        for claim in silenced_claims(model, rule, rule_options(rule, settings), settings, active):
            path = claim.finding.span.path
            if path in names:
                comments = FileSuppressions(project, path, settings.plugins).comments_on(claim.finding)
                claims.append(claim.suppressed_by(comments))
    return Explanation(claims, _all_problems(project), project.texts)


def _model_alone(project: Project, settings: Settings) -> TrackingModel | None:
    """The model of a project of which nothing else is asked; None if there is none."""
    try:
        model = _model(project, settings) if project.relevant() else None
        project.save()
    finally:
        project.close()
    return model


def _all_problems(project: Project) -> list[Problem]:
    """The problems of a project, and the files that cannot be parsed, which no rule reports here."""
    return [*project.problems, *(_parse_problem(project, file) for file in project.unparsable)]


def _parse_problem(project: Project, file: Unparsable) -> Problem:
    path, start = file.span.path, file.span.start
    position = project.texts.section(path, start).position_text(start)
    return Problem(path, f"cannot be parsed: {file.message}", position)


class _Verdict(msgspec.Struct, frozen=True):
    """All findings of the project, by file, and the codes whose findings are complete."""

    findings: Mapping[str, list[Finding]]
    checked_codes: frozenset[str]


def _apply_rules(
    project: Project, settings: Settings, rules: Sequence[Rule], model: TrackingModel | None
) -> _Verdict:
    findings: dict[str, list[Finding]] = defaultdict(list)
    checked_codes = {SYNTAX_ERROR, UNUSED_SUPPRESSION}
    scripts_only = {rule.code for rule in rules if not rule.in_notebooks}
    for finding in _findings(project, settings, rules, model, checked_codes):
        if finding.code in scripts_only and is_notebook(finding.span.path):
            continue
        findings[finding.span.path].append(finding)
    return _Verdict(findings, frozenset(checked_codes & {rule.code for rule in rules}))


def _model(project: Project, settings: Settings) -> TrackingModel | None:
    requirement = wandb_requirement(project.root, settings.wandb_version)
    # What the settings state replaces all others.
    uses_wandb = () if settings.wandb_version else filter(project.mentions_wandb, project.names)
    nested = nested_requirements(project.root, uses_wandb)
    launches, hydra_files = launch_files(project.root, project.importing("hydra"))
    sweeps = sweep_files(project.root)
    inputs = (settings.src, requirement, nested, launches, hydra_files, sweeps, project.overridden)
    key = digest_of(repr(inputs).encode("utf-8", "surrogateescape"))
    cached = project.cached_analysis(key)
    if cached is not None:
        with suppress(NotAModel):
            return decode(cached)
    from wandblint.analysis import analyze_incremental  # noqa: PLC0415 (unchanged projects need none)

    try:
        model, results = analyze_incremental(
            project,
            settings.src,
            requirement,
            project.cached_entry_results(key),
            project.processes,
            hydra_files,
        )
    except Exception as error:
        # A bug in the analysis costs the findings of the rules; syntax errors are still reported.
        project.problems.append(
            Problem(failing_file(error) or "", f"the analysis of the project failed: {one_line(error)}")
        )
        return None
    model.launch_files, model.sweep_files, model.nested_requirements = launches, sweeps, nested
    # The cache cannot hold integers of more than 64 bits: the next run analyzes the project again.
    with suppress(OverflowError):
        project.store_analysis(key, lambda: encode(model), results)
    return model


def _reach(project: Project, model: TrackingModel) -> Reach:
    from wandblint.dashboard.statistics import reach  # noqa: PLC0415 (needs the analysis, as above)

    return reach(model, project)


def _findings(
    project: Project,
    settings: Settings,
    rules: Sequence[Rule],
    model: TrackingModel | None,
    checked_codes: set[str],
) -> Iterator[Finding]:
    """The findings of the rules; adds the codes with complete findings to `checked_codes`."""
    for rule in rules:
        if rule.code == SYNTAX_ERROR:
            for file in project.unparsable:
                yield rule.finding(file.span, f"this file cannot be parsed: {file.message}", _SYNTAX_HELP)
        elif rule.check is not None and model is not None:
            try:
                findings = list(rule.check(model, rule_options(rule, settings)))
                reports_notes = rule.code in noted_codes(settings)
                yield from (
                    finding for finding in findings if reports_notes or finding.severity is not Severity.NOTE
                )
            except Exception as error:
                # A bug in a rule costs the findings of this rule only.
                message = f"rule {rule.code} {rule.name} crashed: {one_line(error)}"
                project.problems.append(Problem(failing_file(error) or "", message))
            else:
                if not model.unread_files and (reports_notes or not rule.can_warn):
                    checked_codes.add(rule.code)


def _relevant(
    project: Project, verdict: _Verdict, names: Sequence[str], rules: Sequence[Rule]
) -> Iterator[str]:
    """The files with findings, and those with suppressions that may be unused."""
    reports_unused = any(rule.code == UNUSED_SUPPRESSION for rule in rules)
    for name in names:
        if verdict.findings.get(name) or (
            reports_unused and project.mentions_wandb(name) and project.may_suppress(name)
        ):
            yield name


def _of_file(
    suppressions: FileSuppressions,
    ignored: frozenset[str],
    rules: Sequence[Rule],
    verdict: _Verdict,
    name: str,
) -> list[Finding]:
    """The findings of a file that neither comments nor the settings leave out."""
    active = {rule.code for rule in rules} - ignored
    findings = [
        finding
        for finding in verdict.findings.get(name, ())
        if finding.code not in ignored and finding.yields_to not in active
    ]
    reported = [finding for finding in findings if not suppressions.suppress(finding)]
    for rule in rules:
        if rule.code == UNUSED_SUPPRESSION and rule.code not in ignored:
            reported += suppressions.unused(rule, verdict.checked_codes - ignored)
    return reported


_SYNTAX_HELP = "fix the syntax error; until then wandblint must assume this file may log any key"
