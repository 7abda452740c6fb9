"""Bring the templates of a channel up to date with what its provider has approved."""

from __future__ import annotations

import logging
from dataclasses import asdict

from django.db import transaction

from common.http import operator_client
from messaging.models import Channel, MessageTemplate
from messaging.providers import PROVIDERS
from messaging.providers.base import ApprovedTemplate, ProviderError
from messaging.queries import account_of, provider_of

logger = logging.getLogger("frontdesk.messaging")


def sync_templates() -> int:
    """Look at every channel whose wire lists its templates; returns how many templates were changed."""
    wires = [name for name, provider in PROVIDERS.items() if provider.can_list_templates]
    rows = Channel.objects.filter(provider__in=wires, is_enabled=True, tenant__is_active=True).select_related("tenant")
    changed = 0
    for channel in rows.order_by("pk"):
        try:
            changed += sync_channel_templates(channel=channel)
        except ProviderError as error:  # the next look comes in a quarter of an hour; nothing is switched off for it
            logger.info("templates_not_read", extra={"channel_id": channel.pk, "reason": error.reason})
    return changed


def sync_channel_templates(*, channel: Channel) -> int:
    """Take over what is approved, and switch off what is not any more; raises ProviderError."""
    found = provider_of(channel).list_templates(account=account_of(channel), http=operator_client())
    return _keep(channel, {(one.name, one.language): one for one in found})


@transaction.atomic
def _keep(channel: Channel, approved: dict[tuple[str, str], ApprovedTemplate]) -> int:
    known = {(row.name, row.language): row for row in MessageTemplate.objects.filter(channel=channel)}
    changed = 0
    for key, row in known.items():
        one = approved.get(key)
        wanted = (one.title, one.text, True) if one else (row.title, row.text, False)
        if (row.title, row.text, row.is_active) != wanted:
            row.title, row.text, row.is_active = wanted
            row.save(update_fields=["title", "text", "is_active"])
            changed += 1
    new = [
        MessageTemplate(tenant_id=channel.tenant_id, channel=channel, **asdict(one))
        for key, one in approved.items()
        if key not in known
    ]
    # Another process may look at the same moment.
    MessageTemplate.objects.bulk_create(new, ignore_conflicts=True)
    return changed + len(new)
