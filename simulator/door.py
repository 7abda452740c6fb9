"""The one door to all services: failure rules, the service's answer, the record, the statuses."""

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from simulator import statuses
from simulator.call import Call, CutError, Note, RefusedError, Reply, Sent
from simulator.chats import Bubble
from simulator.failures import Rule
from simulator.people import person_key
from simulator.providers.base import Service
from simulator.providers.registry import SERVICES
from simulator.records import Record
from simulator.world import world

logger = logging.getLogger(__name__)
GARBAGE = "<!doctype html><title>Oops</title><p>This is not the answer you are looking for: {]"
HOLD_SECONDS = {"slow": 5.0, "timeout_after_accept": 60.0}


def enter(request: HttpRequest, name: str, path: str) -> HttpResponse:
    """Answer a request to a service."""
    service = SERVICES.get(name)
    if service is None:
        return JsonResponse({"error": f"The simulator plays no service called {name}."}, status=404)
    call = Call(
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


def answer(service: Service, call: Call) -> Reply:
    """Let a failure rule strike, or the service answer."""
    rule = world.rules.take(call)
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
        return _perform(service, call, lambda sent: statuses.give_up(sent, rule.error))
    if rule.accept:
        _perform(service, call)
    return _fail(service, call, rule)


def _fail(service: Service, call: Call, rule: Rule) -> Reply:
    if rule.mode in ("reset", "refuse"):
        if not rule.accept:
            _record(call, Reply(status=0), False)
        raise CutError
    if rule.mode == "garbage":
        body = GARBAGE if rule.body is None else rule.body
        reply = Reply(status=rule.status or 200, body=body, headers=rule.headers, content_type="text/html")
    else:
        own = service.error(rule.status or 500)
        body = own.body if rule.body is None else rule.body
        status = rule.status or own.status
        reply = Reply(status=status, body=body, headers={**own.headers, **rule.headers}, content_type=own.content_type)
    if not rule.accept:
        _record(call, reply, False)
    return reply


def _perform(service: Service, call: Call, afterwards: Callable[[Sent], None] = statuses.echo) -> Reply:
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
        world.remember(reply.sent)
        afterwards(reply.sent)
    return reply


def _record(call: Call, reply: Reply, accepted: bool) -> None:
    about: Any = reply.sent or reply.note or Note(kind="", to=call.addressee)
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


def _show(sent: Sent) -> None:
    where, person = sent.channel.external_id, person_key(sent.to)
    if sent.kind == "reaction":
        return world.chats.react(where, person, sent.reply_to, sent.text)
    bubble = Bubble(
        id=sent.id,
        author="desk",
        kind=sent.kind,
        text=sent.text,
        tick="sending",
        reply_to=sent.reply_to,
        choices=[dict(choice) for choice in sent.choices],
    )
    return world.chats.add(where, person, bubble)


def _response(reply: Reply) -> HttpResponse:
    raw = isinstance(reply.body, bytes | str)
    if raw:
        response = HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
    else:
        response = JsonResponse(reply.body, status=reply.status, safe=False)
    response["Content-Length"] = str(len(response.content))
    for name, value in reply.headers.items():
        response[name] = value
    return response
