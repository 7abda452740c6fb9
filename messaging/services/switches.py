"""The kill switches of the installation, a tenant and a channel: off holds messages, on releases them in order."""

from __future__ import annotations

from django.db import transaction

from messaging.models import Channel, SwitchChange
from messaging.services.delivery import release_held
from tenants.models import OutboundSwitch, Tenant
from tenants.services import record, switch_outbound


@transaction.atomic
def switch_installation(*, on: bool, by: str, reason: str = "") -> OutboundSwitch:
    """Set the switch of the installation."""
    switch = switch_outbound(on=on, by=by, reason=reason)
    if on:
        release_held(held_by=("switch",))
    return switch


@transaction.atomic
def switch_tenant(*, tenant: Tenant, on: bool, by: str, reason: str = "") -> bool:
    """Set a tenant's switch; returns False when it was so already."""
    return _set_switch(tenant, tenant=tenant, channel=None, on=on, by=by, reason=reason)


@transaction.atomic
def switch_channel(*, channel: Channel, on: bool, by: str, reason: str = "") -> bool:
    """Set a channel's switch; returns False when it was so already."""
    return _set_switch(channel, tenant=channel.tenant, channel=channel, on=on, by=by, reason=reason)


@transaction.atomic
def release_channel(*, channel: Channel, by: str) -> int:
    """Release what a switch or a problem of this channel held; returns how many messages."""
    Channel.objects.filter(pk=channel.pk).update(problem="")
    count = release_held(held_by=("switch", "channel"), channel=channel)
    record(tenant=channel.tenant, actor=by, action="held_released", subject=channel, count=count)
    return count


def _set_switch(
    row: Tenant | Channel, *, tenant: Tenant, channel: Channel | None, on: bool, by: str, reason: str
) -> bool:
    rows = type(row)._default_manager.filter(pk=row.pk, outbound_enabled=not on)
    if not rows.update(outbound_enabled=on):
        return False
    SwitchChange.objects.create(tenant=tenant, channel=channel, is_on=on, by=by[:100], reason=reason[:200])
    record(tenant=tenant, actor=by, action="outbound_on" if on else "outbound_off", subject=row, reason=reason[:200])
    if on:
        release_held(held_by=("switch",), **({"channel": channel} if channel else {"tenant": tenant}))
    return True
