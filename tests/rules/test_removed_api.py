"""WB701: message and severity for each requirement."""

from __future__ import annotations

import pytest

from rules.removed_api import rule
from wandblint.findings.finding import Finding, Severity
from wandblint.model.events import ApiUse
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.versions import Pin, Requirement
from wandblint.span import Span

SPAN = Span("train.py", 10, 20)


def findings(requirement: Requirement, *uses: ApiUse) -> list[Finding]:
    model = TrackingModel(
        api_uses=list(uses or [ApiUse(SPAN, "wandb.Run.get_url", is_guarded=False)]), requirement=requirement
    )
    assert rule.check is not None
    return list(rule.check(model, {}))


@pytest.mark.parametrize(
    ("specifier", "pin", "severity", "phrase"),
    [
        (None, None, Severity.ERROR, "; no requirement keeps wandb below 0.29.0"),
        (">=0.16", None, Severity.ERROR, "; your requirement `wandb>=0.16` allows 0.31.0"),
        (">=0.30", None, Severity.ERROR, "; your requirement `wandb>=0.30` allows no older release"),
        (">=99", None, Severity.ERROR, "; your requirement `wandb>=99` allows no older release"),
        (">=0.16", "0.28.2", Severity.WARNING, "allows 0.31.0, though uv.lock still installs 0.28.2"),
        (">=0.16", "0.29.0", Severity.ERROR, "; your requirement `wandb>=0.16` allows 0.31.0"),
        (None, "0.17.0", Severity.WARNING, "below 0.29.0, though uv.lock still installs 0.17.0"),
    ],
)
def test_message_and_severity(
    specifier: str | None, pin: str | None, severity: Severity, phrase: str
) -> None:
    (finding,) = findings(Requirement(specifier, None if pin is None else Pin(pin, "uv.lock")))
    assert finding.message.startswith("`Run.get_url` was removed in wandb 0.29.0, so this raises; ")
    assert finding.message.endswith(phrase)
    assert finding.severity is severity
    assert finding.help == "read the property `run.url`"


def test_a_requirement_of_another_folder_is_not_denied() -> None:
    use = ApiUse(SPAN, "wandb.Run.get_url", is_guarded=False)
    model = TrackingModel(api_uses=[use], nested_requirements={"demo": Requirement("==0.13.3")})
    assert rule.check is not None
    (finding,) = rule.check(model, {})
    assert finding.message.endswith("; no requirement in its folder or above keeps wandb below 0.29.0")


@pytest.mark.parametrize("specifier", ["<0.29", "==0.28.2", "~=0.20.0", "==0.10.33", ">=0.16,<0.16"])
def test_a_requirement_below_the_removal_silences(specifier: str) -> None:
    assert findings(Requirement(specifier)) == []


def test_one_guarded_use_silences() -> None:
    uses = [ApiUse(SPAN, "wandb.Run.get_url", is_guarded=is_guarded) for is_guarded in (False, True)]
    assert findings(Requirement(), *uses) == []


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("wandb.Run.log(sync)", "`sync=` of `Run.log`"),
        ("wandb.util.generate_id", "`wandb.util.generate_id`"),
        ("import wandb.plots", "the module `wandb.plots`"),
    ],
)
def test_names_in_messages(name: str, phrase: str) -> None:
    (finding,) = findings(Requirement(), ApiUse(SPAN, name, is_guarded=False))
    assert finding.message.startswith(f"{phrase} was removed in wandb ")


def test_without_a_replacement_the_bound_is_the_advice() -> None:
    (finding,) = findings(Requirement(), ApiUse(SPAN, "wandb.util.launch_browser", is_guarded=False))
    assert finding.help.startswith("stop using it, or require `wandb<0.")
