"""What approvals do: take candidates, ask, take answers, decide, tell. Import it as `approvals`."""

from approvals.verbs.answering import answer
from approvals.verbs.asking import ask
from approvals.verbs.deciding import Outcome, Result, cancel, vote
from approvals.verbs.people import put_approver
from approvals.verbs.revising import MAX_BODY, NotEditable, Over, TooLong, reply, revise
from approvals.verbs.submitting import Invalid, OwnIdTaken, Rung, Wanted, check_address, submit
from approvals.verbs.timers import ring, ring_due
from approvals.verbs.trail import forget_old, note

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
