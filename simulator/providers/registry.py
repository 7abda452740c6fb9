"""All simulated services by the first part of their address, and those that carry messages."""

from simulator.providers import (
    alerts,
    anthropic,
    core,
    dialog360,
    evolution,
    imessage,
    meta,
    n8n,
    openai,
    receiver,
    twilio,
)
from simulator.providers.base import MessagingService, Service

MESSAGING_SERVICES: dict[str, MessagingService] = {
    service.name: service for service in (meta.WIRE, dialog360.WIRE, evolution.WIRE, twilio.WIRE, imessage.WIRE)
}
OTHERS = (openai.OPENAI, openai.AZURE, anthropic.ANTHROPIC, n8n.N8N, alerts.ALERTS, receiver.RECEIVER, core.CORE)
SERVICES: dict[str, Service] = {**MESSAGING_SERVICES, **{service.name: service for service in OTHERS}}
