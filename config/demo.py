"""The demo tenant: a dental clinic with a channel at every provider, for development and trials."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings

from approvals import services as approvals
from assistant import services as assistant
from assistant.models import KnowledgeEntry
from config.demo_knowledge import KNOWLEDGE
from messaging import services as messaging
from messaging.models import CannedReply, Channel, Label, MessageTemplate
from messaging.queries import webhook_url
from tenants import services as tenants
from tenants.models import Member, Role, Tenant, User, signing_secrets

OWNER, PARTNER = "+15550100200", "+15550100201"
# (shortcut, title, text)
CANNED = [
    ("hi", "Greeting", "Hello {contact_name}, this is {agent_name} of {business_name}. How can I help?"),
    ("call", "We call you", "We call you back within the hour, {contact_name}."),
]
LABELS = {"New patient": "green", "Billing": "orange", "Complaint": "red"}


def channels(base: str) -> list[dict[str, Any]]:
    """Return the demo's channels with credentials that the simulator checks; `base` is the simulator's address."""
    meta = {"access_token": _secret(), "app_secret": _secret(), "verify_token": _secret(), "waba_id": "102290129340398"}
    dialog360 = {"api_key": _secret(), "webhook_secret": _secret()}
    evolution = {"server_url": f"{base}/evolution", "api_key": _secret(), "webhook_secret": _secret()}
    twilio = {"account_sid": "AC" + secrets.token_hex(16), "auth_token": secrets.token_hex(16)}
    imessage = {"base_url": f"{base}/imessage", "api_key": _secret(), "webhook_secret": _secret()}
    lines = [
        ("meta", "WhatsApp (Meta)", "106540352242922", "+15550100100", meta),
        ("dialog360", "WhatsApp (360dialog)", "106540352242360", "+15550100360", dialog360),
        ("evolution", "WhatsApp (Evolution)", "demo", "+15550100101", evolution),
        ("twilio", "WhatsApp (Twilio)", "+15550100102", "+15550100102", twilio),
        ("imessage", "iMessage", "desk@example.test", "desk@example.test", imessage),
    ]
    names = ("provider", "name", "external_id", "display", "credentials")
    return [dict(zip(names, line, strict=True)) for line in lines]


def load_demo() -> tuple[Tenant, str]:
    """Create what is missing of the demo; returns the tenant and the admin's new password, "" when there was one."""
    tenant = tenants.set_up_tenant(slug="demo", name="Harbour Dental", timezone="Europe/Lisbon")
    assistant.set_up_profile(
        tenant=tenant, system_prompt="You are the friendly front desk of Harbour Dental. Answer briefly and truthfully."
    )
    for language, entries in KNOWLEDGE.items():
        for title, keywords, content in entries:
            written = {"keywords": keywords, "content": content, "language": language}
            KnowledgeEntry.objects.get_or_create(tenant=tenant, title=title, defaults=written)
    for wanted in channels(settings.SIMULATOR_URL):
        _set_up(tenant, wanted)
    _create_inbox_rows(tenant)
    password = _admin(tenant)
    _create_approvers(tenant)
    return tenant, password


def simulator_config(tenant: Tenant) -> dict[str, Any]:
    """Return the simulator's configuration: the channels with their secrets."""
    display = {entry["external_id"]: entry["display"] for entry in channels("")}
    return {
        "product_url": settings.PUBLIC_URL,
        "channels": [
            {
                "provider": channel.provider,
                "name": channel.name,
                "tenant": tenant.slug,
                "external_id": channel.external_id,
                "display": display.get(channel.external_id, channel.external_id),
                "token": channel.token,
                "webhook_url": webhook_url(channel),
                "credentials": dict(channel.credentials),
                "owner": channel.owner_addresses,
            }
            for channel in Channel.objects.of(tenant)
        ],
        "n8n": {"api_key": settings.N8N_API_KEY},
        "core": {"signing_secrets": {tenant.slug: next(iter(signing_secrets(tenant.pk)), "")}},
    }


def write_simulator_config(path: Path, config: dict[str, Any]) -> None:
    """Write the file completely or not at all, readable only by its owner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=1)
    draft.replace(path)


def _set_up(tenant: Tenant, wanted: dict[str, Any]) -> None:
    channel = Channel.objects.filter(tenant=tenant, provider=wanted["provider"]).first()
    credentials = wanted["credentials"]
    if channel is not None:
        # The secrets stay; only the simulator's address may have changed with the port.
        credentials = {name: value for name, value in credentials.items() if name in ("server_url", "base_url")}
    messaging.set_up_channel(
        tenant=tenant,
        provider=wanted["provider"],
        name=wanted["name"],
        external_id=channel.external_id if channel else wanted["external_id"],
        credentials=credentials,
        owners=[OWNER],
    )


def _create_inbox_rows(tenant: Tenant) -> None:
    for shortcut, title, text in CANNED:
        CannedReply.objects.get_or_create(tenant=tenant, shortcut=shortcut, defaults={"title": title, "text": text})
    for name, colour in LABELS.items():
        Label.objects.get_or_create(tenant=tenant, name=name, defaults={"colour": colour})
    for channel in Channel.objects.of(tenant).filter(provider__in=("meta", "dialog360")):
        MessageTemplate.objects.get_or_create(
            tenant=tenant, channel=channel, name="appointment_reminder", language="en",
            defaults={"text": "Hello {{1}}, we expect you on {{2}}. Please answer here if you cannot come."},
        )  # fmt: skip


def _create_approvers(tenant: Tenant) -> None:
    """Create two approvers, the owner and a partner, with addresses on every channel.

    The admin decides as the owner.
    """
    member = Member.objects.filter(tenant=tenant, role=Role.OWNER).first()
    for name, number in (("owner", OWNER), ("partner", PARTNER)):
        fields = {"is_default": True, "member": member} if name == "owner" else {}
        # Evolution first: it has no reply window, so the first question needs no template.
        for channel in sorted(Channel.objects.of(tenant), key=lambda row: (row.provider != "evolution", row.pk)):
            approvals.set_up_approver(tenant=tenant, name=name, by="demo", channel=channel, address=number, **fields)
    for channel in Channel.objects.of(tenant).filter(provider__in=("meta", "dialog360"), reopen_template={}):
        channel.reopen_template = {"name": "decision", "language": "en", "variables": ["{text}"]}
        channel.save(update_fields=["reopen_template"])


def _admin(tenant: Tenant) -> str:
    if User.objects.filter(is_superuser=True).exists():
        return ""
    password = secrets.token_urlsafe(12)
    admin = User.objects.create_superuser("admin", "", password)
    Member.objects.get_or_create(tenant=tenant, user=admin, defaults={"role": Role.OWNER})
    return password


def _secret() -> str:
    return secrets.token_urlsafe(24)
