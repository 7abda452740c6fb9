"""Statuses of an accepted message (sent, delivered, read), posted as signed webhooks."""

from simulator.exchange import AcceptedMessage
from simulator.poster import ProductResponse, Webhook
from simulator.providers.registry import MESSAGING_SERVICES
from simulator.world import world

MODES = ("all", "none", "reversed", "manual")


def schedule_statuses(sent: AcceptedMessage) -> None:
    """Schedule the statuses of an accepted message one after the other, as the policy says."""
    policy = world.statuses
    if sent.kind == "reaction" or policy.mode in ("none", "manual"):
        return
    names = MESSAGING_SERVICES[sent.channel.provider].status_names
    steps = names[::-1] if policy.mode == "reversed" else names
    world.poster.later(policy.delay_seconds, lambda: _step(sent, steps))


def schedule_failure(sent: AcceptedMessage, error: str) -> None:
    """Schedule a status that an accepted message failed, and no other."""
    world.poster.later(world.statuses.delay_seconds, lambda: report(sent, "failed", error))


def _step(sent: AcceptedMessage, steps: tuple[str, ...]) -> None:
    report(sent, steps[0])
    if steps[1:]:
        world.poster.later(world.statuses.delay_seconds, lambda: _step(sent, steps[1:]))


def report(sent: AcceptedMessage, status: str, error: str = "") -> ProductResponse | None:
    """Post one status now; None when the service reports no statuses or has no address for them."""
    failed = f"The service gave up: {error or status}." if status in ("failed", "undelivered") else None
    world.chats.tick(sent.channel.external_id, sent.to, sent.id, _tick(status), failed)
    webhook = status_webhook(sent, status, error)
    return world.poster.post(webhook) if webhook else None


def status_webhook(sent: AcceptedMessage, status: str, error: str = "") -> Webhook | None:
    """Return the signed webhook of a status; None as in `report`."""
    service = MESSAGING_SERVICES[sent.channel.provider]
    content, url = service.status(sent, status, error), service.status_url(sent)
    if content is None or not url:
        return None
    return service.webhook(sent.channel, content, url=url, id=sent.id, kind=f"status:{status}", to=sent.to)


def _tick(status: str) -> str:
    return "failed" if status in ("failed", "undelivered", "canceled") else status
