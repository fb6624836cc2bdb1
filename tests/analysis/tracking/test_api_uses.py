"""Uses of API that wandb's releases have removed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.analysis.projects import model_of, script
from wandblint.model.events import ApiUse


def uses(files: Mapping[str, str] | str) -> dict[str, bool]:
    """The removed API in use, and whether every use is guarded."""
    guarded: dict[str, bool] = {}
    for use in model_of(files).api_uses:
        guarded[use.name] = guarded.get(use.name, True) and use.is_guarded
    return guarded


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("run.get_url()", "wandb.Run.get_url"),
        ("print(run.mode)", "wandb.Run.mode"),
        ("wandb.run.get_url()", "wandb.Run.get_url"),
        ("getattr(run, 'name'); run.join()", "wandb.Run.join"),
        ("wandb.Run.get_url(run)", "wandb.Run.get_url"),
        ("[wandb.util.generate_id() for _ in range(3)]", "wandb.util.generate_id"),
        ("import wandb.util as u; u.generate_id()", "wandb.util.generate_id"),
        ("from wandb.util import generate_id as new", "wandb.util.generate_id"),
        ("from wandb.sdk.internal.datastore import DataStore", "import wandb.sdk.internal.datastore"),
        ("from wandb.sdk.internal import datastore", "import wandb.sdk.internal.datastore"),
        ("from wandb.sdk.launch.launch import launch", "import wandb.sdk.launch.launch"),
        ("run.log({}, **{'sync': True})", "wandb.Run.log(sync)"),
        ("wandb.run.save()", "wandb.Run.save()"),
        ("wandb.Settings(**dict(start_method='fork'))", "wandb.Settings(start_method)"),
        ("lambda: wandb.finish(quiet=True)", ""),
        ("(lambda: wandb.finish(quiet=True))()", "wandb.finish(quiet)"),
        (
            "settings = {'start_method': 'fork'}; wandb.init(settings=settings)",
            "wandb.Settings(start_method)",
        ),
    ],
)
def test_a_use_of_removed_api(line: str, name: str) -> None:
    assert uses(script(line)) == ({name: False} if name else {})


@pytest.mark.parametrize(
    "line",
    [
        "run.url",
        "run.log({'sync': 1})",
        "run.save('model.pt')",
        "run.save(*names)",
        "run.save(**options)",
        "getattr(run, 'get_url', None)",
        "class Run:\n    mode = 1\nprint(Run().mode)",
        "def generate_id(): return 1\ngenerate_id()",
        "import trackio as wandb\nrun = wandb.init()\nrun.get_url()",
        "from unittest.mock import Mock\nrun = Mock()\nrun.get_url()",
        "wandb.Settings(_disable_stats=True)",
        "wandb.config.mode",
        "run.config.history",
        "from wandb.sdk.launch import launch",
    ],
)
def test_no_use_of_removed_api(line: str) -> None:
    assert uses(script(line)) == {}


@pytest.mark.parametrize(
    "code",
    [
        "if hasattr(run, 'get_url'):\n    run.get_url()",
        "if not hasattr(run, 'get_url'):\n    raise SystemExit\nrun.get_url()",
        "url = hasattr(run, 'get_url') and run.get_url()",
        "url = run.url if wandb.__version__ > '0.28' else run.get_url()",
        "has = hasattr(run, 'get_url')\nif has:\n    run.get_url()",
        "def old():\n    return wandb.__version__ < '0.29'\nif old():\n    run.get_url()",
        "def url():\n    return run.get_url()\nif hasattr(run, 'get_url'):\n    url()",
        "def has(name):\n    if hasattr(run, name):\n        run.get_url()\nhas('x')",
        "try:\n    run.get_url()\nexcept AttributeError:\n    run.url",
        "try:\n    run.get_url()\nexcept (KeyError, AttributeError):\n    pass",
        "try:\n    run.get_url()\nexcept Exception:\n    pass",
        "try:\n    run.get_url()\nexcept:\n    pass",
        "try:\n    run.url\nexcept AttributeError:\n    run.get_url()",
        "def f():\n    try: [run.get_url() for _ in [1]]\n    except AttributeError: pass\nf()",
    ],
)
def test_a_guarded_use(code: str) -> None:
    assert uses(script(code)) == {"wandb.Run.get_url": True}


@pytest.mark.parametrize(
    "code",
    [
        "if hasattr(run, 'url'):\n    run.get_url()",
        "if hasattr(run, 'config'):\n    run.get_url()",
        "try:\n    run.get_url()\nexcept KeyError:\n    pass",
        "try:\n    run.get_url()\nexcept AttributeError:\n    raise",
        "try:\n    pass\nexcept AttributeError:\n    pass\nrun.get_url()",
        "try:\n    run.get_url()\nfinally:\n    pass",
        "def url():\n    return run.get_url()\ntry:\n    url()\nexcept AttributeError:\n    pass",
        "def url():\n    return run.get_url()\nif hasattr(run, 'get_url'):\n    url()\nurl()",
    ],
)
def test_an_unguarded_use(code: str) -> None:
    assert uses(script(code)) == {"wandb.Run.get_url": False}


def test_a_handler_that_drops_the_row_is_no_guard() -> None:
    code = "try:\n    run.log({'a': 1}, sync=True)\nexcept Exception:\n    pass"
    assert uses(script(code)) == {"wandb.Run.log(sync)": False}
    assert uses(script(code.replace("Exception", "TypeError"))) == {"wandb.Run.log(sync)": True}
    assert uses(script(code.replace("pass", "run.log({'a': 1})"))) == {"wandb.Run.log(sync)": True}


def test_a_use_in_a_dead_branch_is_ignored() -> None:
    assert uses(script("if False:\n    run.get_url()")) == {}


def test_the_span_of_an_argument() -> None:
    text = "import wandb\nwandb.finish(quiet=True)\n"
    (use,) = model_of(text).api_uses
    assert text[use.span.start : use.span.end] == "quiet=True"
    assert use == ApiUse(use.span, "wandb.finish(quiet)", is_guarded=False)


def test_tests_log_to_mocks() -> None:
    text = "import wandb\ndef test(monkeypatch):\n    run = wandb.init()\n    run.get_url()\n"
    assert uses({"tests/test_train.py": text}) == {}
    assert uses({"tests/test_train.py": "from wandb.util import generate_id\n"}) == {
        "wandb.util.generate_id": False
    }
