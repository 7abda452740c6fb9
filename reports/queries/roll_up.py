"""Queries of the roll-up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from common.work.rows import State
from messaging.models import Conversation, Direction, Message
from messaging.models.purposes import ANSWERS

UNSAID = (State.IGNORED, State.DEAD)  # withdrawn, or never arrived: not an answer


def messages_after(pk: int, *, before: datetime, limit: int) -> list[dict[str, Any]]:
    """Return the next messages by id, up to the first that is younger than `before`."""
    fields = (
        "id", "tenant_id", "channel_id", "conversation_id", "direction", "purpose", "kind", "state", "is_late",
        "created_at",
    )  # fmt: skip
    rows = list(Message.objects.filter(pk__gt=pk).order_by("pk").values(*fields)[:limit])
    return list(takewhile(lambda row: row["created_at"] < before, rows))


def waiting_since(pk: int, conversations: Iterable[int]) -> dict[int, datetime]:
    """Return since when conversations waited for an answer after the message `pk`."""
    told = Message.objects.filter(conversation=OuterRef("pk"), pk__lte=pk)
    answers = told.filter(direction=Direction.OUT, purpose__in=ANSWERS).exclude(state__in=UNSAID)
    asked = told.filter(direction=Direction.IN, is_late=False, pk__gt=OuterRef("answered"))
    rows = Conversation.objects.filter(pk__in=conversations).annotate(
        answered=Coalesce(Subquery(answers.order_by("-pk").values("pk")[:1]), Value(0)),
    )
    since = rows.annotate(since=Subquery(asked.order_by("pk").values("created_at")[:1])).filter(since__isnull=False)
    return dict(since.values_list("pk", "since"))
