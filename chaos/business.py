"""Runs inside the product (`manage.py shell`): the businesses of a run and what the simulator is told of them."""

from __future__ import annotations

import json
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from approvals import services as approvals
from assistant import services as assistant
from assistant.models import AssistantProfile
from messaging import services as messaging
from messaging.models import Channel
from messaging.queries import webhook_url
from tenants import services as tenants
from tenants.models import signing_secrets

OWNER = "+15550900900"


def set_up(plan: str, target: str) -> None:
    """Make what `plan` lists (tenant, provider, external_id, model, pace) and write the simulator's file."""
    lines: list[dict[str, Any]] = json.loads(Path(plan).read_text())
    made = []
    for line in lines:
        tenant = tenants.set_up_tenant(slug=line["tenant"], name=f"Business {line['tenant']}")
        assistant.set_up_profile(tenant=tenant, system_prompt="You are the front desk.")
        AssistantProfile.objects.filter(tenant=tenant).update(provider="openai", model=line["model"])
        channel = messaging.set_up_channel(
            tenant=tenant,
            provider=line["provider"],
            name=line["external_id"],
            external_id=line["external_id"],
            credentials=_credentials(line["provider"]),
            owners=[OWNER],
        )
        # Neither presence nor read marks: they are not what is proven here, and cost half of all calls.
        Channel.objects.filter(pk=channel.pk).update(
            messages_per_second=line["pace"], shows_typing=False, marks_read=False
        )
        made.append((line["tenant"], channel))
    told = {
        "product_url": settings.PUBLIC_URL,
        "channels": [_told(*each) for each in made],
        "core": {"signing_secrets": {slug: signing_secrets(channel.tenant_id)[0] for slug, channel in made}},
    }
    Path(target).write_text(json.dumps(told))


def ask(*, tenant: str, line: str, people: list[str], count: int, deadlines: list[float], callbacks: list[str]) -> None:
    """Make these people approvers on a line, and post candidates to them; prints the ids as JSON."""
    owner = tenants.set_up_tenant(slug=tenant, name=f"Business {tenant}")
    channel = Channel.objects.get(tenant=owner, external_id=line)
    names = [f"approver-{number}" for number in range(len(people))]
    for name, person in zip(names, people, strict=True):
        approvals.set_up_approver(tenant=owner, name=name, by="chaos", channel=channel, address=person)
    ids = []
    for number in range(count):
        deadline = timezone.now() + timedelta(seconds=deadlines[number % len(deadlines)])
        callback = callbacks[number % len(callbacks)] if callbacks else ""
        wanted = approvals.CandidateRequest(
            title=f"Candidate {number}", approvers=names, deadline_at=deadline, callback_url=callback
        )
        ids.append(approvals.submit(tenant=owner, wanted=wanted, by="chaos")[0].pk)
    sys.stdout.write(json.dumps(ids) + "\n")


def _credentials(provider: str) -> dict[str, str]:
    if provider == "meta":
        names = ("access_token", "app_secret", "verify_token")
        return {**{name: _canary() for name in names}, "waba_id": "102290129340398"}
    if provider == "evolution":
        return {"server_url": settings.EVOLUTION_SERVER_URL, "api_key": _canary(), "webhook_secret": _canary()}
    return {"account_sid": "AC" + secrets.token_hex(16), "auth_token": secrets.token_hex(16)}


def _canary() -> str:
    return f"canary-secret-{secrets.token_urlsafe(18)}"


def _told(tenant: str, channel: Channel) -> dict[str, Any]:
    return {
        "provider": channel.provider,
        "name": channel.name,
        "tenant": tenant,
        "external_id": channel.external_id,
        "display": channel.external_id,
        "token": channel.token,
        "webhook_url": webhook_url(channel),
        "credentials": dict(channel.credentials),
        "owner": channel.owner_addresses,
    }
