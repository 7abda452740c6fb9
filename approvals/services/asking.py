"""Work one address's queue: tell it what is settled, then ask the next question, or several as one, at its pace."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from approvals.models import (
    ApproverAddress,
    AskQueue,
    Candidate,
    Priority,
    Prompt,
    PromptKind,
    PromptState,
    Status,
    StepKind,
)
from approvals.queries import language_of
from approvals.services import pace
from approvals.services.showing import MAX_LINES, say, show, show_several
from approvals.services.trail import note
from approvals.wording import say as phrase
from common.quiet_hours import quiet_until
from common.work.rows import LeaseLost, State
from messaging.models import Conversation, Message
from messaging.providers.base import Address, AddressKind, InboundMessage, Person
from messaging.queries import WindowMode, reply_window
from messaging.services.previews import note_kind
from messaging.services.receiving import open_conversation

logger = logging.getLogger("frontdesk.approvals")

DIGEST_FROM = 3  # so many waiting questions become one message
LOOK_AHEAD = 200
MAX_ENDINGS = 10  # in one message
QUESTIONS = (PromptKind.ASK, PromptKind.REPLY)
LAST_SECONDS = 15.0  # so often it is looked whether the prompt before has gone


@transaction.atomic
def ask(queue: AskQueue) -> None:
    """One step of an address's queue; what is left is due when the pace and the quiet hours allow it."""
    address = queue.address
    address.approver.tenant = address.channel.tenant  # one object for its time zone
    conversation = _conversation(queue)  # locked
    mine = AskQueue.objects.select_for_update(no_key=True).filter(pk=queue.pk, token=queue.token, state=State.WORKING)
    if not mine.exists():
        raise LeaseLost(f"prompt queue {queue.pk}")
    now = _database_now(queue)
    quiet_end = quiet_until(
        now, begins=address.approver.quiet_from, ends=address.approver.quiet_until, zone=address.approver.zone
    )
    left_to_tell = _tell_endings(queue, conversation, is_quiet=quiet_end is not None)
    waiting = _waiting(queue)
    if waiting and (conversation.contact.opted_out_at is not None or not address.approver.is_active):
        is_gone = not address.approver.is_active
        _drop(waiting, "the approver is not active" if is_gone else "the approver wants no messages")
        waiting = []
    pool = [prompt for prompt in waiting if prompt.candidate.priority == Priority.URGENT] if quiet_end else waiting
    if not pool:
        return _rest(queue, quiet_end if waiting or left_to_tell else None)
    next_at = pace.next_at(address.channel.provider)
    if (wait := _until_the_last_has_gone(queue, now)) is not None:
        return queue.settle(State.QUEUED, due_in=wait, attempts=0)
    if not pace.take(queue, address.channel.provider):
        ids = {"tenant_id": queue.tenant_id, "address_id": address.pk}
        logger.info("prompt_waits", extra={**ids, "provider": address.channel.provider})
        return queue.settle(State.QUEUED, due_at=next_at, attempts=0)
    asked = _ask(queue, conversation, pool)
    if len(asked) < len(waiting):
        return queue.settle(State.QUEUED, due_at=next_at, attempts=0)
    return _rest(queue, quiet_end if left_to_tell else None)


def _rest(queue: AskQueue, until: datetime | None) -> None:
    """Wait for the end of the quiet hours, or until the queue is woken."""
    if until is None:
        return queue.settle(State.DONE, attempts=0)
    return queue.settle(State.QUEUED, due_at=until, attempts=0)


def _until_the_last_has_gone(queue: AskQueue, now: datetime) -> float | None:
    """Seconds to wait for the prompt before: what a switch or a provider holds back must not come in a heap.

    The distance counts from when it went, which may be later than when it was written.
    """
    last = Prompt.objects.filter(address=queue.address, kind__in=QUESTIONS, message__isnull=False)
    prompt = last.select_related("message").order_by("-shown_at", "-pk").first()
    if prompt is None or prompt.message is None:
        return None
    message = prompt.message
    is_doubtful = message.state == State.HELD and message.held_by == "uncertain"  # an operator's: it stops no others
    if message.state in (State.QUEUED, State.WORKING, State.UNCERTAIN, State.HELD) and not is_doubtful:
        return min(LAST_SECONDS, max(1.0, settings.MIN_SPACING_SEC))
    went_at = message.tries.aggregate(last=Max("finished_at"))["last"]
    left = (went_at - now).total_seconds() + settings.MIN_SPACING_SEC if went_at is not None else 0.0
    return left if left > 0 else None


def _ask(queue: AskQueue, conversation: Conversation, pool: list[Prompt]) -> list[Prompt]:
    address = queue.address
    chosen = _chosen(pool)
    first, key = chosen[0], f"prompt:{chosen[0].pk}"
    if len(chosen) > 1:
        message = show_several(
            conversation=conversation, address=address, candidates=[prompt.candidate for prompt in chosen],
            key=f"digest:{first.pk}", left=len(pool) - len(chosen),
        )  # fmt: skip
    elif first.kind == PromptKind.REPLY:
        message = _show_reply(conversation, address, first, key)
    else:
        message = show(conversation=conversation, address=address, candidate=first.candidate, key=key)
    Prompt.objects.filter(pk__in=[prompt.pk for prompt in chosen]).update(
        state=PromptState.SHOWN, message=message, shown_at=Now()
    )
    for prompt in chosen:
        note(
            prompt.candidate, StepKind.ASKED, actor="clock", approver=address.approver.name, message_id=message.pk,
            channel=address.channel.provider, lines=len(chosen),
        )  # fmt: skip
    return chosen


def _chosen(pool: list[Prompt]) -> list[Prompt]:
    """What is shown by one message: the answer to a question of this approver, several candidates, or one."""
    replies = [prompt for prompt in pool if prompt.kind == PromptKind.REPLY]
    if replies:
        return replies[:1]
    return pool[:MAX_LINES] if len(pool) >= DIGEST_FROM else pool[:1]


def _show_reply(conversation: Conversation, address: ApproverAddress, prompt: Prompt, key: str) -> Message:
    """What the core service answers, and the question once more, which a bare "yes" is about."""
    candidate = prompt.candidate
    replies = candidate.steps.filter(kind=StepKind.REPLY).order_by("pk")
    text = replies[prompt.step - 1].text
    words = phrase(language_of(address.approver), "reply", id=f"#{candidate.short_id.upper()}", text=text)
    say(conversation=conversation, text=words, key=f"{key}:reply")
    return show(conversation=conversation, address=address, candidate=candidate, key=key, on_request=True)


def _waiting(queue: AskQueue) -> list[Prompt]:
    """What is to be asked, the urgent and oldest first; what needs no asking any more is dropped."""
    rows = Prompt.objects.filter(address=queue.address, state=PromptState.WAITING, kind__in=QUESTIONS)
    ended = rows.exclude(candidate__status=Status.PENDING)
    ended.update(state=PromptState.DROPPED, reason="decided")
    past = rows.filter(candidate__deadline_at__lte=Now())
    past.update(state=PromptState.DROPPED, reason="its time is up")
    answered = rows.filter(candidate__votes__approver=queue.address.approver)
    Prompt.objects.filter(pk__in=list(answered.values_list("pk", flat=True))).update(
        state=PromptState.DROPPED, reason="answered before it was asked"
    )
    found = rows.select_related("candidate__tenant").order_by("-candidate__priority", "pk")
    return list(found[:LOOK_AHEAD])


def _drop(prompts: list[Prompt], reason: str) -> None:
    Prompt.objects.filter(pk__in=[prompt.pk for prompt in prompts]).update(state=PromptState.DROPPED, reason=reason)
    for prompt in prompts:
        note(prompt.candidate, StepKind.NOT_ASKED, actor="clock", reason=reason)


def _tell_endings(queue: AskQueue, conversation: Conversation, *, is_quiet: bool) -> bool:
    """What somebody else, or the clock, has settled, as few messages; only where a plain message may go now.

    Returns whether something is left for the end of the quiet hours.
    """
    rows = Prompt.objects.filter(address=queue.address, state=PromptState.WAITING, kind=PromptKind.CLOSING)
    now_told = rows.filter(candidate__priority=Priority.URGENT) if is_quiet else rows
    if reply_window(conversation).mode != WindowMode.FREE or conversation.contact.opted_out_at is not None:
        now_told.update(state=PromptState.DROPPED, reason="no plain message may go there now")
    while prompts := list(now_told.select_related("candidate").order_by("pk")[:MAX_ENDINGS]):
        language = language_of(queue.address.approver)
        text = "\n".join(ending(prompt.candidate, language) for prompt in prompts)
        message = say(conversation=conversation, text=text, key=f"closing:{prompts[0].pk}")
        Prompt.objects.filter(pk__in=[prompt.pk for prompt in prompts]).update(
            state=PromptState.SHOWN, message=message, shown_at=Now()
        )
    return is_quiet and rows.exists()


def ending(candidate: Candidate, language: str, name: str = "closing") -> str:
    """How a candidate ended, in a sentence."""
    by = phrase(language, "by_clock") if candidate.decided_via == "deadline" else candidate.decided_by
    return phrase(
        language, name, id=f"#{candidate.short_id.upper()}", title=candidate.title, by=by,
        status=phrase(language, f"status_{candidate.status}"),
    )  # fmt: skip


def _database_now(queue: AskQueue) -> datetime:
    found: datetime = AskQueue.objects.filter(pk=queue.pk).annotate(now=Now()).values_list("now", flat=True).get()
    return found


def _conversation(queue: AskQueue) -> Conversation:
    """The chat of an address, locked; it is opened when this is the first message."""
    address = queue.address
    named = recipient(address.channel.provider, address.address)
    seed = InboundMessage(external_id="", channel=address.channel.external_id, sender=Person(addresses=(named,)))
    conversation = open_conversation(channel=address.channel, inbound=seed)
    if not conversation.recipient:
        conversation.recipient_kind, conversation.recipient = str(named.kind), named.external_id
        conversation.save(update_fields=["recipient_kind", "recipient"])
    if conversation.last_inbound_at is None:
        # Who has never written is no customer; whoever has stays one until they answer.
        note_kind(conversation=conversation, is_internal=True)
    return conversation


def recipient(provider: str, address: str) -> Address:
    """An approver's address as its wire wants it."""
    if "@" in address:
        return Address(kind=AddressKind.EMAIL, value=address, external_id=address)
    names = {"twilio": f"whatsapp:{address}", "imessage": address}
    return Address(kind=AddressKind.PHONE, value=address, external_id=names.get(provider, address.removeprefix("+")))
