"""Messages of a customer or the owner: each becomes a bubble on the phone and a webhook to the product."""

import base64
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from simulator.chats import PhoneBubble
from simulator.config import ChannelEntry
from simulator.people import person_key
from simulator.poster import ProductResponse, Webhook
from simulator.providers.base import MessagingService, PersonMessage
from simulator.providers.evolution_webhooks import EvolutionWebhooks
from simulator.providers.registry import MESSAGING_SERVICES
from simulator.world import world

PARALLEL = 32


class UnclearError(ValueError):
    """A control request cannot be carried out; the text says why."""


def channel_of(data: Mapping[str, Any]) -> ChannelEntry:
    """Return the channel that a control request names; raises UnclearError when there is none."""
    external_id = str(data.get("channel") or "")
    channel = world.config.channel(external_id, str(data.get("provider") or ""))
    if channel is None:
        known = ", ".join(c.external_id for c in world.config.channels) or world.config.problem
        raise UnclearError(f"No channel {external_id!r}. Known: {known}")
    return channel


def send_customer_message(data: Mapping[str, Any]) -> dict[str, Any]:
    """Send a customer's message to the product; returns its id and the product's response."""
    channel = channel_of(data)
    service = MESSAGING_SERVICES[channel.provider]
    message = _parse_message(service, data, str(data.get("person") or ""))
    return _post(channel, service, message, service.inbound(channel, message), data, author="customer")


def send_owner_message(data: Mapping[str, Any]) -> dict[str, Any]:
    """Send a message of the owner: an echo in the customer's chat, or from the private number without echoes."""
    channel = channel_of(data)
    service = MESSAGING_SERVICES[channel.provider]
    message = _parse_message(service, data, str(data.get("person") or ""))
    return _post(channel, service, message, service.owner(channel, message), data, author="owner")


def post_raw(data: Mapping[str, Any]) -> dict[str, Any]:
    """Sign and post any body, as often as asked, all at once."""
    channel = channel_of(data)
    service = MESSAGING_SERVICES[channel.provider]
    content = data.get("form") if "form" in data else data.get("body")
    if content is None:
        raise UnclearError("raw needs a body (JSON or text) or a form (an object)")
    webhook = service.webhook(channel, content, url=_url(data), kind="raw")
    return _post_many(webhook, int(data.get("repeat") or 1), bool(data.get("sign", True)))


def set_connection(data: Mapping[str, Any]) -> dict[str, Any]:
    """Link or unlink an Evolution instance's phone: connecting, open or close."""
    channel = channel_of(data)
    service = MESSAGING_SERVICES[channel.provider]
    if not isinstance(service, EvolutionWebhooks):
        raise UnclearError("only an Evolution instance has a connection")
    content = service.connection_event(channel, str(data.get("state") or "open"))
    answer = world.poster.post(service.webhook(channel, content, kind="connection"))
    return {"status": answer.status, "body": answer.body}


def _parse_message(service: MessagingService, data: Mapping[str, Any], person: str) -> PersonMessage:
    person = person_key(person)
    if not person:
        raise UnclearError("person is missing: a phone like +15550100111, an e-mail or an id")
    kind = str(data.get("kind") or "text")
    medium = None
    if kind in service.media_kinds:
        content = base64.b64decode(data.get("base64") or "")
        mime_type, name = str(data.get("mime_type") or ""), str(data.get("filename") or "")
        medium = world.media.sample(kind, mime_type=mime_type, content=content, name=name)
    return PersonMessage(
        id=str(data.get("id") or service.new_id(kind)),
        person=person,
        kind=kind,
        at=int(data.get("at") or time.time()),
        text=str(data.get("text") or ""),
        name=str(data.get("name") or ""),
        reply_to=str(data.get("reply_to") or ""),
        medium=medium,
        details=data,
    )


def _post(
    channel: ChannelEntry,
    service: MessagingService,
    message: PersonMessage,
    content: Any,
    data: Mapping[str, Any],
    *,
    author: str,
) -> dict[str, Any]:
    about = {"id": message.id, "kind": f"{author}:{message.kind}", "to": message.person, "text": message.text}
    webhook = service.webhook(channel, content, url=_url(data), **about)
    _show(channel, message, author)

    def mark_answered(answer: ProductResponse) -> None:
        tick = "delivered" if answer.ok else "failed"
        world.chats.tick(channel.external_id, message.person, message.id, tick, describe_failure(webhook, answer))

    answer = world.poster.post(webhook, mark_answered)
    return {"id": message.id, "status": answer.status, "body": answer.body}


def _show(channel: ChannelEntry, message: PersonMessage, author: str) -> None:
    if message.kind == "reaction":
        return world.chats.react(channel.external_id, message.person, message.reply_to, message.text)
    bubble = PhoneBubble(
        id=message.id,
        author=author,
        kind=message.kind,
        text=message.text,
        tick="sending",
        reply_to=message.reply_to,
        media=f"/simulator/media/{message.medium.id}" if message.medium else "",
    )
    return world.chats.add(channel.external_id, message.person, bubble, message.name if author == "customer" else "")


def describe_failure(webhook: Webhook, answer: ProductResponse) -> str:
    """Return what went wrong as a sentence, "" when nothing did."""
    if answer.ok:
        return ""
    if answer.status == 0:
        return f"The desk could not be reached at {webhook.url}: {answer.body}"
    return f"The desk answered {answer.status}: {answer.body[:300]}"


def _url(data: Mapping[str, Any]) -> str:
    return f"{world.config.product_url}{data['path']}" if data.get("path") else ""


def _post_many(webhook: Webhook, times: int, signed: bool) -> dict[str, Any]:
    if not signed:
        headers = {name: value for name, value in webhook.headers.items() if name in ("Content-Type", "User-Agent")}
        webhook = Webhook(**{**vars(webhook), "headers": headers})
    if times == 1:
        answers = [world.poster.post(webhook)]
    else:
        with ThreadPoolExecutor(min(times, PARALLEL)) as pool:
            answers = list(pool.map(lambda _: world.poster.post(webhook), range(times)))
    first = answers[0]
    return {"status": first.status, "body": first.body, "statuses": [answer.status for answer in answers]}
