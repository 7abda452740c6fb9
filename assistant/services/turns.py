"""One answer per burst, one turn at a time per conversation, and none after a person took over."""

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
from assistant.services.answering import answer
from assistant.services.answers import Answer
from assistant.services.bursts import MAX_BURST_SECONDS, burst_wait
from assistant.services.drafts import Draft, as_draft
from assistant.services.giving_up import give_up
from assistant.services.journal import Interrupted
from assistant.services.saying import put_out
from assistant.services.transcription import seconds_until_heard
from assistant.services.urgent import is_urgent
from common import context
from common.db.compiled import CompiledQuery, CompiledUpdate, Slot, now_plus
from common.db.inserts import CompiledInsert
from common.work.queue import enqueue
from common.work.rows import CLAIMABLE, MAX_CRASHES, LeaseLost, State, literals, now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation, Direction, Message
from messaging.services.takeover import lock

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
    may_be_lost=True,  # what is said of it is committed right after, and waits for both
    **_KEPT,
)


@transaction.atomic(savepoint=False)
def want_reply(*, message: Message) -> Turn:
    """Ask for an answer to a message: a waiting turn waits a little longer, a running one learns of it at its end.

    The conversation's row must be locked, as it is while the handlers are asked.
    """
    conversation, wait = message.conversation, burst_wait(message)
    while (made := _new_turn(conversation, message, wait)) is None:
        turn = _ACTIVE_TURN.first(conversation=conversation.pk)
        if turn is None:
            continue  # it came to its end between the two looks
        if turn.fence == conversation.fence:
            _join(turn, message, wait)
            return turn
        _end(turn)
    return made


def _join(turn: Turn, message: Message, wait: float) -> None:
    if message.pk > turn.wanted_id:  # a message handled late does not take the place of a newer one
        turn.wanted = message
        Turn.objects.filter(pk=turn.pk).update(wanted=message)
    # A turn with a draft only has to say it, and one that a workflow has is woken by its answer or its deadline.
    if turn.state in CLAIMABLE and turn.draft is None and turn.handed_at is None:
        left = MAX_BURST_SECONDS - (timezone.now() - turn.first_at).total_seconds()
        Turn.objects.filter(pk=turn.pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(_delay(min(wait, left))))
    elif turn.state in CLAIMABLE and turn.draft is None and is_urgent(profile_of(turn.tenant), message.text):
        # An emergency waits for no workflow.
        Turn.objects.filter(pk=turn.pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(-1))
        enqueue("assistant.turn", turn.pk)


def _delay(wait: float) -> float:
    """Seconds until a turn is due; surely past when there is none, since two looks at a clock may show the same."""
    return wait if wait > 0 else -1.0


@transaction.atomic
def ask_again(*, turn: Turn) -> bool:
    """Answer a conversation anew, by an operator's hand; False while a person or another turn has it.

    It is a turn of its own: what the old one has said, and what stopped it, stays with the old one.
    """
    conversation = lock(turn.conversation)
    active = Turn.objects.filter(conversation=conversation, state__in=ACTIVE, is_suggestion=False)
    if conversation.is_paused or active.exists():
        return False
    newest = Message.objects.filter(conversation=conversation, direction=Direction.IN).latest("pk")
    return _new_turn(conversation, newest, 0) is not None


def take_turn(turn: Turn) -> None:
    """Answer a conversation: read everything, think, then say it if nothing has changed meanwhile."""
    try:
        if turn.crashes >= MAX_CRASHES:
            _part(turn, f"its worker died {turn.crashes} times")
        else:
            _take(turn)
    except LeaseLost:
        raise
    except Interrupted as interruption:
        _drop(turn, interruption.reason)
    except Exception as error:
        if turn.attempts < turn.max_attempts:
            raise
        logger.exception("turn_given_up", extra={"turn_id": turn.pk, "tenant_id": turn.tenant_id})
        _part(turn, f"{type(error).__name__}: {error}")


def _part(turn: Turn, reason: str) -> None:
    """Give up; where even that fails the claim is left to the sweep, since a turn that is just dead says nothing."""
    try:
        give_up(turn, reason)
    except LeaseLost:
        raise
    except Exception as error:
        logger.exception("good_bye_failed", extra={"turn_id": turn.pk, "tenant_id": turn.tenant_id})
        raise LeaseLost(f"turn {turn.pk}") from error


def _take(turn: Turn) -> None:
    started = time.monotonic()
    turn.seen_id = turn.wanted_id
    # One tenant in memory: whoever asks the conversation or its channel need not ask the database.
    turn.conversation.tenant = turn.conversation.channel.tenant = turn.tenant
    if turn.draft is not None:  # its worker died between the model and the outbox, or a workflow called back
        _say(turn)
        return
    reason = _why_not(turn)
    if reason:
        _drop(turn, reason)
        return
    if turn.handed_at is None and turn.has_voice and seconds_until_heard(turn) > 0:
        turn.settle(State.QUEUED, reason="a voice note is being written down", due_in=LOOK_AGAIN_SECONDS, attempts=0)
        return
    is_on = None if turn.is_switched_off is None else not turn.is_switched_off
    messaging.show_presence(conversation=turn.conversation, newest=turn.wanted, installation_is_on=is_on)
    made = answer(turn)
    if made is None:
        return
    _keep(turn, made, milliseconds=round((time.monotonic() - started) * 1000))
    _say(turn)


@transaction.atomic
def _drop(turn: Turn, reason: str) -> None:
    """Answer nothing, unless somebody wrote again after the reason was gone: then look again."""
    conversation = lock(turn.conversation)
    wanted = _WANTED.get(pk=turn.pk).wanted_id
    if wanted != turn.seen_id and not conversation.is_paused:
        turn.settle(State.QUEUED, reason="a newer message came", due_in=settings.BURST_WAIT_SECONDS, attempts=0)
    else:
        turn.settle(State.IGNORED, reason=reason)


def _why_not(turn: Turn) -> str:
    """Why nothing is to be answered; "" when it is."""
    if turn.conversation.is_paused or turn.fence != turn.conversation.fence:
        return "paused"
    if turn.conversation.contact.opted_out_at is not None:
        return "opted out"
    return "" if profile_of(turn.tenant).is_enabled and turn.tenant.is_active else "the assistant is switched off"


def _new_turn(conversation: Conversation, message: Message, wait: float) -> Turn | None:
    """A turn of its own; None while another one of the conversation is not over."""
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


def _end(turn: Turn) -> None:
    """A turn from before a take-over is over: a worker that still thinks about it, or a workflow, is not heard."""
    budget.take_back(turn=turn)
    Turn.objects.filter(pk=turn.pk).update(state=State.IGNORED, token=None, lease_until=None, last_error="paused")


def _keep(turn: Turn, made: Answer, *, milliseconds: int) -> None:
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


def _say(turn: Turn) -> None:
    """Under the conversation's lock: is the draft still right? Then out with it, and the turn is over."""
    try:
        _say_the_latest(turn)
    except _NotTheLatest:
        _say_or_rerun(turn)


class _NotTheLatest(Exception):
    """Somebody wrote again, or the claim was lost."""


@transaction.atomic
def _say_the_latest(turn: Turn) -> None:
    """Out with the draft if nobody wrote again; else raises _NotTheLatest, and nothing has happened."""
    conversation = lock(turn.conversation)
    if conversation.is_paused or turn.fence != conversation.fence:
        turn.settle(State.IGNORED, reason="paused")
        return
    outcome = put_out(turn, conversation, Draft(**(turn.draft or {"bubbles": []})))
    if not _SAID.run(pk=turn.pk, mine=turn.token, seen=turn.draft_for, outcome=outcome[:20]):
        raise _NotTheLatest
    _log(turn, conversation, outcome)


@transaction.atomic
def _say_or_rerun(turn: Turn) -> None:
    conversation = lock(turn.conversation)
    wanted = _WANTED.get(pk=turn.pk).wanted_id
    if conversation.is_paused or turn.fence != conversation.fence:
        turn.settle(State.IGNORED, reason="paused")
        return
    is_stale = wanted != turn.draft_for
    # A workflow is not run twice for one answer: what it said is said, and the rest is a new turn.
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
    outcome = put_out(turn, conversation, draft)
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
