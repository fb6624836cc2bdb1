"""WB701: a name or an argument that a release of wandb removed.

`wandblint.semantics.removed` reads the release from the published packages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, DropArgument, Finding, Fix, RenameMember, Severity, Span
from wandblint.model import TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.removed import Removal, allowed_releases, removal, since
from wandblint.semantics.versions import Requirement, parse_version


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per place, about the first removal; none if some entry point guards the use."""
    guarded = {(use.span, use.name) for use in model.api_uses if use.is_guarded}
    removals_at: dict[Span, list[Removal]] = defaultdict(list)
    for span, name in sorted({(use.span, use.name) for use in model.api_uses} - guarded):
        if (removed := removal(name)) is not None:
            removals_at[span].append(removed)
    settings_spans = [argument.span for init in model.inits if (argument := init.argument("settings"))]
    where = " in its folder or above" if model.nested_requirements else ""
    for span, removals in removals_at.items():
        removed = min(removals, key=lambda each: parse_version(each.removed_in))
        requirement = model.requirement_of(span.path)
        allowed = allowed_releases(requirement.specifier)
        if allowed and parse_version(allowed[-1]) >= parse_version(removed.removed_in):
            pinned = _still_installed(requirement, removed)
            yield rule.finding(
                span,
                f"{_what(removed.name)} was removed in wandb {removed.removed_in}, so this raises; "
                f"{_allowance(requirement, allowed, removed, where)}{pinned}",
                _advice(removed),
                # Nothing breaks before somebody updates the lock file.
                severity=Severity.WARNING if pinned else None,
                fix=_fix(span, removed, allowed, next(filter(span.is_in, settings_spans), None)),
            )


def _scope(requirement: Requirement) -> str | None:
    newest = allowed_releases(None)[-1]
    allowed = allowed_releases(requirement.specifier)
    if not allowed:
        return "is silent: the requirement allows no release that it knows"
    return None if allowed[-1] == newest else f"is silent about what wandb removed after {allowed[-1]}"


def _fix(span: Span, removed: Removal, allowed: list[str], settings: Span | None) -> Fix | None:
    """The replacement that works in every release that the project allows.

    `settings` is the argument of `wandb.init` around the place: empty settings may be dropped.
    """
    replacement = removed.replacement
    if replacement is None:
        return None
    if replacement.drops:
        return Fix(Applicability.SAFE, "drop the argument", (DropArgument(span, settings),))
    introduced = since(replacement.name)
    if not replacement.member or (
        introduced is not None and parse_version(allowed[0]) < parse_version(introduced)
    ):
        return None
    member = replacement.member if replacement.is_property else f"{replacement.member}()"
    change = RenameMember(span, replacement.member, replacement.is_property)
    return Fix(Applicability.SAFE, f"write `run.{member}`", (change,))


def _what(name: str) -> str:
    if name.startswith("import "):
        return f"the module `{name.removeprefix('import ')}`"
    function, bracket, argument = name.replace("wandb.Run.", "Run.").rstrip(")").partition("(")
    if not bracket:
        return f"`{function}`"
    return f"`{argument}=` of `{function}`" if argument else f"`{function}()` without arguments"


def _allowance(requirement: Requirement, allowed: list[str], removed: Removal, where: str) -> str:
    """Why the project may install a release without it; `where` are the requirements that count."""
    if requirement.specifier is None:
        return f"no requirement{where} keeps wandb below {removed.removed_in}"
    required = f"your requirement `wandb{requirement.specifier}`"
    if parse_version(allowed[0]) >= parse_version(removed.removed_in):
        return f"{required} allows no older release"
    return f"{required} allows {allowed[-1]}"


def _still_installed(requirement: Requirement, removed: Removal) -> str:
    """The clause that the lock file installs a release that still has it; empty if not."""
    pin = requirement.pin
    if pin is None or parse_version(pin.version) >= parse_version(removed.removed_in):
        return ""
    return f", though {pin.file} still installs {pin.version}"


def _advice(removed: Removal) -> str:
    if removed.replacement is not None:
        return removed.replacement.advice
    return f"stop using it, or require `wandb<{removed.removed_in}`"


rule = Rule(
    code="WB701",
    name="removed-api",
    severity=Severity.ERROR,
    summary="A name or an argument that wandb no longer has",
    check=check,
    scope=_scope,
)
