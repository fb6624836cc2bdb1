"""A fact of the model that may silence a claim; `doubts` finds them."""

from __future__ import annotations

import enum

import msgspec

from wandblint.span import Span


class DoubtKind(enum.Enum):
    """Why a claim is not made, in words for the user."""

    UNSEEN = "code that wandblint does not see may log any key from here on"
    OPEN_ROW = "this row may have keys that wandblint does not know"
    UNKNOWN_RUN = "wandblint does not know to which run this is logged"
    ALTERNATIVE_KEY = "not every row of this call has this key"
    UNREAD = "this file cannot be read, so it may log anything"
    UNCERTAIN = "wandblint is not certain that this happens"
    UNREACHED = "wandblint does not know what runs this code"
    UNSEEN_ARGUMENTS = "arguments that wandblint does not see may change what this call does"
    UNKNOWN_CODE = "code about which nothing is known may have opened a run before"
    RESUMES = "this file sets `WANDB_RUN_ID` or `WANDB_RESUME`, so a run may continue another one"
    SWEEP = "this file handles `WANDB_SWEEP_ID`, so the runs of a sweep's job may be apart"
    SELECTS_ITERATIONS = "this test may select the iterations in which the code runs"
    MAY_FINISH = "this may finish the run"
    MAY_RETRY = "this loop may only repeat what has failed"
    FIXED_SIGNATURE = "code that wandblint does not see calls this function, and chooses its parameters"
    UNSEEN_CALLER = "code that wandblint does not see gets a function here, and may call it at any time"
    RANK_CHECK = "a rank check decides which processes get here"
    UNSEEN_CHOICE = "code that wandblint does not see decides whether this runs"
    COORDINATED = "the code on the way handles the processes of a job itself"
    ONE_NODE = "the job has a single node"
    GUARDED = "the code checks for the name first, or handles its absence"


class Doubt(msgspec.Struct, frozen=True):
    """A fact that may silence a claim, and its place; without one if nobody knows which of many it is."""

    kind: DoubtKind
    span: Span | None
