"""The doors of the providers: find the channel, check the proof on the raw bytes, keep the body, answer.

No network, no queue and no parsing beyond the names that the body claims (RELIABILITY I2, I3).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from common.db.compiled import CompiledQuery, Slot
from common.limits import allow
from messaging.models import Channel
from messaging.providers import PROVIDERS
from messaging.providers.base import BadBody, Credentials, InvalidSignature, MissingSecret, Provider, WebhookRequest
from messaging.providers.meta import handshake
from messaging.queries import credentials_of, secret_values
from messaging.services.webhooks import keep

logger = logging.getLogger("frontdesk.webhooks")

View = Callable[..., HttpResponse]


class Rejected(Exception):
    """The request is answered with an error and nothing of it is kept."""

    def __init__(self, status: int, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


def door(view: View) -> View:
    """Turn what can go wrong into the answers that every wire gets."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            return _on_a_live_connection(view, request, *args, **kwargs)
        except Rejected as rejection:
            ids = {"provider": kwargs.get("provider", view.__name__), "status": rejection.status}
            logger.warning("webhook_rejected", extra={**ids, "reason": rejection.reason})
            return _plain(rejection.status, rejection.reason, rejection.retry_after)
        except UnreadablePostError:
            return _plain(400, "the body broke off")
        except DatabaseError as error:
            # Ours, not the sender's: it must come again (never a 4xx for our own trouble).
            wire = kwargs.get("provider", view.__name__)
            logger.error("webhook_unkept", extra={"provider": wire, "error": type(error).__name__})
            return _plain(503, "try again", 5)
        except SuspiciousOperation:
            raise
        except Exception:  # ours, so the sender must come again
            # A secret that no key opens, a setting that makes no sense: never the sender's fault.
            logger.exception("webhook_unkept", extra={"provider": kwargs.get("provider", view.__name__)})
            return _plain(503, "try again", 60)

    return guarded


def _on_a_live_connection(view: View, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
    """Answer, and answer once more where the connection that was kept from before turns out to be dead.

    To ask first whether it lives, as Django does, costs as much as using it. What the first try may have kept is kept
    twice then, and each item of it is taken once.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    try:
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError):
        if connection.connection is None or connection.is_usable():
            raise
        connection.close()
        return view(request, *args, **kwargs)


@door
def meta(request: HttpRequest) -> HttpResponse:
    """`/webhook`: the installation's own Meta app, for all channels that have no app of their own."""
    if request.method == "GET":
        return _handshake(request, secret_values(settings.WHATSAPP_VERIFY_TOKEN))
    _only_post(request)
    provider = PROVIDERS["meta"]
    secrets = Credentials({"app_secret": secret_values(settings.WHATSAPP_APP_SECRET)})
    body = _body(request, provider)
    _prove(provider, request, body, secrets)
    named = _named(provider, body)
    channels = list(Channel.objects.filter(provider="meta", external_id__in=named))
    if any("app_secret" in channel.credentials for channel in channels):
        raise Rejected(401, "the body names a channel that this signature does not cover")
    _throttle(f"app:{','.join(sorted(named))[:100]}")
    keep(provider="meta", body=body, channel=None)
    return _answer(provider)


@door
def evolution(request: HttpRequest, instance: str, event: str = "") -> HttpResponse:
    """`/webhook/<instance>[/<event>]`: Evolution, proven by the shared secret."""
    _only_post(request)
    channel = _found(_BY_EXTERNAL_ID.first(provider="evolution", external_id=instance))
    credentials = credentials_of(channel)
    if not _has_proof(credentials):
        raise Rejected(503, "this channel has no webhook secret: set one, or use its own address")
    return _take(request, channel, credentials)


@door
def by_token(request: HttpRequest, provider: str, token: str, rest: str = "") -> HttpResponse:
    """`/webhooks/<provider>/<token>[/status]`: any channel by its own unguessable address."""
    channel = _found(_BY_TOKEN.first(provider=provider, token=token))
    credentials = credentials_of(channel)
    if request.method == "GET" and provider in ("meta", "dialog360"):
        return _handshake(request, credentials.every("verify_token"))
    if request.method == "GET" and provider == "twilio" and request.headers.get("X-Twilio-Signature"):
        return _take(request, channel, credentials)
    _only_post(request)
    # Only a secret of the channel's own is asked for here: servers of version 1 send none, and the installation's
    # EVOLUTION_WEBHOOK_SHARED_SECRET must not shut the one address that they have.
    proven_by_address = provider == "evolution" and not _has_proof(channel.credentials)
    return _take(request, channel, credentials, proven=proven_by_address)


@door
def twilio(request: HttpRequest, rest: str = "") -> HttpResponse:
    """`/webhooks/whatsapp` and `/webhooks/whatsapp/status`: Twilio numbers, found by the number in the form.

    The number chooses the token that must have signed the whole form, so a forged number only chooses a wrong token.
    """
    _only_post(request)
    provider = PROVIDERS["twilio"]
    body = _body(request, provider)
    named = _named(provider, body)
    channel = Channel.objects.select_related("tenant").filter(provider="twilio", external_id__in=named).first()
    if channel is not None:
        return _take(request, channel, credentials_of(channel), body=body)
    _prove(provider, request, body, Credentials({"auth_token": secret_values(settings.TWILIO_AUTH_TOKEN)}))
    _throttle("app:twilio")
    keep(provider="twilio", body=body, channel=None, ignored="unknown number")
    return _answer(provider)


def _take(
    request: HttpRequest,
    channel: Channel,
    credentials: Credentials,
    *,
    proven: bool = False,
    body: bytes | None = None,
) -> HttpResponse:
    provider = PROVIDERS[channel.provider]
    if provider.checks_secret_before_body and not proven:
        _prove(provider, request, b"", credentials)
        proven = True
    if proven:
        _throttle(f"channel:{channel.pk}")
    body = _body(request, provider) if body is None else body
    if not proven:
        # Only what is proven counts: a stranger who knows the number must not use up the channel's share.
        _prove(provider, request, body, credentials)
        _throttle(f"channel:{channel.pk}")
    query = request.META.get("QUERY_STRING", "")
    if request.method == "GET":
        # Twilio may be told to call with GET: then the fields are the query.
        body, query = query.encode(), ""
    if _named(provider, body) - {channel.external_id}:
        raise Rejected(401, "the body names a channel that this proof does not cover")
    if channel.provider == "twilio" and query:
        # The status address carries our reference in its query, which is part of what Twilio signed.
        body += (b"&" if body else b"") + b"_query=" + quote(query, safe="").encode()
    stopped = not (channel.is_enabled and channel.tenant.is_active)
    keep(provider=channel.provider, body=body, channel=channel, ignored="channel disabled" if stopped else "")
    return _answer(provider)


def _found(channel: Channel | None) -> Channel:
    if channel is None:
        raise Rejected(404, "unknown address")
    return channel


def _door(**where: Slot) -> CompiledQuery[Channel]:
    # What a door asks of a channel, and no more: most of a channel's columns cost something to turn into an object.
    asked = ("provider", "external_id", "credentials_store", "is_enabled", "tenant__is_active")
    return CompiledQuery(lambda: Channel.objects.select_related("tenant").filter(**where).only(*asked).order_by())


_BY_TOKEN = _door(provider=Slot("provider"), token=Slot("token"))
_BY_EXTERNAL_ID = _door(provider=Slot("provider"), external_id=Slot("external_id"))


def _has_proof(credentials: Credentials) -> bool:
    """Whether an Evolution channel has a secret to prove its webhooks by."""
    return not {"webhook_secret", "jwt_key"}.isdisjoint(credentials)


def _only_post(request: HttpRequest) -> None:
    if request.method != "POST":
        raise Rejected(405, "POST only")


def _body(request: HttpRequest, provider: Provider) -> bytes:
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Rejected(415, "send the body uncompressed")
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise Rejected(400, "bad Content-Length") from None
    if length > provider.max_body_bytes:
        raise Rejected(413, "the body is too large")
    try:
        body = request.body
    except RawPostDataException:
        raise Rejected(400, "the body broke off") from None
    if len(body) > provider.max_body_bytes:
        raise Rejected(413, "the body is too large")
    return body


def _prove(provider: Provider, request: HttpRequest, body: bytes, credentials: Credentials) -> None:
    try:
        provider.verify(_proof(request, body), credentials)
    except MissingSecret:
        raise Rejected(503, "this channel has no secret to check against") from None
    except InvalidSignature:
        raise Rejected(401, "the proof is missing, wrong or stale") from None


def _proof(request: HttpRequest, body: bytes) -> WebhookRequest:
    # Behind a TLS proxy only PUBLIC_URL knows what the sender called; without it the request itself is believed.
    base = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return WebhookRequest(
        method=request.method or "",
        url=base + request.get_full_path(),
        headers=request.headers,
        body=body,
    )


def _named(provider: Provider, body: bytes) -> set[str]:
    try:
        return provider.channels_named(body)
    except BadBody as error:
        raise Rejected(400, f"the body cannot be read: {error}") from None


def _throttle(key: str) -> None:
    if not allow(f"webhook:{key}", per_second=settings.WEBHOOK_RATE_PER_SECOND):
        raise Rejected(429, "too many requests for this channel", retry_after=1)


def _handshake(request: HttpRequest, tokens: list[str]) -> HttpResponse:
    challenge = handshake(request.GET.dict(), tokens)
    if challenge is None:
        raise Rejected(403, "the verify token does not match")
    return _plain(200, challenge)


def _answer(provider: Provider) -> HttpResponse:
    answer = provider.answer()
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _plain(status: int, text: str, retry_after: int | None = None) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
