"""Runs wandblint many times without starting Python again: each run is a fork of this process.

A line of standard input is a request, the answering line the exit code. The imports are those of a real run;
nothing else has happened before the fork.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import sys
import time
from typing import NoReturn

import wandblint
from wandblint import cli

_SECONDS = 120
"""The processor time after which a run counts as endless."""
_NOT_NEEDED = ("wandblint.__main__", "wandblint.audit", "wandblint.cli.scan", "wandblint.cli.commands.audit")


def main() -> None:
    for module in pkgutil.walk_packages(wandblint.__path__, "wandblint."):
        if not module.name.startswith(_NOT_NEEDED):
            importlib.import_module(module.name)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become_wandblint(request)
        if request["kill"]:
            number, seconds = request["kill"]
            time.sleep(seconds)
            os.kill(child, number)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become_wandblint(request: dict[str, str]) -> NoReturn:
    try:
        os.chdir(request["cwd"])
        for descriptor, name, flags in (
            (0, os.devnull, os.O_RDONLY),
            (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):
            os.dup2(os.open(name, flags), descriptor)
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        cli.run_and_end(list(request["arguments"]))
    finally:
        os._exit(70)


if __name__ == "__main__":
    main()
