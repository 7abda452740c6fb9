"""Lists of conversations: the views, and pages without counting the rows before them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from common.work.rows import STUCK, literals
from messaging.models import Conversation, Direction, Message
from messaging.models.conversations import LATEST, WANTS_PERSON, ConversationStatus
from tenants.models import Member, Tenant

# The views of a list of conversations, each served by an index of its own.
VIEWS = ("open", "wants_person", "mine", "unassigned", "paused", "failed", "snoozed", "closed", "internal", "all")


def inbox(tenant: Tenant, *, view: str = "open", member: Member | None = None) -> QuerySet[Conversation]:
    """Return the tenant's conversations of one view, the latest first, with what a row of the list shows.

    `mine` needs the member. Raises KeyError for an unknown view. Filter further with `channel=` and `labels=`.
    """
    rows = Conversation.objects.of(tenant).filter(last_message_at__isnull=False)
    found: QuerySet[Conversation] = rows.filter(_where(tenant, member)[view])
    return found.select_related("contact", "channel", "assignee__user").prefetch_related("labels").order_by(*LATEST)


def after(rows: QuerySet[Conversation], moment: datetime, pk: int) -> QuerySet[Conversation]:
    """Return the rows after the one with this `last_message_at` and id: the next page begins here."""
    # The first condition alone lets the index begin at the right place; the second one is the exact rule.
    return rows.filter(last_message_at__lte=moment).filter(Q(last_message_at__lt=moment) | Q(pk__lt=pk))


def is_stuck(tenant: Tenant) -> Q:
    """Return a filter for conversations with a message of ours that is not sent by itself."""
    # As the index has it, literally (common.work.rows.literals).
    [out] = literals([Direction.OUT])
    stuck = Message.objects.of(tenant).filter(direction=out, state__in=literals(STUCK))
    return Q(pk__in=stuck.values("conversation"))


def _where(tenant: Tenant, member: Member | None) -> Mapping[str, Q]:
    return {
        "open": Q(status=ConversationStatus.OPEN, is_internal=False),
        "wants_person": WANTS_PERSON,
        "mine": Q(assignee=member) & ~Q(status=ConversationStatus.CLOSED) if member is not None else Q(pk__in=[]),
        "unassigned": Q(paused_at__isnull=False, assignee__isnull=True),
        "paused": Q(paused_at__isnull=False),
        "failed": is_stuck(tenant),
        "snoozed": Q(status=ConversationStatus.SNOOZED),
        "closed": Q(status=ConversationStatus.CLOSED),
        "internal": Q(is_internal=True),
        "all": Q(),
    }
