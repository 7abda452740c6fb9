"""Queries for operators: canned replies, who else is writing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Expression, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.utils import timezone

from messaging.models import Conversation, Message, Writing
from messaging.models.conversations import PausedBy
from tenants.models import Member, User

WRITING_SECONDS = 10
# with the space before it, which is removed too where there is no name
VARIABLE = re.compile(r"( ?)\{(contact_name|agent_name|business_name)\}")


def fill_reply(text: str, *, conversation: Conversation, agent_name: str) -> str:
    """Return a canned reply with its variables filled, in one pass, so that a name is never read as a variable."""
    values = {
        "contact_name": conversation.contact.name,
        "agent_name": agent_name,
        "business_name": conversation.tenant.name,
    }
    return VARIABLE.sub(lambda found: found[1] + values[found[2]] if values[found[2]] else "", text)


def name_of(member: Member) -> str:
    """Return a member's name for customers and colleagues."""
    return member.user.get_full_name() or member.user.get_username()


def writer_of(conversation: Conversation) -> str:
    """Return the operator who writes in a paused conversation without an assignee; "" when nobody has written.

    The operator of the installation may write without being a member, so the conversation cannot be assigned to them.
    """
    if conversation.paused_at is None or conversation.paused_by != PausedBy.OPERATOR:
        return ""
    since = conversation.paused_at - timedelta(minutes=1)  # the pause and the message are one act
    written = Message.objects.filter(conversation=conversation, direction="out", created_at__gte=since)
    full_name = Trim(Concat("first_name", Value(" "), "last_name"))
    users = User.objects.filter(username=OuterRef("author")).annotate(full_name=full_name)
    found = (
        written.exclude(author="")
        .order_by("-pk")
        .values_list("author", Subquery(users.values("full_name")[:1]))
        .first()
    )
    author, name = found or ("", "")
    return name or author


def display_name(contact: str) -> Expression:
    """Return an expression for the name of the contact at the end of a path, else its number."""
    number = Concat(Value("#"), Cast(f"{contact}_id", TextField()), output_field=TextField())
    name = NullIf(Cast(f"{contact}__name", TextField()), Value("", TextField()))
    return Coalesce(name, number, output_field=TextField())


def resume_time(conversation: Conversation) -> datetime | None:
    """Return when the assistant resumes by itself; None while it is not paused."""
    if not conversation.is_paused or conversation.resume_at is not None:
        return conversation.resume_at
    hours = conversation.tenant.resume_after_hours
    usual = timedelta(hours=settings.RESUME_AFTER_HOURS if hours is None else hours)
    return (conversation.last_human_at or conversation.paused_at or timezone.now()) + usual


def others_writing(conversation: Any, user_id: int | None) -> QuerySet[Writing]:
    """Return members who are writing in the conversation now, except this user."""
    fresh = Writing.objects.filter(
        conversation=conversation, seen_at__gte=timezone.now() - timedelta(seconds=WRITING_SECONDS)
    )
    others: QuerySet[Writing] = fresh.exclude(member__user=user_id) if user_id is not None else fresh
    return others.select_related("member__user").order_by("pk")
