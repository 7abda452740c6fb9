"""The services of approvals: submit, ask, answer, decide. Import it as `approvals`."""

from approvals.services.answers import handle_answer
from approvals.services.approvers import set_up_approver
from approvals.services.deciding import VoteOutcome, VoteResult, cancel, vote
from approvals.services.question_queue import work_queue
from approvals.services.revising import MAX_BODY, AlreadyDecided, NotEditable, TextTooLong, reply, revise
from approvals.services.submitting import (
    CandidateRequest,
    EscalationStep,
    ExternalIdTaken,
    InvalidCandidate,
    check_address,
    submit,
)
from approvals.services.timers import run_due_timers, run_timer
from approvals.services.trail import delete_old_candidates, record_trail

__all__ = [
    "MAX_BODY",
    "AlreadyDecided",
    "CandidateRequest",
    "EscalationStep",
    "ExternalIdTaken",
    "InvalidCandidate",
    "NotEditable",
    "TextTooLong",
    "VoteOutcome",
    "VoteResult",
    "cancel",
    "check_address",
    "delete_old_candidates",
    "handle_answer",
    "record_trail",
    "reply",
    "revise",
    "run_due_timers",
    "run_timer",
    "set_up_approver",
    "submit",
    "vote",
    "work_queue",
]
