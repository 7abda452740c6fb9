"""Work the queue of one address.

First tell it what is settled, then ask the next question or several as one, within the limit.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from approvals.models import (
    ApproverAddress,
    AskQueue,
    Candidate,
    CandidatePriority,
    CandidateStatus,
    Question,
    QuestionKind,
    QuestionState,
    TrailKind,
)
from approvals.services.showing import MAX_LINES, add_message, show_candidate, show_several
from approvals.services.trail import record_trail
from approvals.texts import sentence as phrase
from common.quiet_hours import quiet_until
from common.rate_limits import Rate, Standing, use_token
from common.work.rows import LeaseLost, State
from messaging.models import Conversation, Message
from messaging.providers.base import InboundMessage, Person
from messaging.queries import WindowMode, address_at, provider_of, reply_window
from messaging.services.previews import set_internal
from messaging.services.receiving import open_conversation

logger = logging.getLogger("frontdesk.approvals")

DIGEST_FROM = 3  # from so many waiting questions on they become one message
LOOK_AHEAD = 200
MAX_ENDINGS = 10  # in one message
QUESTIONS = (QuestionKind.ASK, QuestionKind.REPLY)
LAST_SECONDS = 15.0  # how often to check whether the question before was sent


@transaction.atomic
def work_queue(queue: AskQueue) -> None:
    """Do one step of an address's queue; the rest is due when the rate limit and the quiet hours allow it."""
    address = queue.address
    address.approver.tenant = address.channel.tenant  # one object, for its time zone
    conversation = _conversation(queue)  # locked
    mine = AskQueue.objects.select_for_update(no_key=True).filter(pk=queue.pk, token=queue.token, state=State.WORKING)
    if not mine.exists():
        raise LeaseLost(f"question queue {queue.pk}")
    now = _database_now(queue)
    quiet_end = quiet_until(
        now, begins=address.approver.quiet_from, ends=address.approver.quiet_until, zone=address.approver.zone
    )
    left_to_tell = _send_endings(queue, conversation, is_quiet=quiet_end is not None)
    waiting = _waiting(queue)
    if waiting and (conversation.contact.opted_out_at is not None or not address.approver.is_active):
        is_gone = not address.approver.is_active
        _discard(waiting, "the approver is not active" if is_gone else "the approver wants no messages")
        waiting = []
    pool = (
        [question for question in waiting if question.candidate.priority == CandidatePriority.URGENT]
        if quiet_end
        else waiting
    )
    if not pool:
        return _wait_until(queue, quiet_end if waiting or left_to_tell else None)
    if (wait := _seconds_until_last_sent(queue, now)) is not None:
        return queue.settle(State.QUEUED, due_in=wait, attempts=0)
    token = _use_token(address)
    if not token.is_allowed:
        ids = {"tenant_id": queue.tenant_id, "address_id": address.pk}
        logger.info("prompt_waits", extra={**ids, "provider": address.channel.provider})
        return queue.settle(State.QUEUED, due_at=token.next_at, attempts=0)
    asked = _ask(queue, conversation, pool)
    if len(asked) < len(waiting):
        return queue.settle(State.QUEUED, due_at=token.next_at, attempts=0)
    return _wait_until(queue, quiet_end if left_to_tell else None)


def _use_token(address: ApproverAddress) -> Standing:
    """Use one token of the address, if there is one and its last question is long enough ago."""
    capacity, per_minute = (getattr(settings, name) for name in provider_of(address.channel).question_settings)
    rate = Rate.of(per_minute, seconds=60, burst=capacity)
    return use_token(f"questions:{address.pk}", rate, spacing=timedelta(seconds=settings.MIN_SPACING_SEC))


def _wait_until(queue: AskQueue, until: datetime | None) -> None:
    """Wait for the end of the quiet hours, or until the queue is woken up."""
    if until is None:
        return queue.settle(State.DONE, attempts=0)
    return queue.settle(State.QUEUED, due_at=until, attempts=0)


def _seconds_until_last_sent(queue: AskQueue, now: datetime) -> float | None:
    """Return the seconds to wait until the question before is sent, so that held questions do not arrive all at once.

    The spacing counts from when it was sent, which may be later than when it was written.
    """
    last = Question.objects.filter(address=queue.address, kind__in=QUESTIONS, message__isnull=False)
    question = last.select_related("message").order_by("-shown_at", "-pk").first()
    if question is None or question.message is None:
        return None
    message = question.message
    # an operator decides about it: it does not stop the others
    is_doubtful = message.state == State.HELD and message.held_by == "uncertain"
    if message.state in (State.QUEUED, State.WORKING, State.UNCERTAIN, State.HELD) and not is_doubtful:
        return min(LAST_SECONDS, max(1.0, settings.MIN_SPACING_SEC))
    went_at = message.tries.aggregate(last=Max("finished_at"))["last"]
    left = (went_at - now).total_seconds() + settings.MIN_SPACING_SEC if went_at is not None else 0.0
    return left if left > 0 else None


def _ask(queue: AskQueue, conversation: Conversation, pool: list[Question]) -> list[Question]:
    address = queue.address
    chosen = _chosen(pool)
    first, key = chosen[0], f"question:{chosen[0].pk}"
    if len(chosen) > 1:
        message = show_several(
            conversation=conversation, address=address, candidates=[question.candidate for question in chosen],
            key=f"digest:{first.pk}", left=len(pool) - len(chosen),
        )  # fmt: skip
    elif first.kind == QuestionKind.REPLY:
        message = _show_reply(conversation, address, first, key)
    else:
        message = show_candidate(conversation=conversation, address=address, candidate=first.candidate, key=key)
    Question.objects.filter(pk__in=[question.pk for question in chosen]).update(
        state=QuestionState.SHOWN, message=message, shown_at=Now()
    )
    for question in chosen:
        record_trail(
            question.candidate, TrailKind.ASKED, actor="clock", approver=address.approver.name, message_id=message.pk,
            channel=address.channel.provider, lines=len(chosen),
        )  # fmt: skip
    return chosen


def _chosen(pool: list[Question]) -> list[Question]:
    """Return what one message shows: a reply to this approver's question, several candidates, or one."""
    replies = [question for question in pool if question.kind == QuestionKind.REPLY]
    if replies:
        return replies[:1]
    return pool[:MAX_LINES] if len(pool) >= DIGEST_FROM else pool[:1]


def _show_reply(conversation: Conversation, address: ApproverAddress, question: Question, key: str) -> Message:
    """Send the core service's reply, and then the question once more, which a bare "yes" is about."""
    candidate = question.candidate
    replies = candidate.steps.filter(kind=TrailKind.REPLY).order_by("pk")
    text = replies[question.step - 1].text
    words = phrase(address.approver.language, "reply", id=f"#{candidate.short_id.upper()}", text=text)
    add_message(conversation=conversation, text=words, key=f"{key}:reply")
    return show_candidate(conversation=conversation, address=address, candidate=candidate, key=key, on_request=True)


def _waiting(queue: AskQueue) -> list[Question]:
    """Return the questions to be asked, the most urgent and oldest first; discard those that are settled."""
    rows = Question.objects.filter(address=queue.address, state=QuestionState.WAITING, kind__in=QUESTIONS)
    ended = rows.exclude(candidate__status=CandidateStatus.PENDING)
    ended.update(state=QuestionState.DROPPED, reason="decided")
    past = rows.filter(candidate__deadline_at__lte=Now())
    past.update(state=QuestionState.DROPPED, reason="its time is up")
    answered = rows.filter(candidate__votes__approver=queue.address.approver)
    Question.objects.filter(pk__in=list(answered.values_list("pk", flat=True))).update(
        state=QuestionState.DROPPED, reason="answered before it was asked"
    )
    found = rows.select_related("candidate__tenant").order_by("-candidate__priority", "pk")
    return list(found[:LOOK_AHEAD])


def _discard(questions: list[Question], reason: str) -> None:
    Question.objects.filter(pk__in=[question.pk for question in questions]).update(
        state=QuestionState.DROPPED, reason=reason
    )
    for question in questions:
        record_trail(question.candidate, TrailKind.NOT_ASKED, actor="clock", reason=reason)


def _send_endings(queue: AskQueue, conversation: Conversation, *, is_quiet: bool) -> bool:
    """Tell what somebody else or the deadline has settled, in few messages; only inside the reply window.

    Returns whether something is left for the end of the quiet hours.
    """
    rows = Question.objects.filter(address=queue.address, state=QuestionState.WAITING, kind=QuestionKind.CLOSING)
    now_told = rows.filter(candidate__priority=CandidatePriority.URGENT) if is_quiet else rows
    if reply_window(conversation).mode != WindowMode.FREE or conversation.contact.opted_out_at is not None:
        now_told.update(state=QuestionState.DROPPED, reason="no plain message may go there now")
    while questions := list(now_told.select_related("candidate").order_by("pk")[:MAX_ENDINGS]):
        language = queue.address.approver.language
        text = "\n".join(ending_text(question.candidate, language) for question in questions)
        message = add_message(conversation=conversation, text=text, key=f"closing:{questions[0].pk}")
        Question.objects.filter(pk__in=[question.pk for question in questions]).update(
            state=QuestionState.SHOWN, message=message, shown_at=Now()
        )
    return is_quiet and rows.exists()


def ending_text(candidate: Candidate, language: str, name: str = "closing") -> str:
    """Return a sentence on how a candidate ended."""
    by = phrase(language, "by_clock") if candidate.decided_via == "deadline" else candidate.decided_by
    return phrase(
        language, name, id=f"#{candidate.short_id.upper()}", title=candidate.title, by=by,
        status=phrase(language, f"status_{candidate.status}"),
    )  # fmt: skip


def _database_now(queue: AskQueue) -> datetime:
    found: datetime = AskQueue.objects.filter(pk=queue.pk).annotate(now=Now()).values_list("now", flat=True).get()
    return found


def _conversation(queue: AskQueue) -> Conversation:
    """Lock the conversation of an address and return it; it is created with the first message."""
    address = queue.address
    named = address_at(provider_of(address.channel), address.address)
    seed = InboundMessage(external_id="", channel=address.channel.external_id, sender=Person(addresses=(named,)))
    conversation = open_conversation(channel=address.channel, inbound=seed)
    if not conversation.recipient:
        conversation.recipient_kind, conversation.recipient = str(named.kind), named.external_id
        conversation.save(update_fields=["recipient_kind", "recipient"])
    if conversation.last_inbound_at is None:
        # Somebody who has never written is no customer; a customer stays one until they answer.
        set_internal(conversation=conversation, is_internal=True)
    return conversation
