"""The nouns of approvals."""

from approvals.models.answers import Revision, Step, StepKind, Vote
from approvals.models.asking import AskQueue, Prompt, PromptKind, PromptState, Shown, Timer, TimerKind
from approvals.models.candidates import Candidate, OnDeadline, Priority, Rule, Seat, Status, Verdict, Via
from approvals.models.people import Approver, ApproverAddress, Effect, Language, Policy

__all__ = [
    "Approver",
    "ApproverAddress",
    "AskQueue",
    "Candidate",
    "Effect",
    "Language",
    "OnDeadline",
    "Policy",
    "Priority",
    "Prompt",
    "PromptKind",
    "PromptState",
    "Revision",
    "Rule",
    "Seat",
    "Shown",
    "Status",
    "Step",
    "StepKind",
    "Timer",
    "TimerKind",
    "Verdict",
    "Via",
    "Vote",
]
