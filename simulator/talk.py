"""Lets a person, or the owner, say something: a bubble on the phone and a webhook to the product."""

import base64
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from simulator.chats import Bubble
from simulator.config import Channel
from simulator.people import person_key
from simulator.poster import Answer, Webhook
from simulator.providers.base import Said, Wire
from simulator.providers.evolution_webhooks import EvolutionWebhooks
from simulator.providers.registry import WIRES
from simulator.world import world

PARALLEL = 32


class UnclearError(ValueError):
    """The control API was asked for something impossible; the text says what."""


def channel_of(data: Mapping[str, Any]) -> Channel:
    """The channel a control request names."""
    external_id = str(data.get("channel") or "")
    channel = world.config.channel(external_id, str(data.get("provider") or ""))
    if channel is None:
        known = ", ".join(c.external_id for c in world.config.channels) or world.config.problem
        raise UnclearError(f"No channel {external_id!r}. Known: {known}")
    return channel


def say(data: Mapping[str, Any]) -> dict[str, Any]:
    """A customer's message."""
    channel = channel_of(data)
    wire = WIRES[channel.provider]
    said = _said(wire, data, str(data.get("person") or ""))
    return _post(channel, wire, said, wire.inbound(channel, said), data, author="customer")


def owner(data: Mapping[str, Any]) -> dict[str, Any]:
    """A message of the owner in a customer's chat, or from the private number where the wire has no echo."""
    channel = channel_of(data)
    wire = WIRES[channel.provider]
    said = _said(wire, data, str(data.get("person") or ""))
    return _post(channel, wire, said, wire.owner(channel, said), data, author="owner")


def raw(data: Mapping[str, Any]) -> dict[str, Any]:
    """Sign and post any body, as often as asked, all at once."""
    channel = channel_of(data)
    wire = WIRES[channel.provider]
    content = data.get("form") if "form" in data else data.get("body")
    if content is None:
        raise UnclearError("raw needs a body (JSON or text) or a form (an object)")
    webhook = wire.webhook(channel, content, url=_url(data), kind="raw")
    return _many(webhook, int(data.get("repeat") or 1), bool(data.get("sign", True)))


def connection(data: Mapping[str, Any]) -> dict[str, Any]:
    """Link or unlink an Evolution instance's phone: connecting, open or close."""
    channel = channel_of(data)
    wire = WIRES[channel.provider]
    if not isinstance(wire, EvolutionWebhooks):
        raise UnclearError("only an Evolution instance has a connection")
    content = wire.connection_event(channel, str(data.get("state") or "open"))
    answer = world.poster.post(wire.webhook(channel, content, kind="connection"))
    return {"status": answer.status, "body": answer.body}


def _said(wire: Wire, data: Mapping[str, Any], person: str) -> Said:
    person = person_key(person)
    if not person:
        raise UnclearError("person is missing: a phone like +15550100111, an e-mail or an id")
    kind = str(data.get("kind") or "text")
    medium = None
    if kind in wire.media_kinds:
        content = base64.b64decode(data.get("base64") or "")
        mime_type, name = str(data.get("mime_type") or ""), str(data.get("filename") or "")
        medium = world.media.sample(kind, mime_type=mime_type, content=content, name=name)
    return Said(
        id=str(data.get("id") or wire.new_id(kind)),
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
    channel: Channel, wire: Wire, said: Said, content: Any, data: Mapping[str, Any], *, author: str
) -> dict[str, Any]:
    about = {"id": said.id, "kind": f"{author}:{said.kind}", "to": said.person, "text": said.text}
    webhook = wire.webhook(channel, content, url=_url(data), **about)
    _show(channel, said, author)

    def heard(answer: Answer) -> None:
        tick = "delivered" if answer.ok else "failed"
        world.chats.tick(channel.external_id, said.person, said.id, tick, complaint(webhook, answer))

    answer = world.poster.post(webhook, heard)
    return {"id": said.id, "status": answer.status, "body": answer.body}


def _show(channel: Channel, said: Said, author: str) -> None:
    if said.kind == "reaction":
        return world.chats.react(channel.external_id, said.person, said.reply_to, said.text)
    bubble = Bubble(
        id=said.id,
        author=author,
        kind=said.kind,
        text=said.text,
        tick="sending",
        reply_to=said.reply_to,
        media=f"/simulator/media/{said.medium.id}" if said.medium else "",
    )
    return world.chats.add(channel.external_id, said.person, bubble, said.name if author == "customer" else "")


def complaint(webhook: Webhook, answer: Answer) -> str:
    """What went wrong, in plain words; empty when nothing did."""
    if answer.ok:
        return ""
    if answer.status == 0:
        return f"The desk could not be reached at {webhook.url}: {answer.body}"
    return f"The desk answered {answer.status}: {answer.body[:300]}"


def _url(data: Mapping[str, Any]) -> str:
    return f"{world.config.product_url}{data['path']}" if data.get("path") else ""


def _many(webhook: Webhook, times: int, signed: bool) -> dict[str, Any]:
    if not signed:
        kept = {name: value for name, value in webhook.headers.items() if name in ("Content-Type", "User-Agent")}
        webhook = Webhook(**{**vars(webhook), "headers": kept})
    if times == 1:
        answers = [world.poster.post(webhook)]
    else:
        with ThreadPoolExecutor(min(times, PARALLEL)) as pool:
            answers = list(pool.map(lambda _: world.poster.post(webhook), range(times)))
    first = answers[0]
    return {"status": first.status, "body": first.body, "statuses": [answer.status for answer in answers]}
