"""Test a channel's webhook from our side: a signed sample goes through our own route, and nothing of it is stored."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from common.text.reasons import translate_reason
from messaging import handlers
from messaging.models import Channel, Direction, Message, Purpose, WebhookEvent
from messaging.providers.base import (
    Account,
    BadBody,
    Credentials,
    InboundMessage,
    InvalidSignature,
    MissingSecret,
    WebhookRequest,
)
from messaging.queries import account_of, credentials_of, provider_of, webhook_url
from messaging.services.receiving import load_handler_annotations
from messaging.services.send_limits import closed_switch
from messaging.services.sending import send
from messaging.services.webhook_events import process_raw_item

PERSON = "+15550100999"
TEXT = "Is this line well? (a test by Frontdesk, nobody sees it)"


@dataclass(frozen=True, kw_only=True)
class WebhookTestStep:
    """One step of the test; when it failed, the message says how to mend it."""

    step: str  # signature | parse | route
    ok: bool
    message: str


@dataclass
class WebhookTest:
    """The result of a test, in the order of a real webhook's way."""

    url: str
    steps: list[WebhookTestStep] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Return whether every step succeeded."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    def add_step(self, step: str, ok: bool, message: str) -> bool:
        """Add a step; returns `ok`."""
        self.steps.append(WebhookTestStep(step=step, ok=ok, message=message))
        return ok


def run_webhook_test(*, channel: Channel, to_outbox: bool = False) -> WebhookTest:
    """Sign a sample as the channel's provider would and follow it to the conversation; stores and sends nothing.

    With `to_outbox` also on: which handler would take it, and whether an answer would be sent.
    """
    credentials, path = _proof_of(channel)
    found = WebhookTest(url=settings.PUBLIC_URL + path)
    provider = provider_of(channel)
    proof = provider.proofs[0]
    if proof not in credentials and not provider.may_lack_proof:
        found.add_step("signature", False, _how_to_set(channel, proof))
        return found
    account = account_of(channel)
    account = Account(
        external_id=account.external_id, credentials=credentials, base_url=account.base_url, version=account.version
    )
    message_id = f"FRONTDESKTEST{uuid.uuid4().hex.upper()}"
    sample = provider_of(channel).sample_webhook(
        account=account, url=found.url, text=TEXT, person=PERSON, message_id=message_id
    )
    if _check_signature(found, channel, sample, credentials) and _check_parse(found, channel, sample):
        _check_route(found, channel, sample, to_outbox=to_outbox)
    return found


run_webhook_test.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def _proof_of(channel: Channel) -> tuple[Credentials, str]:
    """Return the secrets that verify this channel's webhooks, and the path they are posted to."""
    credentials = credentials_of(channel)
    path = urlsplit(webhook_url(channel)).path
    return credentials, path


def _how_to_set(channel: Channel, name: str) -> str:
    command = (
        f"manage.py setup_channel --tenant {channel.tenant.slug} --provider {channel.provider} --name '{channel.name}' "
        f"--external-id {channel.external_id} --credential {name}=..."
    )
    told = _(
        "The channel has no %(name)s, so every webhook is refused with 503. Set it on the channel's page, or with: "
        "%(command)s"
    )
    return told % {"name": name, "command": command}


def _check_signature(found: WebhookTest, channel: Channel, sample: WebhookRequest, credentials: Credentials) -> bool:
    proof = provider_of(channel).proofs[0]
    if proof not in credentials:
        return found.add_step(
            "signature", True, _("No secret is set: the unguessable address alone proves its webhooks.")
        )
    try:
        provider_of(channel).verify(sample, credentials)
    except (InvalidSignature, MissingSecret):
        return found.add_step("signature", False, _("Our own proof was refused: set %s anew.") % proof)
    return found.add_step("signature", True, _("The proof made with the channel's secret is accepted."))


def _check_parse(found: WebhookTest, channel: Channel, sample: WebhookRequest) -> bool:
    provider = provider_of(channel)
    try:
        raw = provider.split(sample.body)
        items = [provider.parse(item) for item in raw]
    except BadBody as error:
        return found.add_step("parse", False, _("The body cannot be read: %s") % error)
    message = items[0] if len(items) == 1 else None
    if not isinstance(message, InboundMessage) or message.text != TEXT:
        return found.add_step("parse", False, _("The body was read, but not as the text message that it is."))
    return found.add_step("parse", True, _("The body is read as one text message."))


def _check_route(found: WebhookTest, channel: Channel, sample: WebhookRequest, *, to_outbox: bool) -> bool:
    if not settings.PUBLIC_URL:
        return found.add_step("route", False, _("PUBLIC_URL is not set: the provider cannot be told where to post."))
    if not (channel.is_enabled and channel.tenant.is_active):
        return found.add_step(
            "route", False, _("The channel or its tenant is switched off: its webhooks are kept unread.")
        )
    try:
        view = resolve(urlsplit(sample.url).path)
    except Resolver404:
        return found.add_step("route", False, _("No route of this installation has the channel's address."))
    with transaction.atomic():
        answer = view.func(_request(sample), *view.args, **view.kwargs)
        reason = _follow(channel, sample) if answer.status_code == 200 else ""
        further = _to_outbox(channel) if to_outbox and answer.status_code == 200 and not reason else []
        transaction.set_rollback(True)
    if answer.status_code != 200:
        return found.add_step("route", False, _refusal(answer))
    if reason:
        return found.add_step("route", False, _("The webhook was taken, but not its message: %s") % reason)
    found.add_step(
        "route", True, _("The route answers 200 and the message reaches its conversation; nothing was kept.")
    )
    found.steps += further
    return found.ok


def _follow(channel: Channel, sample: WebhookRequest) -> str:
    """Store the message as the task would, in the transaction that is rolled back; returns what went wrong."""
    event = WebhookEvent.objects.filter(provider=channel.provider).order_by("-pk").first()
    if event is None:
        return _("the route kept nothing")
    before = Message.objects.filter(channel=channel).order_by("-pk").values_list("pk", flat=True).first() or 0
    reasons = [
        reason for raw in provider_of(channel).split(sample.body) if (reason := process_raw_item(event=event, raw=raw))
    ]
    if not reasons and not Message.objects.filter(channel=channel, pk__gt=before).exists():
        return _("no message was written")
    return "; ".join(reasons)


def _to_outbox(channel: Channel) -> list[WebhookTestStep]:
    """Offer the message to the handlers and queue an answer, in the same transaction."""
    message = Message.objects.filter(channel=channel, direction=Direction.IN).latest("pk")
    taken_by = handlers.call_handlers(message, load_handler_annotations(message.conversation))
    steps = [
        WebhookTestStep(step="handlers", ok=True, message=_part_of(taken_by))
        if taken_by
        else WebhookTestStep(
            step="handlers", ok=False, message=_("Nobody takes the message: is the assistant switched on?")
        )
    ]
    answer = send(conversation=message.conversation, text=TEXT, purpose=Purpose.NOTICE, dedupe_key=f"test:{message.pk}")
    conversation = answer.conversation
    closed, problem = closed_switch(conversation), channel.problem
    if closed:
        said = _("An answer would be held: sending is switched off for %s.") % translate_reason(closed)
    elif problem:
        said = _("An answer would be held: %s.") % translate_reason(problem)
    else:
        said = _("An answer would leave at once.")
    return [*steps, WebhookTestStep(step="outbox", ok=not (closed or problem), message=said)]


def _part_of(handler: str) -> str:
    """Return which part of the product takes the message, as text and as it stands in the settings."""
    part = apps.get_app_config(handler.partition(".")[0]).verbose_name
    return _("%(part)s takes the message (%(name)s).") % {"part": part, "name": handler}


def _refusal(answer: HttpResponse) -> str:
    reason = answer.content.decode("utf-8", "replace")[:200]
    return _("The route answers %(status)s: %(reason)s.") % {"status": answer.status_code, "reason": reason}


def _request(sample: WebhookRequest) -> WSGIRequest:
    """Return the sample as a request."""
    address = urlsplit(sample.url)
    environ = {
        "REQUEST_METHOD": sample.method,
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "SERVER_NAME": address.hostname or "localhost",
        "SERVER_PORT": str(address.port or (443 if address.scheme == "https" else 80)),
        "HTTP_HOST": address.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(sample.body)),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BytesIO(sample.body),
    }
    for name, value in sample.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return WSGIRequest(environ)
