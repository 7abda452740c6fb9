"""A suggested answer for an operator, who edits and sends it: made like a turn, never sent automatically."""

from __future__ import annotations

import logging
import time
import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from assistant.models import Turn
from assistant.queries import profile_of
from assistant.services import budget
from assistant.services.answering import Tries, TurnRun, ask_models, tool_context
from assistant.services.answers import as_draft
from assistant.services.journal import Interrupted
from assistant.services.prompt import load_conversation
from common.work.rows import State, now_plus_seconds
from messaging.models import Conversation, Direction, Message
from messaging.services.takeover import lock_conversation

logger = logging.getLogger("frontdesk.assistant")

# A person waits at the page meanwhile: less than a turn has.
SUGGESTION_SECONDS = 25.0


class NoSuggestion(Exception):
    """There is no answer to suggest; the text says why."""


def suggest_reply(*, conversation: Conversation, by: str) -> Turn:
    """Make an answer for the conversation as it is now; its text stands in `draft["bubbles"]` of the returned turn.

    It counts against the month's budget and stores its steps, as every turn. Not to be called inside a transaction.
    Raises NoSuggestion.
    """
    started = time.monotonic()
    turn = _begin(conversation, by)
    try:
        _make(turn, started)
    except (Interrupted, NoSuggestion) as reason:
        turn.settle(State.IGNORED, reason=str(reason))
        raise NoSuggestion(str(reason)) from None
    except Exception as error:
        logger.exception("suggestion_failed", extra={"turn_id": turn.pk, "tenant_id": turn.tenant_id})
        turn.settle(State.DEAD, reason=f"{type(error).__name__}: {error}")
        raise NoSuggestion(_("the assistant failed; the turn's page says why")) from error
    return turn


def suggested_text(turn: Turn) -> str:
    """Return the suggestion as one text for the composer."""
    return "\n\n".join((turn.draft or {}).get("bubbles", []))


@transaction.atomic
def _begin(conversation: Conversation, by: str) -> Turn:
    row = lock_conversation(conversation)
    _release_lost(row)
    newest = Message.objects.filter(conversation=row, direction=Direction.IN).order_by("-pk").first()
    if newest is None:
        raise NoSuggestion(_("the customer has not written yet"))
    turn: Turn = Turn.objects.create(
        tenant_id=row.tenant_id,
        conversation=row,
        wanted=newest,
        seen_id=newest.pk,
        fence=row.fence,
        is_suggestion=True,
        asked_by=by[:100],
        # Claimed from the start: no worker ever claims it.
        state=State.WORKING,
        token=uuid.uuid4(),
        lease_until=now_plus_seconds(max(settings.LEASE_SECONDS, SUGGESTION_SECONDS + 5)),
        attempts=1,
    )
    return turn


def _make(turn: Turn, started: float) -> None:
    profile = profile_of(turn.tenant)
    reading = load_conversation(turn, profile)
    if not reading.has_question or turn.conversation.waiting_since is None:
        raise NoSuggestion(_("nothing of the customer waits for an answer"))
    context = tool_context(turn, reading)
    work = TurnRun(turn=turn, profile=profile, reading=reading, context=context, tries=Tries(SUGGESTION_SECONDS))
    made = ask_models(work)
    if made.outcome == "fallback":
        raise NoSuggestion(made.hand_over or _("no model answers just now"))
    if not made.bubbles:
        raise NoSuggestion(_("the assistant would say nothing here"))
    turn.settle(
        State.DONE,
        draft=as_draft(made),
        draft_for=turn.seen_id,
        outcome="suggested",
        provider=made.provider,
        model=made.model[:100],
        sources=made.sources,
        milliseconds=round((time.monotonic() - started) * 1000),
    )


def _release_lost(conversation: Conversation) -> None:
    """Release money that was reserved for suggestions whose askers died."""
    lost = Turn.objects.select_for_update(no_key=True).filter(
        conversation=conversation, is_suggestion=True, state=State.IGNORED, reserved_usd__gt=0
    )
    for turn in lost.order_by("pk"):
        budget.release_locked(turn=turn)
