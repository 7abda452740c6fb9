"""Take the answer that an n8n workflow brings later (wire/n8n.md section 4)."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from assistant.models import Claimant, Handoff, Turn
from assistant.n8n_wire import WrongAnswer, understand_body
from assistant.queries import profile_of
from assistant.services import breakers
from assistant.services.answers import Answer
from assistant.services.drafts import as_draft
from assistant.services.n8n import answer_of, claim, gate, hash_of
from common.work.queue import enqueue
from common.work.rows import CLAIMABLE, State, now_plus_seconds
from messaging.services.takeover import lock

logger = logging.getLogger("frontdesk.assistant")


class TooLate(Exception):
    """The deadline has passed, something else answered, or a person took over."""


@transaction.atomic
def take_callback(*, token: str, body: Any) -> str | None:
    """Put the workflow's answer on its turn: "accepted", or "duplicate" the second time; None for an unknown token.

    Raises WrongAnswer for what the contract does not know, and TooLate.
    """
    found = Handoff.objects.select_related("turn__conversation").filter(token_hash=hash_of(token)).first()
    if found is None:
        return None
    conversation = lock(found.turn.conversation)
    handoff = Handoff.objects.select_related("message").select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    if handoff.claimed_by == Claimant.CALLBACK:
        return "duplicate"
    turn: Turn = Turn.objects.select_for_update(no_key=True).get(pk=handoff.turn_id)
    is_open = turn.state in (*CLAIMABLE, State.WORKING) and handoff.deadline_at > timezone.now()
    is_fenced = conversation.is_paused or turn.fence != conversation.fence
    if handoff.claimed_by or is_fenced or not is_open:
        raise TooLate
    turn.conversation = conversation
    made = _answer(turn, handoff, body)
    if not claim(handoff, Claimant.CALLBACK):
        raise TooLate
    _wake(turn, handoff, made)
    breakers.succeeded(gate(), provider="n8n")
    return "accepted"


def _answer(turn: Turn, handoff: Handoff, body: Any) -> Answer:
    first = body[0] if isinstance(body, list) and body else body
    named = first.get("message_id") if isinstance(first, dict) else None
    if named is not None and named != handoff.message.external_id:
        raise WrongAnswer("message_id is not the message that this address is for")
    said = understand_body(body)
    if said.comes_later:
        raise WrongAnswer("the answer names no reply")
    return answer_of(turn, profile_of(turn.tenant), said)


def _wake(turn: Turn, handoff: Handoff, made: Answer) -> None:
    """The draft stands on the turn; a worker says it. One that is still waiting for the response finds it there."""
    changes = {"draft": as_draft(made), "draft_for": handoff.message_id, "provider": "n8n", "handed_at": None}
    Turn.objects.filter(pk=turn.pk).update(**changes)
    Turn.objects.filter(pk=turn.pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(-1))
    enqueue("assistant.turn", turn.pk)
    logger.info("n8n_called_back", extra={"tenant_id": turn.tenant_id, "turn_id": turn.pk})
