"""The kill switches of the installation, a tenant and a channel: off holds what is written, on lets it go in order."""

from __future__ import annotations

from django.db import transaction

from messaging.models import Channel, SwitchChange
from messaging.services.delivery import release_held
from tenants.models import OutboundSwitch, Tenant
from tenants.services import record, switch_outbound


@transaction.atomic
def switch_installation(*, on: bool, by: str, reason: str = "") -> OutboundSwitch:
    """Turn the switch over everything."""
    switch = switch_outbound(on=on, by=by, reason=reason)
    if on:
        release_held(held_by=("switch",))
    return switch


@transaction.atomic
def switch_tenant(*, tenant: Tenant, on: bool, by: str, reason: str = "") -> bool:
    """Turn one tenant's switch; False when it stood so already."""
    return _turn(tenant, tenant=tenant, channel=None, on=on, by=by, reason=reason)


@transaction.atomic
def switch_channel(*, channel: Channel, on: bool, by: str, reason: str = "") -> bool:
    """Turn one channel's switch; False when it stood so already."""
    return _turn(channel, tenant=channel.tenant, channel=channel, on=on, by=by, reason=reason)


@transaction.atomic
def release_channel(*, channel: Channel, by: str) -> int:
    """Try again with what a switch or a problem of this channel held back; returns how many messages."""
    Channel.objects.filter(pk=channel.pk).update(problem="")
    count = release_held(held_by=("switch", "channel"), channel=channel)
    record(tenant=channel.tenant, actor=by, action="held_released", subject=channel, count=count)
    return count


def _turn(row: Tenant | Channel, *, tenant: Tenant, channel: Channel | None, on: bool, by: str, reason: str) -> bool:
    rows = type(row)._default_manager.filter(pk=row.pk, outbound_enabled=not on)
    if not rows.update(outbound_enabled=on):
        return False
    SwitchChange.objects.create(tenant=tenant, channel=channel, is_on=on, by=by[:100], reason=reason[:200])
    record(tenant=tenant, actor=by, action="outbound_on" if on else "outbound_off", subject=row, reason=reason[:200])
    if on:
        release_held(held_by=("switch",), **({"channel": channel} if channel else {"tenant": tenant}))
    return True
