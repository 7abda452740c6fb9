"""What happens to an accepted message afterwards: sent, delivered, read, as signed webhooks."""

from simulator.call import Sent
from simulator.poster import Answer, Webhook
from simulator.providers.registry import WIRES
from simulator.world import world

MODES = ("all", "none", "reversed", "manual")


def echo(sent: Sent) -> None:
    """Report an accepted message's statuses one after the other, as the policy says."""
    policy = world.statuses
    if sent.kind == "reaction" or policy.mode in ("none", "manual"):
        return
    names = WIRES[sent.channel.provider].status_names
    steps = names[::-1] if policy.mode == "reversed" else names
    world.poster.later(policy.delay_seconds, lambda: _step(sent, steps))


def give_up(sent: Sent, error: str) -> None:
    """Report that an accepted message never arrived, and nothing else of it."""
    world.poster.later(world.statuses.delay_seconds, lambda: report(sent, "failed", error))


def _step(sent: Sent, steps: tuple[str, ...]) -> None:
    report(sent, steps[0])
    if steps[1:]:
        world.poster.later(world.statuses.delay_seconds, lambda: _step(sent, steps[1:]))


def report(sent: Sent, status: str, error: str = "") -> Answer | None:
    """Post one status now; None when this wire reports none, or there is no address for it."""
    failed = f"The service gave up: {error or status}." if status in ("failed", "undelivered") else None
    world.chats.tick(sent.channel.external_id, sent.to, sent.id, _tick(status), failed)
    webhook = status_webhook(sent, status, error)
    return world.poster.post(webhook) if webhook else None


def status_webhook(sent: Sent, status: str, error: str = "") -> Webhook | None:
    """The signed webhook of a status."""
    wire = WIRES[sent.channel.provider]
    content, url = wire.status(sent, status, error), wire.status_url(sent)
    if content is None or not url:
        return None
    return wire.webhook(sent.channel, content, url=url, id=sent.id, kind=f"status:{status}", to=sent.to)


def _tick(status: str) -> str:
    return "failed" if status in ("failed", "undelivered", "canceled") else status
