"""What a project opens, defines and logs, in wandb's terms: `analysis` builds it, rules read it.

Imports only `semantics`, `findings`, `template` and `span`."""

from wandblint.model.control_flow import BranchKind as BranchKind
from wandblint.model.control_flow import Condition as Condition
from wandblint.model.control_flow import ControlContext as ControlContext
from wandblint.model.control_flow import Loop as Loop
from wandblint.model.control_flow import ProgramPoint as ProgramPoint
from wandblint.model.events import Allocation as Allocation
from wandblint.model.events import ApiUse as ApiUse
from wandblint.model.events import Argument as Argument
from wandblint.model.events import Call as Call
from wandblint.model.events import CalledFunction as CalledFunction
from wandblint.model.events import CallSiteContext as CallSiteContext
from wandblint.model.events import Definition as Definition
from wandblint.model.events import EntryLocation as EntryLocation
from wandblint.model.events import Init as Init
from wandblint.model.events import InitWhileActive as InitWhileActive
from wandblint.model.events import LogCall as LogCall
from wandblint.model.events import LoggedKey as LoggedKey
from wandblint.model.events import NoneGuard as NoneGuard
from wandblint.model.events import ProcessLaunch as ProcessLaunch
from wandblint.model.events import Read as Read
from wandblint.model.events import RunState as RunState
from wandblint.model.events import RunStatus as RunStatus
from wandblint.model.events import UnusedStepParameter as UnusedStepParameter
from wandblint.model.events import ValueKind as ValueKind
from wandblint.model.events import Write as Write
from wandblint.model.events import WriteTarget as WriteTarget
from wandblint.model.missing_keys import MissingKey as MissingKey
from wandblint.model.missing_keys import missing_keys as missing_keys
from wandblint.model.refusals import CLOSES as CLOSES
from wandblint.model.refusals import Cause as Cause
from wandblint.model.refusals import NestedInit as NestedInit
from wandblint.model.refusals import Refusal as Refusal
from wandblint.model.refusals import SecondRun as SecondRun
from wandblint.model.refusals import Use as Use
from wandblint.model.refusals import nested_inits as nested_inits
from wandblint.model.refusals import refusals as refusals
from wandblint.model.refusals import second_runs as second_runs
from wandblint.model.rows_again import OverwrittenKey as OverwrittenKey
from wandblint.model.rows_again import TableRelog as TableRelog
from wandblint.model.rows_again import overwritten_keys as overwritten_keys
from wandblint.model.rows_again import table_relogs as table_relogs
from wandblint.model.sessions import CustomAxis as CustomAxis
from wandblint.model.sessions import Session as Session
from wandblint.model.tracking_model import TrackingModel as TrackingModel
