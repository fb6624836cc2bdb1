"""WB110: a guard on a run variable that can only be None.

Either the guarded code is dead, or the branch for the exceptional case always runs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import (
    Applicability,
    Finding,
    Fix,
    Related,
    RemoveBranch,
    RemoveFunction,
    Severity,
    Span,
)
from wandblint.model import NoneGuard, TrackingModel
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per variable, at its first guard of code that uses wandb."""
    variables: dict[object, dict[object, NoneGuard]] = defaultdict(dict)
    for guard in model.guards:
        # Several entry points may reach one test, and only some of them wandb.
        if guard.reaches_wandb:
            variables[guard.scope, guard.variable].setdefault(guard.span, guard)
    for guards in variables.values():
        first, *others = guards.values()
        fix = None
        if first.is_live:
            branch = "this branch" if first.holds else "the other branch"
            consequence = f"{branch} always runs and uses wandb"
            advice = "assign the variable, or delete the branch if other code has replaced it"
        else:
            branch = "the other branch" if first.holds else "this code"
            consequence = f"{branch} never reaches wandb"
            advice = "assign a run to the variable, or delete the dead branch"
            if not any(guard.holds or guard.is_live for guard in guards.values()):
                fix = _remove(list(guards.values()))
        yield rule.finding(
            first.span,
            f"`{first.variable}` is always None here, so {consequence}",
            advice,
            (
                Related(first.assigned, "this variable is only ever assigned None"),
                *(Related(guard.span, "always true" if guard.holds else "always false") for guard in others),
            ),
            fix=fix,
        )


def _remove(dead: list[NoneGuard]) -> Fix:
    branches = [RemoveBranch(guard.span) for guard in dead]
    here: Counter[Span] = Counter()
    for guard in dead:
        here.update({called.name: called.uses_here for called in guard.called_functions})
    anywhere = {called.name: called.uses_elsewhere for guard in dead for called in guard.called_functions}
    functions = [RemoveFunction(name) for name in here if here[name] == anywhere[name]]
    also = " and the functions that only it calls" if functions else ""
    return Fix(Applicability.UNSAFE, f"remove the dead branch{also}", (*branches, *functions))


rule = Rule(
    code="WB110",
    name="always-none-guard",
    severity=Severity.WARNING,
    summary="A guard on a run variable that can only be None: dead logging, or a branch that always runs",
    check=check,
    in_notebooks=False,
)
