"""The settings of a project with those of the command line over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wandblint.app.settings import Overlay, Settings, load
from wandblint.app.settings_errors import Origin
from wandblint.cli.option_values import Config


def load_settings(
    start: Path,
    config: Config,
    *,
    isolated: bool,
    plugins: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
) -> tuple[Settings, Path | None]:
    """The settings of the project of `start` and their file; `options` are those with options of their own.

    Raises `SettingsError`.
    """
    overlays = [Overlay(Origin("--config"), table) for table in config.tables]
    overlays.append(Overlay(Origin("command line"), options or {}, replaces=True))
    file = Path(config.file) if config.file else None
    return load(start, config=file, isolated=isolated, plugins=plugins, overlays=overlays)
