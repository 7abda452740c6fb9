"""Which service answers under which first part of the address, and which of them are wires."""

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
from simulator.providers.base import Service, Wire

WIRES: dict[str, Wire] = {
    wire.name: wire for wire in (meta.WIRE, dialog360.WIRE, evolution.WIRE, twilio.WIRE, imessage.WIRE)
}
OTHERS = (openai.OPENAI, openai.AZURE, anthropic.ANTHROPIC, n8n.N8N, alerts.ALERTS, receiver.RECEIVER, core.CORE)
SERVICES: dict[str, Service] = {**WIRES, **{service.name: service for service in OTHERS}}
