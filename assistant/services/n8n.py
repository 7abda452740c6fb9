"""Hand a turn to an n8n workflow, and take its answer by response or by callback: whichever comes first counts."""

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
from django.db.models import F
from django.utils import timezone

from assistant.models import AssistantProfile, Claimant, Handoff, Turn
from assistant.n8n_wire import Said, WrongAnswer, understand
from assistant.providers.base import Breaker
from assistant.services import breakers
from assistant.services.answers import Answer, bubbles_of, in_one
from assistant.services.journal import lease_for
from assistant.services.n8n_request import payload
from assistant.services.prompt import Reading
from common.http.client import HttpError, Response, operator_client
from common.work.rows import State, now_plus_seconds
from tenants.models import check_secret, installations_secrets, signing_secrets

logger = logging.getLogger("frontdesk.assistant")

WAITS: Final = "waits"  # the turn was settled: a callback or the deadline wakes it
FAILED: Final = "failed"  # the built-in assistant takes over
MAX_WAIT_SECONDS = 10.0
MAX_BYTES = 256 * 1024
# Not worth another try, and why.
REFUSALS = {401: "n8n refuses the key", 403: "n8n refuses the key or the address", 404: "the workflow is not active"}


class Unanswered(Exception):
    """The workflow could not be asked, or made no sense."""


def is_on() -> bool:
    """Whether turns go to n8n: switched on, with an address that names a workflow."""
    return bool(settings.N8N_ENABLED) and not problem()


def problem() -> str:
    """What is wrong with the address of the workflow; "" when nothing is."""
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


def gate() -> str:
    """The name of the workflow's breaker."""
    return breakers.gate_key("n8n", settings.N8N_WEBHOOK_URL, settings.N8N_API_KEY)


def hand(turn: Turn, profile: AssistantProfile, reading: Reading) -> Answer | str:
    """Give the turn to the workflow: its Answer, WAITS when it comes later, FAILED when the built-in assistant must."""
    seen_id = turn.seen_id or turn.wanted_id
    # One that is still open comes first: newer messages neither put off its deadline nor run the workflow beside it.
    asked = Handoff.objects.filter(turn=turn)
    handoff = asked.filter(claimed_by="").last() or asked.filter(message_id=seen_id).first()
    if handoff is not None:
        return _again(turn, handoff)
    if breakers.is_open(gate()):
        _log(turn, mode="fallback", reason="breaker open")
        return FAILED
    token = secrets.token_urlsafe(32)
    handoff = Handoff.objects.create(
        tenant=turn.tenant,
        turn=turn,
        message_id=seen_id,
        event_id=f"msg_{secrets.token_hex(14)}",
        token_hash=hash_of(token),
        deadline_at=timezone.now() + timedelta(seconds=settings.N8N_DEADLINE_SECONDS),
    )
    Turn.objects.filter(pk=turn.pk).update(handed_at=timezone.now())
    started = time.monotonic()
    try:
        said = _ask(turn, handoff, payload(turn, handoff, reading, token=token))
        return _take(turn, profile, handoff, said, ms=round((time.monotonic() - started) * 1000))
    except Unanswered as error:
        _log(turn, mode="fallback", reason=str(error), ms=round((time.monotonic() - started) * 1000))
        return FAILED if claim(handoff, Claimant.FAILURE) else _by_callback(turn)


def claim(handoff: Handoff, claimant: Claimant) -> bool:
    """Decide who answers: one conditional update, the first one wins."""
    return bool(Handoff.objects.filter(pk=handoff.pk, claimed_by="").update(claimed_by=claimant))


def call_off(turn: Turn) -> None:
    """What the workflow says of this turn comes too late, since something else is said."""
    if turn.handed_at is not None:
        Handoff.objects.filter(turn=turn, claimed_by="").update(claimed_by=Claimant.DEADLINE)


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def answer_of(turn: Turn, profile: AssistantProfile, said: Said) -> Answer:
    """The workflow's words after the checks that a model's words pass too; raises WrongAnswer when they do not."""
    if said.hand_over:
        return Answer(bubbles=[], hand_over=said.hand_over, provider="n8n")
    if said.is_silent:
        return Answer(bubbles=[], is_silent=True, outcome="silent", provider="n8n")
    bubbles = []
    for text in said.texts:
        passed = bubbles_of(turn, profile, text)
        if passed is None:
            raise WrongAnswer("the reply did not pass the checks")
        # One reply is one message, blank lines and all, where the channel carries its length.
        bubbles += in_one(passed, turn.conversation)
    return Answer(bubbles=bubbles, provider="n8n")


def _again(turn: Turn, handoff: Handoff) -> str:
    """The deadline has come, or the worker died in between: the workflow is not run a second time."""
    if handoff.claimed_by:
        return FAILED
    left = (handoff.deadline_at - timezone.now()).total_seconds()
    if left > 0:
        return _wait(turn, handoff)
    if not claim(handoff, Claimant.DEADLINE):
        return _by_callback(turn)
    _log(turn, mode="fallback", reason="no answer before the deadline")
    _note_failure("no answer before the deadline")
    return FAILED


def _take(turn: Turn, profile: AssistantProfile, handoff: Handoff, said: Said, *, ms: int) -> Answer | str:
    if said.comes_later:
        _log(turn, mode="async", ms=ms)
        return _wait(turn, handoff)
    try:
        made = answer_of(turn, profile, said)
    except WrongAnswer as error:
        raise Unanswered(str(error)) from None
    breakers.succeeded(gate(), provider="n8n")
    if not claim(handoff, Claimant.RESPONSE):
        return _by_callback(turn)
    _log(turn, mode="sync", ms=ms)
    return made


def _wait(turn: Turn, handoff: Handoff) -> str:
    """Lie down until the deadline, without a worker; a callback wakes the turn earlier."""
    left = max(0.0, (handoff.deadline_at - timezone.now()).total_seconds())
    if Handoff.objects.filter(pk=handoff.pk, claimed_by=Claimant.CALLBACK).exists():
        left = 0.0
    turn.settle(State.QUEUED, reason="n8n has it", due_in=left, attempts=F("attempts") - 1)
    # The callback may have come between the question above and the settling: then nobody else wakes the turn.
    claimed = Handoff.objects.filter(pk=handoff.pk, claimed_by=Claimant.CALLBACK).exists()
    if claimed:
        Turn.objects.filter(pk=turn.pk, state=State.QUEUED).update(due_at=now_plus_seconds(-1))
    return WAITS


def _by_callback(turn: Turn) -> str:
    """The callback was first: its draft stands on the turn, which is taken again at once."""
    turn.settle(State.QUEUED, due_in=-1.0, attempts=F("attempts") - 1)
    return WAITS


def _ask(turn: Turn, handoff: Handoff, body: dict[str, Any]) -> Said:
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
    _note_failure(problem_)
    raise Unanswered(problem_)


def _said(response: Response) -> Said:
    if response.status in REFUSALS:
        reason = REFUSALS[response.status]
        logger.error("n8n_refused", extra={"status": response.status, "reason": reason})
        _note_failure(reason)
        raise Unanswered(reason)
    try:
        return understand(response.status, response.content)
    except WrongAnswer as error:
        _note_failure(str(error))
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


def _note_failure(reason: str) -> None:
    breakers.failed(gate(), provider="n8n", breaker=Breaker.COUNTS, reason=reason)


def _log(turn: Turn, *, mode: str, ms: int = 0, reason: str = "") -> None:
    ids = {"tenant_id": turn.tenant_id, "conversation_id": turn.conversation_id, "turn_id": turn.pk}
    logger.info("n8n_handed", extra={**ids, "mode": mode, "ms": ms, "reason": reason})
