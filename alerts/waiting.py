"""Queries for customers who wait for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from messaging.models import Conversation, Direction, Message
from messaging.models.conversations import PausedBy
from messaging.models.purposes import BY_PEOPLE

# Reasons of a pause after which nobody had come yet.
ASKED_FOR = (PausedBy.CUSTOMER, PausedBy.ASSISTANT)


@dataclass(frozen=True)
class WaitingConversation:
    """A conversation in which a customer waits."""

    pk: int
    since: datetime


def waiting_conversations(
    *, tenant_id: int, longer_than: timedelta, conversation: int | None = None
) -> Iterator[WaitingConversation]:
    """Yield paused conversations whose customer has been without an answer for `longer_than`."""
    paused = Conversation.objects.filter(tenant_id=tenant_id, paused_at__isnull=False)
    if conversation is not None:
        paused = paused.filter(pk=conversation)
    for row in _with_moments(paused):
        since = row.unanswered_at
        if row.paused_by in ASKED_FOR and row.person_at is None:
            since = row.paused_at
        if since is not None and timezone.now() - since >= longer_than:
            yield WaitingConversation(row.pk, since)


def page_address(conversation: int) -> str:
    """Return the address of the conversation's page in the back office."""
    return f"{settings.PUBLIC_URL}{reverse('admin:messaging_conversation_change', args=[conversation])}"


def _with_moments(paused: Any) -> Any:
    said = Message.objects.filter(conversation=OuterRef("pk"))
    by_person = said.filter(direction=Direction.OUT, purpose__in=BY_PEOPLE, created_at__gte=OuterRef("paused_at"))
    paused = paused.annotate(person_at=_first(by_person.order_by("-pk")))
    # What came before a person's last message is answered; before any message of a person, the take-over counts as one.
    unanswered = said.filter(
        direction=Direction.IN,
        created_at__gt=Coalesce(OuterRef("person_at"), OuterRef("paused_at"), output_field=DateTimeField()),
    )
    return paused.annotate(unanswered_at=_first(unanswered.order_by("pk")))


def _first(messages: Any) -> Subquery:
    return Subquery(messages.values("created_at")[:1], output_field=DateTimeField())
