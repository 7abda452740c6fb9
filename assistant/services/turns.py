"""Turns: one answer per burst, one turn at a time per conversation, and none after a person took over."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from assistant.models import Turn
from assistant.queries import profile_of
from assistant.services import budget
from assistant.services.answering import answer_turn, is_urgent
from assistant.services.answers import Draft, PreparedAnswer, as_draft
from assistant.services.journal import Interrupted
from assistant.services.replies import give_up, send_draft
from assistant.services.transcription import seconds_until_heard
from common import context
from common.db.compiled import CompiledQuery, CompiledUpdate, Slot, now_plus
from common.db.inserts import CompiledInsert
from common.work.queue import enqueue
from common.work.rows import CLAIMABLE, MAX_CRASHES, LeaseLost, State, literals, now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation, Direction, Message
from messaging.services.takeover import lock_conversation

logger = logging.getLogger("frontdesk.assistant")

ACTIVE = (*CLAIMABLE, State.WORKING)
MAX_RERUNS = 2
LOOK_AGAIN_SECONDS = 1.0  # for a transcript


_ACTIVE_TURN: CompiledQuery[Turn] = CompiledQuery(
    lambda: Turn.objects.select_for_update(no_key=True).filter(
        conversation=Slot("conversation"), state__in=literals(ACTIVE), is_suggestion=False
    )
)
_WANTED: CompiledQuery[Turn] = CompiledQuery(
    lambda: Turn.objects.select_for_update(no_key=True).only("wanted_id").filter(pk=Slot("pk"))
)
_NEW_TURN: CompiledInsert[Turn] = CompiledInsert(Turn, once=True, due_at=now_plus("wait"))
_KEPT: dict[str, Any] = {
    name: Slot(name)
    for name in ("draft", "draft_for", "seen_id", "provider", "model", "milliseconds", "sources", "handed_at")
}
_SAID: CompiledUpdate[Turn] = CompiledUpdate(
    lambda: Turn.objects.filter(pk=Slot("pk"), token=Slot("mine"), state=State.WORKING, wanted=Slot("seen")),
    state=State.DONE,
    token=None,
    lease_until=None,
    last_error="",
    outcome=Slot("outcome"),
)
_KEEP: CompiledUpdate[Turn] = CompiledUpdate(
    lambda: Turn.objects.filter(pk=Slot("pk"), token=Slot("mine"), state=State.WORKING),
    may_be_lost=True,  # the turn's next statement commits right after this one, and covers both
    **_KEPT,
)


@transaction.atomic(savepoint=False)
def request_turn(*, message: Message) -> Turn:
    """Request an answer to a message: a waiting turn waits a little longer, a running one notices at its end.

    The conversation's row must be locked, as it is while the handlers are called.
    """
    conversation, wait = message.conversation, burst_wait(message)
    while (made := _new_turn(conversation, message, wait)) is None:
        turn = _ACTIVE_TURN.first(conversation=conversation.pk)
        if turn is None:
            continue  # it ended between the two queries
        if turn.fence == conversation.fence:
            _join(turn, message, wait)
            return turn
        _cancel(turn)
    return made


def _join(turn: Turn, message: Message, wait: float) -> None:
    if message.pk > turn.wanted_id:  # a message handled late does not replace a newer one
        turn.wanted = message
        Turn.objects.filter(pk=turn.pk).update(wanted=message)
    # A turn with a draft only has to send it, and one that a workflow has is woken up by its answer or its deadline.
    if turn.state in CLAIMABLE and turn.draft is None and turn.handed_at is None:
        left = MAX_BURST_SECONDS - (timezone.now() - turn.first_at).total_seconds()
        Turn.objects.filter(pk=turn.pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(_delay(min(wait, left))))
    elif turn.state in CLAIMABLE and turn.draft is None and is_urgent(profile_of(turn.tenant), message.text):
        # An emergency waits for no workflow.
        Turn.objects.filter(pk=turn.pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(-1))
        enqueue("assistant.turn", turn.pk)


def _delay(wait: float) -> float:
    """Return the seconds until a turn is due; surely in the past for 0, since two reads of a clock may be equal."""
    return wait if wait > 0 else -1.0


@transaction.atomic
def answer_again(*, turn: Turn) -> bool:
    """Answer a conversation again on behalf of an operator; returns False while a person or another turn has it.

    It is a new turn: what the old one has said, and what stopped it, stays with the old one.
    """
    conversation = lock_conversation(turn.conversation)
    active = Turn.objects.filter(conversation=conversation, state__in=ACTIVE, is_suggestion=False)
    if conversation.is_paused or active.exists():
        return False
    newest = Message.objects.filter(conversation=conversation, direction=Direction.IN).latest("pk")
    return _new_turn(conversation, newest, 0) is not None


def run_turn(turn: Turn) -> None:
    """Answer a conversation: load everything, call the model, then send if nothing has changed meanwhile."""
    try:
        if turn.crashes >= MAX_CRASHES:
            _give_up(turn, f"its worker died {turn.crashes} times")
        else:
            _run(turn)
    except LeaseLost:
        raise
    except Interrupted as interruption:
        _end_silently(turn, interruption.reason)
    except Exception as error:
        if turn.attempts < turn.max_attempts:
            raise
        logger.exception("turn_given_up", extra={"turn_id": turn.pk, "tenant_id": turn.tenant_id})
        _give_up(turn, f"{type(error).__name__}: {error}")


def _give_up(turn: Turn, reason: str) -> None:
    """Give up; where even that fails the claim is left to the sweep, because a dead turn would tell nobody."""
    try:
        give_up(turn, reason)
    except LeaseLost:
        raise
    except Exception as error:
        logger.exception("good_bye_failed", extra={"turn_id": turn.pk, "tenant_id": turn.tenant_id})
        raise LeaseLost(f"turn {turn.pk}") from error


def _run(turn: Turn) -> None:
    started = time.monotonic()
    turn.seen_id = turn.wanted_id
    # One tenant in memory, so that the conversation or its channel need no further query.
    turn.conversation.tenant = turn.conversation.channel.tenant = turn.tenant
    if turn.draft is not None:  # its worker died between the model and the outbox, or a workflow called back
        _send(turn)
        return
    reason = _reason_not_to_answer(turn)
    if reason:
        _end_silently(turn, reason)
        return
    if turn.handed_at is None and turn.has_voice and seconds_until_heard(turn) > 0:
        reason = "a voice note is being written down"
        turn.settle(State.QUEUED, reason=reason, due_in=LOOK_AGAIN_SECONDS, attempts=0, waits_for_voice=True)
        return
    is_on = None if turn.is_switched_off is None else not turn.is_switched_off
    messaging.show_presence(conversation=turn.conversation, newest=turn.wanted, installation_is_on=is_on)
    made = answer_turn(turn)
    if made is None:
        return
    _store_draft(turn, made, milliseconds=round((time.monotonic() - started) * 1000))
    _send(turn)


@transaction.atomic
def _end_silently(turn: Turn, reason: str) -> None:
    """End without an answer, unless somebody wrote after the reason was gone: then run again."""
    conversation = lock_conversation(turn.conversation)
    wanted = _WANTED.get(pk=turn.pk).wanted_id
    if wanted != turn.seen_id and not conversation.is_paused:
        turn.settle(State.QUEUED, reason="a newer message came", due_in=settings.BURST_WAIT_SECONDS, attempts=0)
    else:
        turn.settle(State.IGNORED, reason=reason)


def _reason_not_to_answer(turn: Turn) -> str:
    """Return why nothing is to be answered; "" otherwise."""
    if turn.conversation.is_paused or turn.fence != turn.conversation.fence:
        return "paused"
    if turn.conversation.contact.opted_out_at is not None:
        return "opted out"
    return "" if profile_of(turn.tenant).is_enabled and turn.tenant.is_active else "the assistant is switched off"


def _new_turn(conversation: Conversation, message: Message, wait: float) -> Turn | None:
    """Create a turn; returns None while another one of the conversation is not finished."""
    turn = Turn(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        wanted=message,
        fence=conversation.fence,
        request_id=context.current().request_id,
        traceparent=context.current().traceparent,
    )
    if not _NEW_TURN.insert_row(turn, wait=timedelta(seconds=_delay(wait))):
        return None
    if not wait:
        enqueue("assistant.turn", turn.pk)
    return turn


def _cancel(turn: Turn) -> None:
    """End a turn from before a take-over: a worker or a workflow that still runs it is ignored."""
    budget.release_locked(turn=turn)
    Turn.objects.filter(pk=turn.pk).update(state=State.IGNORED, token=None, lease_until=None, last_error="paused")


def _store_draft(turn: Turn, made: PreparedAnswer, *, milliseconds: int) -> None:
    """Store the draft before it is used; raises LeaseLost when the turn is no longer ours."""
    fields = {
        "draft": as_draft(made),
        "draft_for": turn.seen_id,
        "seen_id": turn.seen_id,
        "provider": made.provider,
        "model": made.model[:100],
        "milliseconds": turn.milliseconds + milliseconds,
        "sources": made.sources,
        "handed_at": None,
    }
    if not _KEEP.run(pk=turn.pk, mine=turn.token, **fields):
        raise LeaseLost(f"turn {turn.pk}")
    for name, value in fields.items():
        setattr(turn, name, value)


def _send(turn: Turn) -> None:
    """Send the draft under the conversation's lock when it is still right, and end the turn."""
    try:
        _send_latest(turn)
    except _NotTheLatest:
        _send_or_rerun(turn)


class _NotTheLatest(Exception):
    """Somebody wrote again, or the claim was lost."""


@transaction.atomic
def _send_latest(turn: Turn) -> None:
    """Send the draft if nobody wrote again; else raise _NotTheLatest, and change nothing."""
    conversation = lock_conversation(turn.conversation)
    if conversation.is_paused or turn.fence != conversation.fence:
        turn.settle(State.IGNORED, reason="paused")
        return
    outcome = send_draft(turn, conversation, Draft(**(turn.draft or {"bubbles": []})))
    if not _SAID.run(pk=turn.pk, mine=turn.token, seen=turn.draft_for, outcome=outcome[:20]):
        raise _NotTheLatest
    _log(turn, conversation, outcome)


@transaction.atomic
def _send_or_rerun(turn: Turn) -> None:
    conversation = lock_conversation(turn.conversation)
    wanted = _WANTED.get(pk=turn.pk).wanted_id
    if conversation.is_paused or turn.fence != conversation.fence:
        turn.settle(State.IGNORED, reason="paused")
        return
    is_stale = wanted != turn.draft_for
    # A workflow is not run twice for one answer: its answer is sent, and the rest is a new turn.
    if is_stale and turn.reruns < MAX_RERUNS and turn.provider != "n8n":
        turn.settle(
            State.QUEUED,
            reason="a newer message came",
            due_in=settings.BURST_WAIT_SECONDS,
            reruns=turn.reruns + 1,
            draft=None,
            attempts=0,
        )
        return
    draft = Draft(**(turn.draft or {"bubbles": []}))
    outcome = send_draft(turn, conversation, draft)
    turn.settle(State.DONE, outcome=outcome[:20], reason="")
    if is_stale and not draft.hand_over:
        _new_turn(conversation, Message.objects.get(pk=wanted), settings.BURST_WAIT_SECONDS)
    _log(turn, conversation, outcome)


def _log(turn: Turn, conversation: Conversation, outcome: str) -> None:
    logger.info(
        "ai_replied",
        extra={
            "tenant_id": turn.tenant_id,
            "conversation_id": conversation.pk,
            "turn_id": turn.pk,
            "outcome": outcome,
            "provider": turn.provider,
            "model": turn.model,
            "tokens": turn.input_tokens + turn.output_tokens,
            "ms": turn.milliseconds,
        },
    )


MAX_BURST_SECONDS = 20.0  # however long somebody keeps typing, the first message is answered by then
SENTENCE_ENDS = (".", "!", "?", "…", "。", "？", "！")


def burst_wait(message: Message) -> float:
    """Return the seconds to wait for more: few after a complete sentence, more after a fragment."""
    profile = profile_of(message.tenant)
    short = settings.BURST_WAIT_SECONDS if profile.burst_wait_seconds is None else profile.burst_wait_seconds
    long = settings.BURST_FRAGMENT_SECONDS if profile.burst_fragment_seconds is None else profile.burst_fragment_seconds
    text = message.text.strip()
    is_fragment = message.kind == "text" and text and not text.endswith(SENTENCE_ENDS) and len(text.split()) < 4
    return float(long if is_fragment else short)
