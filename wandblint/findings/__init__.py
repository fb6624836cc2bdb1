"""Findings and fixes: what rules yield. Imports only `span`."""

from wandblint.findings.finding import Confidence, Finding, Related, Severity
from wandblint.findings.fix import (
    AddArgument,
    AddAxis,
    Applicability,
    Change,
    Define,
    DropArgument,
    Fix,
    MergeLoop,
    Names,
    OpenInWith,
    RemoveBranch,
    RemoveFunction,
    RemoveStatement,
    RenameMember,
    ReplaceText,
    SetFlag,
)

__all__ = [
    "AddArgument",
    "AddAxis",
    "Applicability",
    "Change",
    "Confidence",
    "Define",
    "DropArgument",
    "Finding",
    "Fix",
    "MergeLoop",
    "Names",
    "OpenInWith",
    "Related",
    "RemoveBranch",
    "RemoveFunction",
    "RemoveStatement",
    "RenameMember",
    "ReplaceText",
    "SetFlag",
    "Severity",
]
