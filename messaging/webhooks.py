"""The webhook views: find the channel, verify the raw body, store it as a WebhookEvent row and answer.

They make no call over the network, do not wait for a queue, and parse only the channel names that the body claims. A
task processes the stored row later (RELIABILITY I2, I3).
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
from common.rate_limits import allow_in_process
from messaging.models import Channel
from messaging.providers import PROVIDERS
from messaging.providers.base import BadBody, Credentials, InvalidSignature, MissingSecret, Provider, WebhookRequest
from messaging.providers.meta import handshake
from messaging.queries import credentials_of, credentials_of_installation
from messaging.services.webhook_events import store_webhook

logger = logging.getLogger("frontdesk.webhooks")

View = Callable[..., HttpResponse]


class RejectedWebhook(Exception):
    """The request is answered with this error, and nothing of it is stored."""

    def __init__(self, status: int, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


def webhook_view(view: View) -> View:
    """Wrap a webhook view so that every error becomes the same response for every provider."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            return _call_with_reconnect(view, request, *args, **kwargs)
        except RejectedWebhook as rejection:
            ids = {"provider": kwargs.get("provider", view.__name__), "status": rejection.status}
            logger.warning("webhook_rejected", extra={**ids, "reason": rejection.reason})
            return _plain_response(rejection.status, rejection.reason, rejection.retry_after)
        except UnreadablePostError:
            return _plain_response(400, "the body broke off")
        except DatabaseError as error:
            # The fault is ours. A 4xx would tell the provider to give up; after a 503 it sends the webhook again.
            provider = kwargs.get("provider", view.__name__)
            logger.error("webhook_unkept", extra={"provider": provider, "error": type(error).__name__})
            return _plain_response(503, "try again", 5)
        except SuspiciousOperation:
            raise
        except Exception:  # any other fault is ours too, so the provider must send again
            # For example a secret that no key decrypts, or a setting with a wrong value.
            logger.exception("webhook_unkept", extra={"provider": kwargs.get("provider", view.__name__)})
            return _plain_response(503, "try again", 60)

    return guarded


def _call_with_reconnect(view: View, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
    """Call the view, and call it once more when the persistent database connection turns out to be dead.

    Django would test the connection with a query before each request, which costs as much as using it. When the first
    call had stored the body already, the body is stored twice; each of its items is still processed once.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    try:
        return view(request, *args, **kwargs)
    except (OperationalError, InterfaceError):
        if connection.connection is None or connection.is_usable():
            raise
        connection.close()
        return view(request, *args, **kwargs)


@webhook_view
def by_app(request: HttpRequest, provider: str) -> HttpResponse:
    """Webhooks of the installation's own app at a provider, for all channels without an app of their own."""
    service = PROVIDERS[provider]
    secrets = credentials_of_installation(service)
    if request.method == "GET":
        return _answer_handshake(request, secrets.every("verify_token"))
    _check_is_post(request)
    body = _read_body(request, service)
    _verify(service, request, body, secrets)
    named = _channels_named(service, body)
    channels = list(Channel.objects.filter(provider=provider, external_id__in=named))
    if any(_has_proof(service, channel.credentials) for channel in channels):
        raise RejectedWebhook(401, "the body names a channel that this signature does not cover")
    _check_rate(f"app:{','.join(sorted(named))[:100]}")
    store_webhook(provider=provider, body=body, channel=None)
    return _accepted_response(service)


@webhook_view
def by_instance(request: HttpRequest, provider: str, instance: str, event: str = "") -> HttpResponse:
    """Webhooks of a channel whose external id is in the address, verified with its secret."""
    _check_is_post(request)
    channel = _channel_or_404(_BY_EXTERNAL_ID.first(provider=provider, external_id=instance))
    credentials = credentials_of(channel)
    if not _has_proof(PROVIDERS[provider], credentials):
        raise RejectedWebhook(503, "this channel has no webhook secret: set one, or use its own address")
    return _verify_and_store(request, channel, credentials)


@webhook_view
def by_token(request: HttpRequest, provider: str, token: str, rest: str = "") -> HttpResponse:
    """`/webhooks/<provider>/<token>[/status]`: the webhooks of any channel, found by the token in its own URL."""
    channel = _channel_or_404(_BY_TOKEN.first(provider=provider, token=token))
    service, credentials = PROVIDERS[provider], credentials_of(channel)
    if request.method == "GET" and service.has_handshake:
        return _answer_handshake(request, credentials.every("verify_token"))
    if request.method == "GET" and request.headers.get(service.get_signature_header):
        return _verify_and_store(request, channel, credentials)
    _check_is_post(request)
    # Some servers can send no secret, so the secret token in the URL is their only proof. Only a secret of the channel
    # itself is required here: that of the installation must not lock them out of the one URL that they can use.
    verified_by_token = service.may_lack_proof and not _has_proof(service, channel.credentials)
    return _verify_and_store(request, channel, credentials, verified=verified_by_token)


@webhook_view
def by_number(request: HttpRequest, provider: str) -> HttpResponse:
    """Webhooks that name their channel in the body, at one address for all.

    The number in the body selects the secret that must have signed all of it. A forged number therefore only selects a
    secret that does not fit the signature.
    """
    _check_is_post(request)
    service = PROVIDERS[provider]
    body = _read_body(request, service)
    named = _channels_named(service, body)
    channel = Channel.objects.select_related("tenant").filter(provider=provider, external_id__in=named).first()
    if channel is not None:
        return _verify_and_store(request, channel, credentials_of(channel), body=body)
    _verify(service, request, body, credentials_of_installation(service))
    _check_rate(f"app:{provider}")
    store_webhook(provider=provider, body=body, channel=None, ignored="unknown number")
    return _accepted_response(service)


def _verify_and_store(
    request: HttpRequest,
    channel: Channel,
    credentials: Credentials,
    *,
    verified: bool = False,
    body: bytes | None = None,
) -> HttpResponse:
    """Verify the request with the channel's credentials, store its body and return the response. Raise Rejected."""
    provider = PROVIDERS[channel.provider]
    if provider.checks_secret_before_body and not verified:
        _verify(provider, request, b"", credentials)
        verified = True
    if verified:
        _check_rate(f"channel:{channel.pk}")
    body = _read_body(request, provider) if body is None else body
    if not verified:
        # Only verified requests count for the rate limit: a stranger who knows the number must not use it up.
        _verify(provider, request, body, credentials)
        _check_rate(f"channel:{channel.pk}")
    query = request.META.get("QUERY_STRING", "")
    if request.method == "GET":
        # The fields of the form are in the query then.
        body, query = query.encode(), ""
    if _channels_named(provider, body) - {channel.external_id}:
        raise RejectedWebhook(401, "the body names a channel that this proof does not cover")
    if provider.signs_query and query:
        # The query of the status URL holds our message reference. It is part of the URL that was signed.
        body += (b"&" if body else b"") + b"_query=" + quote(query, safe="").encode()
    is_disabled = not (channel.is_enabled and channel.tenant.is_active)
    store_webhook(
        provider=channel.provider, body=body, channel=channel, ignored="channel disabled" if is_disabled else ""
    )
    return _accepted_response(provider)


def _channel_or_404(channel: Channel | None) -> Channel:
    if channel is None:
        raise RejectedWebhook(404, "unknown address")
    return channel


def _compiled_channel_query(**where: Slot) -> CompiledQuery[Channel]:
    # Only the columns that the views use: most columns of a channel cost time to turn into Python objects.
    columns = ("provider", "external_id", "credentials_store", "is_enabled", "tenant__is_active")
    return CompiledQuery(lambda: Channel.objects.select_related("tenant").filter(**where).only(*columns).order_by())


_BY_TOKEN = _compiled_channel_query(provider=Slot("provider"), token=Slot("token"))
_BY_EXTERNAL_ID = _compiled_channel_query(provider=Slot("provider"), external_id=Slot("external_id"))


def _has_proof(provider: Provider, credentials: Credentials) -> bool:
    """Return whether these credentials hold one that webhooks of the provider must prove themselves with."""
    return any(name in credentials for name in provider.proofs)


def _check_is_post(request: HttpRequest) -> None:
    if request.method != "POST":
        raise RejectedWebhook(405, "POST only")


def _read_body(request: HttpRequest, provider: Provider) -> bytes:
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise RejectedWebhook(415, "send the body uncompressed")
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise RejectedWebhook(400, "bad Content-Length") from None
    if length > provider.max_body_bytes:
        raise RejectedWebhook(413, "the body is too large")
    try:
        body = request.body
    except RawPostDataException:
        raise RejectedWebhook(400, "the body broke off") from None
    if len(body) > provider.max_body_bytes:
        raise RejectedWebhook(413, "the body is too large")
    return body


def _verify(provider: Provider, request: HttpRequest, body: bytes, credentials: Credentials) -> None:
    try:
        provider.verify(_webhook_request(request, body), credentials)
    except MissingSecret:
        raise RejectedWebhook(503, "this channel has no secret to check against") from None
    except InvalidSignature:
        raise RejectedWebhook(401, "the proof is missing, wrong or stale") from None


def _webhook_request(request: HttpRequest, body: bytes) -> WebhookRequest:
    # Behind a TLS proxy only PUBLIC_URL is the address that the provider called and may have signed. Without that
    # setting the address of the request itself is used.
    base = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return WebhookRequest(
        method=request.method or "",
        url=base + request.get_full_path(),
        headers=request.headers,
        body=body,
    )


def _channels_named(provider: Provider, body: bytes) -> set[str]:
    try:
        return provider.channels_named(body)
    except BadBody as error:
        raise RejectedWebhook(400, f"the body cannot be read: {error}") from None


def _check_rate(key: str) -> None:
    if not allow_in_process(f"webhook:{key}", per_second=settings.WEBHOOK_RATE_PER_SECOND):
        raise RejectedWebhook(429, "too many requests for this channel", retry_after=1)


def _answer_handshake(request: HttpRequest, tokens: list[str]) -> HttpResponse:
    challenge = handshake(request.GET.dict(), tokens)
    if challenge is None:
        raise RejectedWebhook(403, "the verify token does not match")
    return _plain_response(200, challenge)


def _accepted_response(provider: Provider) -> HttpResponse:
    answer = provider.answer()
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _plain_response(status: int, text: str, retry_after: int | None = None) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response
