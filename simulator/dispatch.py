"""Route each request to its simulated service: apply failure rules, record the exchange, schedule the statuses."""

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from simulator import statuses
from simulator.chats import PhoneBubble
from simulator.exchange import AcceptedMessage, CutError, RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.failures import FailureRule
from simulator.people import person_key
from simulator.providers.base import Service
from simulator.providers.registry import SERVICES
from simulator.records import Record
from simulator.world import world

logger = logging.getLogger(__name__)
GARBAGE = "<!doctype html><title>Oops</title><p>This is not the answer you are looking for: {]"
HOLD_SECONDS = {"slow": 5.0, "timeout_after_accept": 60.0}


def dispatch(request: HttpRequest, name: str, path: str) -> HttpResponse:
    """Return the response of the service called `name`; 404 when there is none."""
    service = SERVICES.get(name)
    if service is None:
        return JsonResponse({"error": f"The simulator plays no service called {name}."}, status=404)
    call = ServiceRequest(
        service=name,
        method=request.method or "GET",
        path=path,
        query=request.GET.dict(),
        headers=request.headers,
        body=request.body,
        base=f"{world.url}/{name}",
    )
    try:
        return _response(answer(service, call))
    except CutError:
        response = HttpResponse()
        response.cut = True  # type: ignore[attr-defined]  # server.Cuttable breaks the connection
        return response


def answer(service: Service, call: ServiceRequest) -> ServiceResponse:
    """Return the response of a matching failure rule, else the one of the service."""
    rule = world.rules.use(call)
    if rule is None:
        return _perform(service, call)
    if rule.mode == "slow":
        world.stopping.wait(rule.seconds or HOLD_SECONDS["slow"])
        return _perform(service, call)
    if rule.mode == "timeout_after_accept":
        reply = _perform(service, call)
        world.stopping.wait(rule.seconds or HOLD_SECONDS["timeout_after_accept"])
        return reply
    if rule.mode == "fails_later":
        return _perform(service, call, lambda sent: statuses.schedule_failure(sent, rule.error))
    if rule.accept:
        _perform(service, call)
    return _fail(service, call, rule)


def _fail(service: Service, call: ServiceRequest, rule: FailureRule) -> ServiceResponse:
    if rule.mode in ("reset", "refuse"):
        if not rule.accept:
            _record(call, ServiceResponse(status=0), False)
        raise CutError
    if rule.mode == "garbage":
        body = GARBAGE if rule.body is None else rule.body
        reply = ServiceResponse(status=rule.status or 200, body=body, headers=rule.headers, content_type="text/html")
    else:
        own = service.error(rule.status or 500)
        body = own.body if rule.body is None else rule.body
        status = rule.status or own.status
        reply = ServiceResponse(
            status=status, body=body, headers={**own.headers, **rule.headers}, content_type=own.content_type
        )
    if not rule.accept:
        _record(call, reply, False)
    return reply


def _perform(
    service: Service, call: ServiceRequest, afterwards: Callable[[AcceptedMessage], None] = statuses.schedule_statuses
) -> ServiceResponse:
    try:
        reply = service.perform(call)
    except RefusedError as refusal:
        _record(call, refusal.reply, False)
        return refusal.reply
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        # A shape no check thought of: a service would refuse it too, and the record tells why.
        logger.exception("unexpected shape at %s%s", call.service, call.path)
        reply = service.error(400, f"Unexpected shape: {problem!r}")
        _record(call, reply, False)
        return reply
    _record(call, reply, True)
    if reply.sent and not reply.again:
        _show(reply.sent)
        world.store_accepted(reply.sent)
        afterwards(reply.sent)
    return reply


def _record(call: ServiceRequest, reply: ServiceResponse, accepted: bool) -> None:
    about: Any = reply.sent or reply.note or RequestNote(kind="", to=call.addressee)
    raw: Any = call.form if call.is_form else call.json
    world.records.add(
        Record(
            service=call.service,
            method=call.method,
            path=call.path,
            status=reply.status,
            accepted=accepted,
            channel=reply.sent.channel.external_id if reply.sent else "",
            to=about.to,
            text=about.text,
            kind=about.kind,
            reference=about.reference,
            id=about.id,
            raw=raw if raw is not None else f"{len(call.body)} bytes",
        )
    )


def _show(sent: AcceptedMessage) -> None:
    where, person = sent.channel.external_id, person_key(sent.to)
    if sent.kind == "reaction":
        return world.chats.react(where, person, sent.reply_to, sent.text)
    bubble = PhoneBubble(
        id=sent.id,
        author="desk",
        kind=sent.kind,
        text=sent.text,
        tick="sending",
        reply_to=sent.reply_to,
        choices=[dict(choice) for choice in sent.choices],
    )
    return world.chats.add(where, person, bubble)


def _response(reply: ServiceResponse) -> HttpResponse:
    raw = isinstance(reply.body, bytes | str)
    if raw:
        response = HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
    else:
        response = JsonResponse(reply.body, status=reply.status, safe=False)
    response["Content-Length"] = str(len(response.content))
    for name, value in reply.headers.items():
        response[name] = value
    return response
