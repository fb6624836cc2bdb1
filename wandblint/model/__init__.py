"""What a project opens, defines and logs, in wandb's terms: `analysis` builds it, rules read it.

Imports only `semantics`, `findings`, `template` and `span`.
"""

from wandblint.model.control_flow import (
    BranchKind,
    Condition,
    ControlContext,
    InductionVariable,
    Loop,
    ProgramPoint,
)
from wandblint.model.events import (
    ApiUse,
    Argument,
    CalledFunction,
    CallSiteContext,
    Definition,
    EntryLocation,
    Init,
    InitWhileActive,
    LogCall,
    LoggedKey,
    NoneGuard,
    ProcessLaunch,
    UnusedStepParameter,
    ValueKind,
)
from wandblint.model.sessions import CustomAxis, Session
from wandblint.model.tracking_model import TrackingModel

__all__ = [
    "ApiUse",
    "Argument",
    "BranchKind",
    "CallSiteContext",
    "CalledFunction",
    "Condition",
    "ControlContext",
    "CustomAxis",
    "Definition",
    "EntryLocation",
    "InductionVariable",
    "Init",
    "InitWhileActive",
    "LogCall",
    "LoggedKey",
    "Loop",
    "NoneGuard",
    "ProcessLaunch",
    "ProgramPoint",
    "Session",
    "TrackingModel",
    "UnusedStepParameter",
    "ValueKind",
]
