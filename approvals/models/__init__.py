"""The models of approvals."""

from approvals.models.approvers import Approver, ApproverAddress, ApproverLanguage, Effect, Policy
from approvals.models.candidates import (
    ApprovalRule,
    Candidate,
    CandidateApprover,
    CandidatePriority,
    CandidateStatus,
    OnDeadline,
    Verdict,
    Via,
)
from approvals.models.questions import AskQueue, Question, QuestionKind, QuestionState, ShownCandidate, Timer, TimerKind
from approvals.models.votes import Revision, TrailEntry, TrailKind, Vote

__all__ = [
    "ApprovalRule",
    "Approver",
    "ApproverAddress",
    "ApproverLanguage",
    "AskQueue",
    "Candidate",
    "CandidateApprover",
    "CandidatePriority",
    "CandidateStatus",
    "Effect",
    "OnDeadline",
    "Policy",
    "Question",
    "QuestionKind",
    "QuestionState",
    "Revision",
    "ShownCandidate",
    "Timer",
    "TimerKind",
    "TrailEntry",
    "TrailKind",
    "Verdict",
    "Via",
    "Vote",
]
