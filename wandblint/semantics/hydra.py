"""Several jobs in one process: hydra's multirun with its basic launcher (tried with hydra 1.3.8).

`python train.py -m seed=1,2` and `hydra.mode: MULTIRUN` call the function under `@hydra.main` once per job.
Other launchers (joblib, submitit, ray) run the jobs in processes of their own.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

import msgspec


class Multirun(enum.Enum):
    """Whether hydra runs several jobs of a script."""

    ALWAYS = "always"
    """Its configuration, or a command of the project, says so."""
    ON_REQUEST = "on request"
    """The parameters of a sweep are configured."""


class HydraFile(msgspec.Struct, frozen=True):
    """What a configuration, or the commands of a shell script, say about hydra's jobs."""

    name: str
    multirun: Multirun | None = None
    is_apart: bool = False
    """Whether its launcher gives each job a process of its own."""
    scripts: tuple[str, ...] = ()
    """The scripts and modules that the commands start, without `.py`; empty for a configuration."""


_KEY = re.compile(r"(?P<indent> *)(?P<key>[\w/]+):(?:\s+[\"']?(?P<value>[^\s\"'#]+)|\s*(?:#.*)?$)")
_OVERRIDE = re.compile(r"override\s+/?hydra/(?P<group>sweeper|launcher):\s*(?!basic\b)\w")
_OTHER_LAUNCHER = re.compile(r"hydra/launcher=(?!basic\b)\w")
_COMMAND = re.compile(
    r"(?:(?<![\w-])(?P<script>[\w-]+)\.py|(?<=\s)-m\s+(?:\w+\.)*(?P<module>\w+))"
    r"(?P<options>(?:[ \t][^\n|;&#]*)?)"
)
_MULTIRUN_OPTION = re.compile(r"(?<!\S)(--multirun|-m)(?!\S)")


def configuration(name: str, text: str) -> HydraFile | None:
    """What a YAML file says; None if nothing."""
    settings = dict(_settings(text))
    overrides = {match["group"] for match in _OVERRIDE.finditer(text)}
    is_apart = "launcher" in overrides or "hydra.launcher" in settings
    multirun = None
    if settings.get("hydra.mode") == "MULTIRUN":
        multirun = Multirun.ALWAYS
    elif "sweeper" in overrides or "hydra.sweeper.params" in settings:
        multirun = Multirun.ON_REQUEST
    return HydraFile(name, multirun, is_apart) if multirun or is_apart else None


def _settings(text: str) -> Iterator[tuple[str, str | None]]:
    """The keys of a YAML file, such as `hydra.mode`, each with its value on the same line."""
    outer: list[tuple[int, str]] = []
    for line in text.splitlines():
        if match := _KEY.match(line):
            indent = len(match["indent"])
            while outer and outer[-1][0] >= indent:
                outer.pop()
            outer.append((indent, match["key"]))
            yield ".".join(key for _, key in outer), match["value"]


def commands(name: str, text: str) -> HydraFile | None:
    """What a shell script says; None if nothing."""
    lines = re.sub(r"\\\r?\n", " ", text)
    scripts = sorted({_started(match) for match in _COMMAND.finditer(lines) if _asks_multirun(match)})
    is_apart = _OTHER_LAUNCHER.search(lines) is not None
    return HydraFile(name, Multirun.ALWAYS, is_apart, tuple(scripts)) if scripts else None


def _started(command: re.Match[str]) -> str:
    return command["script"] or command["module"]


def _asks_multirun(command: re.Match[str]) -> bool:
    return _MULTIRUN_OPTION.search(command["options"]) is not None


def multirun_of(
    files: tuple[HydraFile, ...], script: str, folder: str | None, primary: str
) -> Multirun | None:
    """Whether hydra runs several jobs of a script in one process.

    `folder` is that of its configuration, None if unknown, and `primary` the name of its first file.
    """
    configurations = [f for f in files if not f.scripts and folder is not None and _is_below(f.name, folder)]
    started = [file for file in files if script in file.scripts]
    if any(file.is_apart for file in (*configurations, *started)):
        return None
    if started:
        return Multirun.ALWAYS
    found = set(_asked(configurations, primary))
    return Multirun.ALWAYS if Multirun.ALWAYS in found else Multirun.ON_REQUEST if found else None


def _asked(configurations: list[HydraFile], primary: str) -> Iterator[Multirun]:
    for file in configurations:
        if file.multirun is not None:
            # Any other file must be chosen on the command line.
            is_primary = file.name.rpartition("/")[2].rpartition(".")[0] == primary
            yield file.multirun if is_primary else Multirun.ON_REQUEST


def _is_below(name: str, folder: str) -> bool:
    return not folder or name.startswith(f"{folder}/")
