"""The control API under /simulator/api/: how tests, the fault harness and the phone control the simulator."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import httpx2
from django.http import HttpRequest, HttpResponse, JsonResponse

from simulator import people_messages, statuses
from simulator.people import accounts, is_phone, normalised, person_key
from simulator.providers.core import callbacks as received_callbacks
from simulator.providers.core import knows_secret
from simulator.world import world

ControlFunction = Callable[[dict[str, Any]], dict[str, Any]]


def post(verb: ControlFunction) -> Callable[[HttpRequest], HttpResponse]:
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
    """Return the channels, without secrets, and the people who have a chat."""
    config = world.config
    items = [
        {name: getattr(c, name) for name in ("provider", "name", "tenant", "external_id", "display", "owner")}
        for c in config.channels
    ]
    body = {"channels": items, "problem": config.problem, "product_url": config.product_url}
    return JsonResponse(body | {"people": world.chats.people()})


def fail(request: HttpRequest) -> HttpResponse:
    """GET the failure rules, or POST one more."""
    if request.method == "GET":
        return JsonResponse({"rules": world.rules.list()})
    return post(lambda data: {"id": world.rules.add(data).id})(request)


def record(request: HttpRequest) -> HttpResponse:
    """Return the records after the `since` cursor."""
    try:
        since = int(request.GET.get("since") or 0)
    except ValueError:
        return _problem("since must be a number", 400)
    filters = {name: request.GET.get(name, "") for name in ("service", "to", "direction")}
    return JsonResponse({"records": world.records.since(since, **filters)})


def conversation(request: HttpRequest) -> HttpResponse:
    """Return what changed in one chat since the cursor; 204 when nothing did."""
    since = request.GET.get("since") or "0"
    if not since.isdigit():
        return _problem("since must be a number", 400)
    person = person_key(request.GET.get("person", ""))
    changed = world.chats.since(request.GET.get("channel", ""), person, int(since))
    return HttpResponse(status=204) if changed is None else JsonResponse(changed)


def callbacks(request: HttpRequest) -> HttpResponse:
    """Return the decisions that the core service received, the latest first."""
    return JsonResponse({"callbacks": received_callbacks(), "knows_secret": knows_secret()})


@post
def reset(data: dict[str, Any]) -> dict[str, Any]:
    """Delete failure rules, records, scripts and chats."""
    world.reset()
    return {"ok": True}


@post
def script(data: dict[str, Any]) -> dict[str, Any]:
    """Queue raw answers of a fake model or of n8n."""
    return {"waiting": world.scripts.add(str(data.get("provider")), list(data.get("answers") or []))}


@post
def set_statuses(data: dict[str, Any]) -> dict[str, Any]:
    """Set which statuses are posted, and after what delay."""
    mode = data.get("mode", world.statuses.mode)
    if mode not in statuses.MODES:
        raise ValueError(f"mode must be one of {', '.join(statuses.MODES)}")
    world.statuses.mode = mode
    world.statuses.delay_seconds = float(data.get("delay_seconds", world.statuses.delay_seconds))
    return vars(world.statuses)


@post
def account(data: dict[str, Any]) -> dict[str, Any]:
    """Register an account whose id differs from the number that people dial."""
    own, others = (
        normalised(str(data.get("id") or "")),
        [normalised(str(each)) for each in data.get("reached_by") or []],
    )
    if not is_phone(own) or not others or not all(map(is_phone, others)):
        raise ValueError("id and reached_by (a list) must be whole numbers, such as +551187650010")
    accounts.register(own, others)
    return {"id": own, "reached_by": others}


@post
def unfail(data: dict[str, Any]) -> dict[str, Any]:
    """Remove one failure rule by its id."""
    return {"removed": world.rules.remove(int(data.get("id") or 0))}


@post
def repeats(data: dict[str, Any]) -> dict[str, Any]:
    """Set how often and after what delay a webhook is posted again; null restores the default of each provider."""
    times = data.get("times")
    world.poster.repeats = None if times is None else int(times)
    world.poster.repeat_seconds = float(data.get("delay_seconds", 0.5))
    world.poster.cap_seconds = float(data.get("cap_seconds", 3600.0))
    world.poster.timeout = httpx2.Timeout(float(data.get("timeout_seconds", 30.0)), connect=3.0)
    return {"times": world.poster.repeats, "delay_seconds": world.poster.repeat_seconds}


@post
def status(data: dict[str, Any]) -> dict[str, Any]:
    """Post one status of one accepted message."""
    sent = world.sent(str(data.get("message_id")))
    if sent is None or sent.channel.external_id != str(data.get("channel") or sent.channel.external_id):
        raise ValueError(f"No message {data.get('message_id')!r} was accepted on that channel.")
    answer = statuses.report(sent, str(data.get("status") or "delivered"), str(data.get("error") or ""))
    return {"status": answer.status, "body": answer.body} if answer else {"status": None, "body": ""}


def _problem(text: str, code: int) -> HttpResponse:
    return JsonResponse({"error": text}, status=code)


say = post(people_messages.send_customer_message)
owner = post(people_messages.send_owner_message)
raw = post(people_messages.post_raw)
connection = post(people_messages.set_connection)
