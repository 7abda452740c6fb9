"""What approvals do: take candidates, ask, take answers, decide, tell. Import it as `approvals`."""

from approvals.services.answering import answer
from approvals.services.asking import ask
from approvals.services.deciding import Outcome, Result, cancel, vote
from approvals.services.people import put_approver
from approvals.services.revising import MAX_BODY, NotEditable, Over, TooLong, reply, revise
from approvals.services.submitting import Invalid, OwnIdTaken, Rung, Wanted, check_address, submit
from approvals.services.timers import ring, ring_due
from approvals.services.trail import forget_old, note

__all__ = [
    "MAX_BODY",
    "Invalid",
    "NotEditable",
    "Outcome",
    "Over",
    "OwnIdTaken",
    "Result",
    "Rung",
    "TooLong",
    "Wanted",
    "answer",
    "ask",
    "cancel",
    "check_address",
    "forget_old",
    "note",
    "put_approver",
    "reply",
    "revise",
    "ring",
    "ring_due",
    "submit",
    "vote",
]
