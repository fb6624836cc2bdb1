"""`semantics.runs` against the installed wandb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import wandb
from pydantic import ValidationError

from wandblint.semantics import runs

from . import studies

if TYPE_CHECKING:
    from .conftest import Recorded

# The runs are recorded once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("recorded")


@pytest.mark.parametrize("reinit", [value for value in studies.REINIT if value != "always"])
def test_second_init(recorded: Recorded, reinit: str | bool | None) -> None:
    assert recorded.second_init[reinit] == runs.second_init(reinit).name


def test_an_unknown_reinit_raises(recorded: Recorded) -> None:
    assert recorded.second_init["always"] == "ValidationError"
    with pytest.raises(ValueError, match="reinit='always' is not one of None, 'default'"):
        runs.second_init("always")


@pytest.mark.parametrize("reinit", [True, False])
def test_the_string_for_a_boolean_does_the_same(recorded: Recorded, reinit: bool) -> None:
    assert recorded.second_init[runs.reinit_string(reinit)] == recorded.second_init[reinit]


@pytest.mark.parametrize("resume", [None, True, False, *sorted(runs.RESUME_VALUES)])
def test_resume(resume: str | bool | None) -> None:
    assert wandb.Settings.model_validate({"resume": resume}).resume == runs.resume_value(resume)


@pytest.mark.parametrize("resume", ["None", "", "true", "Allow"])
def test_resume_rejects_other_strings(resume: str) -> None:
    with pytest.raises(ValidationError):
        wandb.Settings.model_validate({"resume": resume})
    with pytest.raises(ValueError, match="is not one of allow"):
        runs.resume_value(resume)


@pytest.mark.parametrize("mode", [*sorted(runs.MODES), "off", "Disabled"])
def test_modes(mode: str) -> None:
    try:
        wandb.Settings.model_validate({"mode": mode})
    except ValidationError:
        assert mode not in runs.MODES
    else:
        assert mode in runs.MODES


def test_a_disabled_run_checks_and_records_nothing(recorded: Recorded) -> None:
    assert runs.records_nothing("disabled")
    assert not any(runs.records_nothing(mode) for mode in runs.MODES - {"disabled"})
    assert recorded.runs_dir not in recorded.disabled_dir.parents
