"""Work an occurrence: send it once, or record why not, and create the next one."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from common.rate_limits import Rate, use_or_reserve
from common.work.rows import State
from messaging import services as messaging
from messaging.models import Channel, Conversation, Purpose
from messaging.providers.base import Kind
from messaging.queries import WindowMode, language_for, provider_of, reply_window
from messaging.services.takeover import lock_conversation_by_id
from reminders.models import MissPolicy, Occurrence, OccurrenceOutcome, Reminder, ReminderState
from reminders.queries import reminder_conversation
from reminders.sentences import sentence_for
from reminders.services import events
from reminders.services.planning import lock_reminder, make_occurrence, plan_next
from timewords.formatting import format_local

logger = logging.getLogger("frontdesk.reminders")

BURST_SECONDS, BURST_LEAST = 1, 4  # how much of a channel's share may go at once, and the least number
LATE = timedelta(minutes=2)  # later than this the message says that it is late
Verdict = tuple[State, OccurrenceOutcome, str]


def send_occurrence(occurrence: Occurrence) -> None:
    """Work one claimed occurrence: it ends sent, missed or withdrawn with its reason, or waits for its channel."""
    conversation = _conversation_for(occurrence.reminder)
    if conversation is not None and not occurrence.has_slot:
        slot = _reserve_slot(conversation.channel)
        if slot is not None:
            occurrence.settle(State.QUEUED, due_at=slot, has_slot=True, attempts=occurrence.attempts - 1)
            return
    with transaction.atomic():
        _work(occurrence, conversation)


def _conversation_for(reminder: Any) -> Conversation | None:
    """Return the conversation in which it was requested, unless its channel is disabled and there is another."""
    asked_in: Conversation | None = reminder.conversation
    if asked_in is not None and asked_in.channel.is_enabled:
        return asked_in
    return reminder_conversation(reminder.contact) or asked_in


def _work(occurrence: Occurrence, conversation: Conversation | None) -> None:
    if conversation is not None:
        conversation = lock_conversation_by_id(conversation.pk)
    reminder = lock_reminder(occurrence.reminder_id)
    if reminder.state not in (ReminderState.ACTIVE, ReminderState.DONE):
        _end(occurrence, reminder, (State.IGNORED, OccurrenceOutcome.WITHDRAWN, f"the reminder is {reminder.state}"))
        return
    if _is_overtaken(occurrence, reminder):
        return
    state, outcome, reason = _verdict(occurrence, reminder, conversation)
    message = None
    if conversation is not None and state == State.DONE:
        message = _send(occurrence, reminder, conversation)
    _end(occurrence, reminder, (state, outcome, reason), message)
    if occurrence.snoozed_from_id is None or reminder.next_at is None:
        plan_next(reminder, after=occurrence.occurs_at)


def _verdict(occurrence: Occurrence, reminder: Any, conversation: Conversation | None) -> Verdict:
    """Return (state, outcome, reason) of a due occurrence."""
    if conversation is None:
        return State.DEAD, OccurrenceOutcome.MISSED, "the contact has no session on a channel that is enabled"
    if conversation.contact.opted_out_at is not None:
        return State.IGNORED, OccurrenceOutcome.OPTED_OUT, "the contact opted out"
    late_by = _late_by(occurrence, reminder)
    is_too_late = late_by > timedelta(minutes=reminder.grace_minutes)
    minutes = int(late_by.total_seconds() // 60)
    if is_too_late and reminder.miss_policy == MissPolicy.DROP:
        return (
            State.IGNORED,
            OccurrenceOutcome.MISSED,
            f"found {minutes} minutes late; the grace is {reminder.grace_minutes}",
        )
    mode = reply_window(conversation).mode
    if mode == WindowMode.NOTHING:
        return (
            State.IGNORED,
            OccurrenceOutcome.MISSED,
            "the reply window is closed and the channel has no template to reopen it",
        )
    if is_too_late and reminder.miss_policy == MissPolicy.TEMPLATE and not _template(conversation.channel):
        return State.IGNORED, OccurrenceOutcome.MISSED, f"found {minutes} minutes late, and the channel has no template"
    return State.DONE, OccurrenceOutcome.SENT_LATE if late_by > LATE else OccurrenceOutcome.SENT, ""


def _is_overtaken(occurrence: Occurrence, reminder: Any) -> bool:
    """After a long outage only the latest occurrence is sent: return True when this one is missed instead."""
    if not reminder.rule or occurrence.snoozed_from_id is not None:
        return False
    latest = reminder.schedule.latest_until(reminder.now, after=occurrence.occurs_at)
    if latest is None or make_occurrence(reminder, latest) is None:
        return False
    reason = f"a later time was due already: {latest:%Y-%m-%d %H:%M} UTC"
    _end(occurrence, reminder, (State.IGNORED, OccurrenceOutcome.MISSED, reason))
    Reminder.objects.filter(pk=reminder.pk).update(next_at=latest)
    return True


def _send(occurrence: Occurrence, reminder: Any, conversation: Conversation) -> Any:
    late_by = _late_by(occurrence, reminder)
    language = language_for(conversation.contact, conversation.tenant, else_in=reminder.language)
    when = format_local(occurrence.wanted_at, reminder.zone, now=reminder.now, language=language)
    text = sentence_for("late" if late_by > LATE else "due", language, text=reminder.text, when=when)
    is_too_late = late_by > timedelta(minutes=reminder.grace_minutes)
    data: dict[str, Any] = {"occurrence": occurrence.pk, "buttons": answer_buttons(occurrence, language)}
    kind = Kind.TEXT
    if is_too_late and reminder.miss_policy == MissPolicy.TEMPLATE:
        chosen = messaging.reopening_template(
            channel=conversation.channel,
            contact=conversation.contact,
            text=reminder.text,
            buttons=data["buttons"],
        )
        if chosen is not None:
            kind, data["template"] = Kind.TEMPLATE, chosen
    return messaging.add_to_outbox(
        conversation=conversation,
        text=text,
        purpose=Purpose.REMINDER,
        dedupe_key=f"occurrence:{occurrence.pk}",
        kind=kind,
        data=data,
    )


def answer_buttons(occurrence: Occurrence, language: str) -> list[dict[str, str]]:
    """Return the answers that need one tap."""
    answers = (("done", "done_button"), ("later", "later_button"), ("stop", "stop_button"))
    return [
        {"payload": f"reminder:{occurrence.pk}:{name}", "title": sentence_for(key, language)} for name, key in answers
    ]


def _late_by(occurrence: Occurrence, reminder: Any) -> timedelta:
    """Return how late it is, without the wait for its place in the channel's rate limit."""
    late: timedelta = reminder.now - (occurrence.due_at if occurrence.has_slot else occurrence.wanted_at)
    return late


def _template(channel: Channel) -> bool:
    return bool(provider_of(channel).can_send_template and channel.reopen_template.get("name"))


def _end(occurrence: Occurrence, reminder: Any, verdict: Verdict, message: Any = None) -> None:
    state, outcome, reason = verdict
    message_id = message.pk if message is not None else None
    occurrence.settle(state, reason=reason, outcome=outcome, message_id=message_id, ended_at=reminder.now)
    ids = {"tenant_id": reminder.tenant_id, "reminder_id": reminder.pk, "occurrence_id": occurrence.pk}
    if outcome == OccurrenceOutcome.MISSED:
        events.emit_missed(reminder, occurrence, reason)
        logger.warning("reminder_missed", extra=ids)
    else:
        logger.info("reminder_fired", extra=ids | {"outcome": str(outcome)})


def _reserve_slot(channel: Channel) -> datetime | None:
    """Return None when the channel accepts a reminder now, else the moment of the place reserved for it."""
    rate = channel.messages_per_second or provider_of(channel).messages_per_second
    interval = timedelta(seconds=1 / max(0.01, rate * settings.REMINDER_CHANNEL_SHARE))
    burst = 1 + max(timedelta(seconds=BURST_SECONDS) / interval, BURST_LEAST)
    return use_or_reserve(f"reminders:{channel.pk}", Rate(interval=interval, burst=burst))
