"""The verbs, each with its line in `wandblint --help`."""

from __future__ import annotations

VERBS = {
    "check": "Lint files and folders (the default verb).",
    "charts": "Show the dashboard before the run: every run, chart and x-axis that the code creates.",
    "audit": "Show what recorded runs contain.",
    "scan": "Lint many projects independently and collect the findings in one file.",
    "rule": "Explain a rule, or list all of them.",
    "check-rules": "Test the cases on the pages of a rule pack.",
    "init": "Write a starter settings section.",
    "clean": "Remove the cache.",
    "help": "Show the help of a verb.",
    "version": "Show the version.",
    "completion": "Print the shell completion script for bash, zsh or fish.",
}
