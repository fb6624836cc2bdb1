"""WB701: a name or an argument that wandb has lost.

Which release lost it is read from the released packages (`wandblint.semantics.removed`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, DropArgument, Finding, Fix, RenameMember, Severity
from wandblint.model import TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.removed import Removal, allowed_releases, removal, since
from wandblint.semantics.versions import Requirement, parse_version
from wandblint.span import Span


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a place, of what went first; none where some way to the place asks first."""
    guarded = {(use.span, use.name) for use in model.api_uses if use.is_guarded}
    places: dict[Span, list[Removal]] = defaultdict(list)
    for span, name in sorted({(use.span, use.name) for use in model.api_uses} - guarded):
        found = removal(name)
        if found is not None:
            places[span].append(found)
    allowed = allowed_releases(model.requirement.specifier) if places else []
    settings = [given.span for init in model.inits if (given := init.argument("settings"))]
    for span, lost in places.items():
        gone = min(lost, key=lambda one: parse_version(one.removed_in))
        if allowed and parse_version(allowed[-1]) >= parse_version(gone.removed_in):
            message = f"{_what(gone.name)} was removed in wandb {gone.removed_in}, so this raises"
            still = _still_installed(model.requirement, gone)
            yield rule.finding(
                span,
                f"{message}; {_allowance(model.requirement, allowed, gone)}{still}",
                _advice(gone),
                # Nothing is lost before somebody updates the lock file.
                severity=Severity.WARNING if still else None,
                fix=_fix(span, gone, allowed, next(filter(span.is_in, settings), None)),
            )


def _fix(span: Span, gone: Removal, allowed: list[str], settings: Span | None) -> Fix | None:
    """What can be written instead in every release that the project allows.

    `settings` is the argument of `wandb.init` that the place is in: empty settings are those of no argument.
    """
    new = gone.replacement
    if new is None:
        return None
    if new.drops:
        return Fix(Applicability.SAFE, "drop the argument", (DropArgument(span, settings),))
    first = since(new.name)
    if not new.member or (first is not None and parse_version(allowed[0]) < parse_version(first)):
        return None
    written = new.member if new.is_property else f"{new.member}()"
    change = RenameMember(span, new.member, new.is_property)
    return Fix(Applicability.SAFE, f"write `run.{written}`", (change,))


def _what(name: str) -> str:
    if name.startswith("import "):
        return f"the module `{name.removeprefix('import ')}`"
    function, bracket, argument = name.replace("wandb.Run.", "Run.").rstrip(")").partition("(")
    return f"`{argument}=` of `{function}`" if bracket else f"`{function}`"


def _allowance(requirement: Requirement, allowed: list[str], gone: Removal) -> str:
    """Why the project meets a release that lacks it."""
    if requirement.specifier is None:
        return f"no requirement keeps wandb below {gone.removed_in}"
    required = f"your requirement `wandb{requirement.specifier}`"
    if parse_version(allowed[0]) >= parse_version(gone.removed_in):
        return f"{required} allows no older release"
    return f"{required} allows {allowed[-1]}"


def _still_installed(requirement: Requirement, gone: Removal) -> str:
    """That the lock file still installs a release that has it, if it does."""
    pin = requirement.pin
    if pin is None or parse_version(pin.version) >= parse_version(gone.removed_in):
        return ""
    return f", though {pin.file} still installs {pin.version}"


def _advice(gone: Removal) -> str:
    if gone.replacement is not None:
        return gone.replacement.advice
    return f"stop using it, or require `wandb<{gone.removed_in}`"


rule = Rule(
    code="WB701",
    name="removed-api",
    severity=Severity.ERROR,
    summary="A name or an argument that wandb no longer has",
    check=check,
)
