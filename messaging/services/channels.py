"""Set up a channel, update its state, register its webhook."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.http.client import operator_client
from common.text.phone_numbers import parse_contact_address
from common.text.plain import strip_invisible
from messaging.models import Channel
from messaging.providers import PROVIDERS
from messaging.providers.base import ChannelUpdate, Outcome, ProviderError
from messaging.queries import account_of, credentials_of, provider_of, webhook_url
from messaging.services.delivery import release_held
from tenants.models import Tenant
from tenants.services import record

logger = logging.getLogger("frontdesk.messaging")

# Retries of webhooks carry the secret of their first try, so the old one stays valid for a day.
ROTATION = timedelta(days=1)
GONE_STATES = ("close", "closed", "logged_out", "refused", "removed")


class SetupError(ValueError):
    """A channel cannot be set up as requested; the text says how to mend it."""


@transaction.atomic
def set_up_channel(
    *,
    tenant: Tenant,
    provider: str,
    name: str,
    external_id: str,
    credentials: Mapping[str, str] | None = None,
    owners: Sequence[str] = (),
    messages_per_second: float | None = None,
    actor: str = "command",
) -> Channel:
    """Create a channel or update it; credentials that are not given stay. Raises SetupError.

    The former value of a changed secret stays valid for a day. New credentials clear the channel's problem and release
    what it held.
    """
    wire = PROVIDERS.get(provider)
    if wire is None:
        raise SetupError(f"unknown provider {provider}; use one of {', '.join(PROVIDERS)}")
    given = _trimmed(credentials or {})
    _refuse_unknown(provider, given)
    external_id = external_id.strip().removeprefix("whatsapp:")
    if not external_id or not name.strip():
        raise SetupError("a channel needs a name and an external id")
    channel = Channel.objects.filter(provider=provider, external_id=external_id).first()
    if channel is not None and channel.tenant_id != tenant.pk:
        raise SetupError(f"the {provider} channel {external_id} belongs to another tenant")
    is_new = channel is None
    channel = channel or Channel(tenant=tenant, provider=provider, external_id=external_id)
    channel.name = name
    if messages_per_second is not None:
        channel.messages_per_second = messages_per_second
    if owners:
        channel.owner_addresses = [_owner(owner) for owner in owners if owner.strip()]
    changed = _store_secrets(channel, given)
    channel.save()
    _require(channel)
    if changed and not is_new:  # a new channel holds nothing yet
        release_held(held_by=("channel",), channel=channel)
    record(tenant=tenant, actor=actor, action="channel_set_up", subject=channel, changed=sorted(changed))
    return channel


@transaction.atomic
def change_secrets(*, channel: Channel, given: Mapping[str, str], actor: str) -> list[str]:
    """Store new secrets of a channel, all or some of them; returns the names of the changed ones.

    The consequences are those of set_up_channel. Raises SetupError for a name that the provider does not have.
    """
    given = _trimmed(given)
    _refuse_unknown(channel.provider, given)
    row = Channel.objects.select_for_update(no_key=True).select_related("tenant").get(pk=channel.pk)
    changed = _store_secrets(row, given)
    if changed:
        row.save(update_fields=["credentials_store", "problem"])
        release_held(held_by=("channel",), channel=row)
        record(tenant=row.tenant, actor=actor, action="channel_set_up", subject=row, changed=sorted(changed))
    return changed


def update_channel_state(*, channel: Channel, update: ChannelUpdate) -> None:
    """Store what the provider reports about the channel: connected, logged out, a QR code to scan."""
    fields: dict[str, Any] = {}
    if update.topic == "connection":
        fields["connection_state"] = update.state[:30]
        if update.state == "open":
            fields |= {"problem": "", "qr": "", "qr_at": None}
        elif update.state in GONE_STATES:
            fields["problem"] = f"the line is {update.state}: connect it again"
    elif update.topic == "qr":
        fields |= {"qr": update.qr, "qr_at": timezone.now() if update.qr else None}
    if fields:
        Channel.objects.filter(pk=channel.pk).update(**fields)
    if fields.get("problem") == "":
        release_held(held_by=("channel",), channel=channel)
    ids = {"channel_id": channel.pk, "topic": update.topic, "channel_state": update.state}
    logger.info("channel_update", extra=ids)


def register_webhook(*, channel: Channel, actor: str = "command") -> str:
    """Register this channel's webhook address with the provider; returns a sentence for the operator.

    Raises ProviderError.
    """
    answer = provider_of(channel).register_webhook(
        url=webhook_url(channel), account=account_of(channel), http=operator_client()
    )
    record(tenant=channel.tenant, actor=actor, action="webhook_registered", subject=channel)
    return answer


def check_channel(*, channel: Channel) -> str:
    """Ask the provider for the state of the channel; stores and returns it; raises ProviderError."""
    try:
        state = provider_of(channel).check_account(account=account_of(channel), http=operator_client())
    except ProviderError as error:
        Channel.objects.filter(pk=channel.pk).update(connection_state="unreachable")
        raise error
    Channel.objects.filter(pk=channel.pk).update(connection_state=state[:30])
    return state


def fetch_qr(*, channel: Channel) -> bool:
    """Request a new QR code and store it; returns False when the phone is linked already; raises ProviderError."""
    fetch = getattr(provider_of(channel), "fetch_qr", None)
    if fetch is None:
        raise ProviderError("this wire has no QR code", outcome=Outcome.PERMANENT)
    qr = fetch(account=account_of(channel), http=operator_client())
    Channel.objects.filter(pk=channel.pk).update(qr=qr, qr_at=timezone.now() if qr else None)
    return bool(qr)


def _trimmed(given: Mapping[str, str]) -> dict[str, str]:
    return {name: strip_invisible(value) for name, value in given.items()}


def _owner(text: str) -> str:
    address = parse_contact_address(text)
    if not address:
        raise SetupError(
            f"{text} is no owner's address: write a number with its country, like +15550100200, or an e-mail"
        )
    return address


def _refuse_unknown(provider: str, given: Mapping[str, str]) -> None:
    known = PROVIDERS[provider].credential_names
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise SetupError(f"unknown credential {', '.join(unknown)}; {provider} has {', '.join(known)}")


def _store_secrets(channel: Channel, given: Mapping[str, str]) -> list[str]:
    """Store changed secrets in the row, each with its former value, and clear the problem that they solve."""
    store = dict(channel.credentials_store)
    changed = [key for key, value in given.items() if value and store.get(key, {}).get("value") != value]
    for key in changed:
        store[key] = _rotated(store.get(key), given[key])
    channel.credentials_store = store
    if changed:
        channel.problem = ""
    return changed


def _rotated(entry: dict[str, str] | None, value: str) -> dict[str, str]:
    if not entry:
        return {"value": value}
    until = (timezone.now() + ROTATION).isoformat()
    return {"value": value, "previous": entry["value"], "previous_until": until}


def _require(channel: Channel) -> None:
    missing = [name for name in provider_of(channel).required_credentials if name not in credentials_of(channel)]
    if missing:
        raise SetupError(f"{channel.provider} needs --credential {'=... --credential '.join(missing)}=...")
