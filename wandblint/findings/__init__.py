"""Findings and fixes: what rules yield. Imports only `span`."""

from wandblint.findings.finding import Confidence as Confidence
from wandblint.findings.finding import Finding as Finding
from wandblint.findings.finding import Related as Related
from wandblint.findings.finding import Severity as Severity
from wandblint.findings.finding import first_per_place as first_per_place
from wandblint.findings.fix import AddArgument as AddArgument
from wandblint.findings.fix import AddAxis as AddAxis
from wandblint.findings.fix import Applicability as Applicability
from wandblint.findings.fix import CallUpdate as CallUpdate
from wandblint.findings.fix import Change as Change
from wandblint.findings.fix import Define as Define
from wandblint.findings.fix import DropArgument as DropArgument
from wandblint.findings.fix import FinishFirst as FinishFirst
from wandblint.findings.fix import Fix as Fix
from wandblint.findings.fix import MergeLoop as MergeLoop
from wandblint.findings.fix import Names as Names
from wandblint.findings.fix import OpenInWith as OpenInWith
from wandblint.findings.fix import RemoveBranch as RemoveBranch
from wandblint.findings.fix import RemoveFunction as RemoveFunction
from wandblint.findings.fix import RemoveStatement as RemoveStatement
from wandblint.findings.fix import RenameInTest as RenameInTest
from wandblint.findings.fix import RenameMember as RenameMember
from wandblint.findings.fix import ReplaceText as ReplaceText
from wandblint.findings.fix import SetFlag as SetFlag
from wandblint.span import Span as Span
