"""Hand a turn to an n8n workflow, and accept its answer by response or by callback: the first one counts."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assistant.models import AssistantProfile, Claimant, Handoff, Turn
from assistant.n8n_contract import WorkflowAnswer, WrongAnswer, parse_body, parse_response
from assistant.providers.base import BreakerEffect
from assistant.queries import profile_of
from assistant.services import breakers
from assistant.services.answers import PreparedAnswer, as_draft, bubbles_of, join_bubbles
from assistant.services.journal import lease_for
from assistant.services.n8n_request import request_body
from assistant.services.prompt import LoadedConversation
from common.breakers import hashed_key, is_open
from common.http.client import HttpError, Response, operator_client
from common.work.queue import enqueue
from common.work.rows import CLAIMABLE, State, now_plus_seconds
from messaging.services.takeover import lock_conversation
from tenants.models import check_secret, installations_secrets, signing_secrets

logger = logging.getLogger("frontdesk.assistant")

WAITS: Final = "waits"  # the turn was settled: a callback or the deadline wakes it up
FAILED: Final = "failed"  # the built-in assistant takes over
MAX_WAIT_SECONDS = 10.0
MAX_BYTES = 256 * 1024
# Not worth another try, and why.
REFUSALS = {401: "n8n refuses the key", 403: "n8n refuses the key or the address", 404: "the workflow is not active"}


class Unanswered(Exception):
    """The workflow could not be called, or its response cannot be used."""


def is_n8n_on() -> bool:
    """Return whether turns go to n8n: switched on, with an address that names a workflow."""
    return bool(settings.N8N_ENABLED) and not address_problem()


def address_problem() -> str:
    """Return what is wrong with the address of the workflow; "" when nothing is."""
    path = urlsplit(settings.N8N_WEBHOOK_URL).path.rstrip("/")
    if not settings.N8N_WEBHOOK_URL.startswith(("http://", "https://")) or path.endswith(("/webhook", "/webhook-test")):
        return "N8N_WEBHOOK_URL must be the whole address of a workflow: http(s)://host/webhook/path"
    if not path:
        return "N8N_WEBHOOK_URL names no workflow"
    try:
        for secret in installations_secrets():
            check_secret(secret)
    except ValueError:
        return "WEBHOOK_SIGNING_SECRET must be whsec_ and base64"
    return ""


def workflow_breaker_key() -> str:
    """Return the key of the workflow's breaker."""
    return hashed_key("n8n", settings.N8N_WEBHOOK_URL, settings.N8N_API_KEY)


def hand_to_workflow(turn: Turn, profile: AssistantProfile, reading: LoadedConversation) -> PreparedAnswer | str:
    """Hand the turn to the workflow.

    Returns its Answer, WAITS when it comes later, FAILED when the built-in assistant must answer.
    """
    seen_id = turn.seen_id or turn.wanted_id
    # An open hand-off comes first: newer messages neither delay its deadline nor start the workflow again beside it.
    asked = Handoff.objects.filter(turn=turn)
    handoff = asked.filter(claimed_by="").last() or asked.filter(message_id=seen_id).first()
    if handoff is not None:
        return _again(turn, handoff)
    if is_open(workflow_breaker_key()):
        _log(turn, mode="fallback", reason="breaker open")
        return FAILED
    token = secrets.token_urlsafe(32)
    handoff = Handoff.objects.create(
        tenant=turn.tenant,
        turn=turn,
        message_id=seen_id,
        event_id=f"msg_{secrets.token_hex(14)}",
        token_hash=token_hash(token),
        deadline_at=timezone.now() + timedelta(seconds=settings.N8N_DEADLINE_SECONDS),
    )
    Turn.objects.filter(pk=turn.pk).update(handed_at=timezone.now())
    started = time.monotonic()
    try:
        said = _ask(turn, handoff, request_body(turn, handoff, reading, token=token))
        return _take(turn, profile, handoff, said, ms=round((time.monotonic() - started) * 1000))
    except Unanswered as error:
        _log(turn, mode="fallback", reason=str(error), ms=round((time.monotonic() - started) * 1000))
        return FAILED if claim_handoff(handoff, Claimant.FAILURE) else _by_callback(turn)


def claim_handoff(handoff: Handoff, claimant: Claimant) -> bool:
    """Decide who answers, by one conditional update; returns whether it was this claimant."""
    return bool(Handoff.objects.filter(pk=handoff.pk, claimed_by="").update(claimed_by=claimant))


def cancel_handoff(turn: Turn) -> None:
    """Ignore later answers of the workflow to this turn, because something else is said."""
    if turn.handed_at is not None:
        Handoff.objects.filter(turn=turn, claimed_by="").update(claimed_by=Claimant.DEADLINE)


def token_hash(token: str) -> str:
    """Return the hash of a token, which is stored in its place."""
    return hashlib.sha256(token.encode()).hexdigest()


def prepare_workflow_answer(turn: Turn, profile: AssistantProfile, said: WorkflowAnswer) -> PreparedAnswer:
    """Return the workflow's answer after the same checks as a model's; raises WrongAnswer when they fail."""
    if said.hand_over:
        return PreparedAnswer(bubbles=[], hand_over=said.hand_over, provider="n8n")
    if said.is_silent:
        return PreparedAnswer(bubbles=[], is_silent=True, outcome="silent", provider="n8n")
    bubbles = []
    for text in said.texts:
        passed = bubbles_of(turn, profile, text)
        if passed is None:
            raise WrongAnswer("the reply did not pass the checks")
        # One reply is one message, with its blank lines, where the channel allows its length.
        bubbles += join_bubbles(passed, turn.conversation)
    return PreparedAnswer(bubbles=bubbles, provider="n8n")


def _again(turn: Turn, handoff: Handoff) -> str:
    """Continue at the deadline, or after the worker died: the workflow is not started a second time."""
    if handoff.claimed_by:
        return FAILED
    left = (handoff.deadline_at - timezone.now()).total_seconds()
    if left > 0:
        return _wait(turn, handoff)
    if not claim_handoff(handoff, Claimant.DEADLINE):
        return _by_callback(turn)
    _log(turn, mode="fallback", reason="no answer before the deadline")
    _record_failure("no answer before the deadline")
    return FAILED


def _take(
    turn: Turn, profile: AssistantProfile, handoff: Handoff, said: WorkflowAnswer, *, ms: int
) -> PreparedAnswer | str:
    if said.comes_later:
        _log(turn, mode="async", ms=ms)
        return _wait(turn, handoff)
    try:
        made = prepare_workflow_answer(turn, profile, said)
    except WrongAnswer as error:
        raise Unanswered(str(error)) from None
    breakers.record_success(workflow_breaker_key(), provider="n8n")
    if not claim_handoff(handoff, Claimant.RESPONSE):
        return _by_callback(turn)
    _log(turn, mode="sync", ms=ms)
    return made


def _wait(turn: Turn, handoff: Handoff) -> str:
    """Settle the turn until the deadline, without a worker; a callback wakes it up earlier."""
    left = max(0.0, (handoff.deadline_at - timezone.now()).total_seconds())
    if Handoff.objects.filter(pk=handoff.pk, claimed_by=Claimant.CALLBACK).exists():
        left = 0.0
    turn.settle(State.QUEUED, reason="n8n has it", due_in=left, attempts=F("attempts") - 1)
    # The callback may have come between the query above and the settling: then nobody else wakes up the turn.
    claimed = Handoff.objects.filter(pk=handoff.pk, claimed_by=Claimant.CALLBACK).exists()
    if claimed:
        Turn.objects.filter(pk=turn.pk, state=State.QUEUED).update(due_at=now_plus_seconds(-1))
    return WAITS


def _by_callback(turn: Turn) -> str:
    """Handle a callback that came first: its draft stands on the turn, which is claimed again at once."""
    turn.settle(State.QUEUED, due_in=-1.0, attempts=F("attempts") - 1)
    return WAITS


def _ask(turn: Turn, handoff: Handoff, body: dict[str, Any]) -> WorkflowAnswer:
    """POST, and once more where that is worth it; raises Unanswered."""
    until = time.monotonic() + settings.N8N_DEADLINE_SECONDS
    data = json.dumps(body, ensure_ascii=False).encode()
    problem_ = ""
    for is_last in (False, True):
        turn.renew(lease_for(settings.N8N_TIMEOUT))
        wait = settings.N8N_RETRY_SECONDS
        try:
            response = _post(handoff, data, seconds=min(settings.N8N_TIMEOUT, until - time.monotonic()))
        except HttpError as error:
            problem_ = str(error)
        else:
            if response.status != 429 and response.status < 500:
                return _said(response)
            problem_ = f"HTTP {response.status}"
            wait = _retry_after(response) or wait
        if not is_last and (wait > MAX_WAIT_SECONDS or time.monotonic() + wait >= until):
            break
        if not is_last:
            time.sleep(wait)
    _record_failure(problem_)
    raise Unanswered(problem_)


def _said(response: Response) -> WorkflowAnswer:
    if response.status in REFUSALS:
        reason = REFUSALS[response.status]
        logger.error("n8n_refused", extra={"status": response.status, "reason": reason})
        _record_failure(reason)
        raise Unanswered(reason)
    try:
        return parse_response(response.status, response.content)
    except WrongAnswer as error:
        _record_failure(str(error))
        raise Unanswered(str(error)) from None


def _post(handoff: Handoff, data: bytes, *, seconds: float) -> Response:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": handoff.event_id,
        "Idempotency-Key": handoff.event_id,
    }
    if settings.N8N_API_KEY:
        headers |= {"Authorization": f"Bearer {settings.N8N_API_KEY}", "X-N8N-API-KEY": settings.N8N_API_KEY}
    if known := signing_secrets(handoff.turn.tenant_id):
        headers |= _signature(known, handoff.event_id, data)
    if handoff.turn.traceparent:
        headers["traceparent"] = handoff.turn.traceparent
    url = settings.N8N_WEBHOOK_URL
    return operator_client().request(
        "POST", url, headers=headers, content=data, timeout=max(0.1, seconds), max_bytes=MAX_BYTES
    )


def _signature(known: list[str], event_id: str, data: bytes) -> dict[str, str]:
    from standardwebhooks import Webhook

    now = datetime.now(UTC)
    signatures = [Webhook(secret).sign(event_id, now, data.decode()) for secret in known]
    return {"webhook-timestamp": str(int(now.timestamp())), "webhook-signature": " ".join(signatures)}


def _retry_after(response: Response) -> float:
    try:
        return max(0.0, float(response.headers.get("retry-after", "")))
    except ValueError:
        return 0.0


def _record_failure(reason: str) -> None:
    breakers.record_failure(workflow_breaker_key(), provider="n8n", breaker=BreakerEffect.COUNTS, reason=reason)


def _log(turn: Turn, *, mode: str, ms: int = 0, reason: str = "") -> None:
    ids = {"tenant_id": turn.tenant_id, "conversation_id": turn.conversation_id, "turn_id": turn.pk}
    logger.info("n8n_handed", extra={**ids, "mode": mode, "ms": ms, "reason": reason})


class TooLate(Exception):
    """The deadline has passed, something else answered, or a person took over."""


@transaction.atomic
def accept_callback(*, token: str, body: Any) -> str | None:
    """Store the workflow's answer on its turn: returns "accepted", or "duplicate" the second time.

    None for an unknown token.

    Raises WrongAnswer for what does not follow the contract, and TooLate.
    """
    found = Handoff.objects.select_related("turn__conversation").filter(token_hash=token_hash(token)).first()
    if found is None:
        return None
    conversation = lock_conversation(found.turn.conversation)
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
    if not claim_handoff(handoff, Claimant.CALLBACK):
        raise TooLate
    _wake(turn, handoff, made)
    breakers.record_success(workflow_breaker_key(), provider="n8n")
    return "accepted"


def _answer(turn: Turn, handoff: Handoff, body: Any) -> PreparedAnswer:
    first = body[0] if isinstance(body, list) and body else body
    named = first.get("message_id") if isinstance(first, dict) else None
    if named is not None and named != handoff.message.external_id:
        raise WrongAnswer("message_id is not the message that this address is for")
    said = parse_body(body)
    if said.comes_later:
        raise WrongAnswer("the answer names no reply")
    return prepare_workflow_answer(turn, profile_of(turn.tenant), said)


def _wake(turn: Turn, handoff: Handoff, made: PreparedAnswer) -> None:
    """Store the draft on the turn, for a worker to send. One that still waits for the response finds it there."""
    changes = {"draft": as_draft(made), "draft_for": handoff.message_id, "provider": "n8n", "handed_at": None}
    Turn.objects.filter(pk=turn.pk).update(**changes)
    Turn.objects.filter(pk=turn.pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(-1))
    enqueue("assistant.turn", turn.pk)
    logger.info("n8n_called_back", extra={"tenant_id": turn.tenant_id, "turn_id": turn.pk})
