"""Why a message is sent, and what follows from that: one table."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class PurposeRules:
    """What holds for all messages of a purpose."""

    is_answer: bool = False  # it answers the customer, who then waits no longer
    by_person: bool = False  # a person of the business wrote it
    passes_fence: bool = True  # it goes also while a person has the conversation
    stops_on_opt_out: bool = False  # it does not go to somebody who wants no more messages
    may_be_resent: bool = False  # it may be sent again where it may have been sent already
    is_bulk: bool = False  # nobody waits for it, and thousands may be due at once: it has a queue of its own


class Purpose(models.TextChoices):
    """Why a message is sent."""

    CUSTOMER = "customer", _("Customer")  # only incoming messages
    ASSISTANT = "assistant", _("Assistant")
    OPERATOR = "operator", _("Operator")
    OWNER = "owner", _("Owner's phone")
    NOTICE = "notice", _("Notice")  # the confirmation of an opt-out, the answer to a command
    APPOINTMENT = "appointment", _("Appointment")
    PAYMENT = "payment", _("Payment")
    REMINDER = "reminder", _("Reminder")
    APPROVAL = "approval", _("Approval")  # a decision prompt, or the answer to an approver

    @property
    def rules(self) -> PurposeRules:
        """Return what holds for messages of this purpose."""
        return RULES[self]


RULES: dict[Purpose, PurposeRules] = {
    Purpose.CUSTOMER: PurposeRules(),
    Purpose.ASSISTANT: PurposeRules(is_answer=True, passes_fence=False, stops_on_opt_out=True, may_be_resent=True),
    Purpose.OPERATOR: PurposeRules(is_answer=True, by_person=True, may_be_resent=True),
    Purpose.OWNER: PurposeRules(is_answer=True, by_person=True),
    Purpose.NOTICE: PurposeRules(may_be_resent=True),
    Purpose.APPOINTMENT: PurposeRules(),
    Purpose.PAYMENT: PurposeRules(),
    Purpose.REMINDER: PurposeRules(stops_on_opt_out=True, may_be_resent=True, is_bulk=True),
    Purpose.APPROVAL: PurposeRules(),
}
ANSWERS = tuple(purpose for purpose in Purpose if purpose.rules.is_answer)
BY_PEOPLE = tuple(purpose for purpose in Purpose if purpose.rules.by_person)
BULK = tuple(purpose for purpose in Purpose if purpose.rules.is_bulk)
