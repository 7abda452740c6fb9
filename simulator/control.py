"""The control API under /simulator/api/: what tests, the fault harness and the phone tell the simulator."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import httpx2
from django.http import HttpRequest, HttpResponse, JsonResponse

from simulator import statuses, talk
from simulator.people import accounts, is_phone, person_key, spelt
from simulator.providers.core import callbacks as callbacks_told
from simulator.providers.core import knows_secret
from simulator.world import world

Verb = Callable[[dict[str, Any]], dict[str, Any]]


def post(verb: Verb) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view of a function that takes the JSON body; a ValueError's text becomes a 400."""

    @wraps(verb)
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return _problem("Use POST with a JSON body.", 405)
        try:
            data = json.loads(request.body or b"{}")
            if not isinstance(data, dict):
                return _problem("The body must be a JSON object.", 400)
            return JsonResponse(verb(data))
        except (ValueError, TypeError) as problem:
            return _problem(str(problem), 400)

    return view


def channels(request: HttpRequest) -> HttpResponse:
    """Channels (without secrets) and people who have a chat."""
    config = world.config
    items = [
        {name: getattr(c, name) for name in ("provider", "name", "tenant", "external_id", "display", "owner")}
        for c in config.channels
    ]
    body = {"channels": items, "problem": config.problem, "product_url": config.product_url}
    return JsonResponse(body | {"people": world.chats.people()})


def fail(request: HttpRequest) -> HttpResponse:
    """GET the rules in force, or POST one more."""
    if request.method == "GET":
        return JsonResponse({"rules": world.rules.list()})
    return post(lambda data: {"id": world.rules.add(data).id})(request)


def record(request: HttpRequest) -> HttpResponse:
    """Everything sent and posted after the `since` cursor."""
    try:
        since = int(request.GET.get("since") or 0)
    except ValueError:
        return _problem("since must be a number", 400)
    filters = {name: request.GET.get(name, "") for name in ("service", "to", "direction")}
    return JsonResponse({"records": world.records.since(since, **filters)})


def conversation(request: HttpRequest) -> HttpResponse:
    """What changed in one chat since the cursor: 200, or 204 when nothing did."""
    since = request.GET.get("since") or "0"
    if not since.isdigit():
        return _problem("since must be a number", 400)
    person = person_key(request.GET.get("person", ""))
    changed = world.chats.since(request.GET.get("channel", ""), person, int(since))
    return HttpResponse(status=204) if changed is None else JsonResponse(changed)


def callbacks(request: HttpRequest) -> HttpResponse:
    """The decisions that the core service was told, the latest first."""
    return JsonResponse({"callbacks": callbacks_told(), "knows_secret": knows_secret()})


@post
def reset(data: dict[str, Any]) -> dict[str, Any]:
    """Forget rules, records, scripts and chats."""
    world.reset()
    return {"ok": True}


@post
def script(data: dict[str, Any]) -> dict[str, Any]:
    """Queue raw answers of a fake model or of n8n."""
    return {"waiting": world.scripts.add(str(data.get("provider")), list(data.get("answers") or []))}


@post
def set_statuses(data: dict[str, Any]) -> dict[str, Any]:
    """Choose how statuses come back."""
    mode = data.get("mode", world.statuses.mode)
    if mode not in statuses.MODES:
        raise ValueError(f"mode must be one of {', '.join(statuses.MODES)}")
    world.statuses.mode = mode
    world.statuses.delay_seconds = float(data.get("delay_seconds", world.statuses.delay_seconds))
    return vars(world.statuses)


@post
def account(data: dict[str, Any]) -> dict[str, Any]:
    """Register an account whose own id is not the number that people dial."""
    own, others = spelt(str(data.get("id") or "")), [spelt(str(each)) for each in data.get("reached_by") or []]
    if not is_phone(own) or not others or not all(map(is_phone, others)):
        raise ValueError("id and reached_by (a list) must be whole numbers, such as +551187650010")
    accounts.register(own, others)
    return {"id": own, "reached_by": others}


@post
def unfail(data: dict[str, Any]) -> dict[str, Any]:
    """Take one rule back, by its id."""
    return {"removed": world.rules.remove(int(data.get("id") or 0))}


@post
def repeats(data: dict[str, Any]) -> dict[str, Any]:
    """Choose how often a webhook is posted again, and how patiently; null returns to each provider's habit."""
    times = data.get("times")
    world.poster.repeats = None if times is None else int(times)
    world.poster.repeat_seconds = float(data.get("delay_seconds", 0.5))
    world.poster.cap_seconds = float(data.get("cap_seconds", 3600.0))
    world.poster.timeout = httpx2.Timeout(float(data.get("timeout_seconds", 30.0)), connect=3.0)
    return {"times": world.poster.repeats, "delay_seconds": world.poster.repeat_seconds}


@post
def status(data: dict[str, Any]) -> dict[str, Any]:
    """Post one status of one message by hand."""
    sent = world.sent(str(data.get("message_id")))
    if sent is None or sent.channel.external_id != str(data.get("channel") or sent.channel.external_id):
        raise ValueError(f"No message {data.get('message_id')!r} was accepted on that channel.")
    answer = statuses.report(sent, str(data.get("status") or "delivered"), str(data.get("error") or ""))
    return {"status": answer.status, "body": answer.body} if answer else {"status": None, "body": ""}


def _problem(text: str, code: int) -> HttpResponse:
    return JsonResponse({"error": text}, status=code)


say = post(talk.say)
owner = post(talk.owner)
raw = post(talk.raw)
connection = post(talk.connection)
