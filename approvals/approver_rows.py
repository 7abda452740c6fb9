"""Which logins, addresses and keys decide as an approver; apps below ask this before they give one to somebody."""

from __future__ import annotations

from collections.abc import Iterable

from approvals.models import Approver, ApproverAddress
from common.text.phone_numbers import canonical, comparison_key
from tenants.models import Tenant, User


class ApproverRows:
    """Answers from the rows of approvers, also inactive ones, because they can become active again."""

    def names(self, tenant: Tenant) -> set[str]:
        """Return the names of the tenant's approvers."""
        return set(Approver.objects.of(tenant).values_list("name", flat=True))

    def linked(self, user: User) -> list[Tenant]:
        """Return the tenants in which this login decides as an approver."""
        return list(Tenant.objects.filter(approver__member__user=user).distinct())

    def speaks_from(self, tenant: Tenant, values: Iterable[str]) -> bool:
        """Return whether one of these addresses belongs to an approver."""
        known = {spelling for value in values for spelling in (canonical(value), comparison_key(value))}
        return ApproverAddress.objects.of(tenant).filter(canonical__in=known).exists()

    def asked_on(self, channel_id: int) -> bool:
        """Return whether approvers are asked on this channel."""
        return ApproverAddress.objects.filter(channel=channel_id).exists()
