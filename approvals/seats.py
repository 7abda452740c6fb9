"""Whose word takes a seat: what the apps below ask before they give somebody a login, an address or a key."""

from __future__ import annotations

from collections.abc import Iterable

from approvals.models import Approver, ApproverAddress
from common.text.phone_numbers import canonical, comparison_key
from tenants.models import Tenant, User


class ApproversSeats:
    """Answers from the rows of approvers, also of those who are not active now: they can be again."""

    def names(self, tenant: Tenant) -> set[str]:
        """The names of the tenant's approvers."""
        return set(Approver.objects.of(tenant).values_list("name", flat=True))

    def linked(self, user: User) -> list[Tenant]:
        """The tenants in which this login speaks as an approver."""
        return list(Tenant.objects.filter(approver__member__user=user).distinct())

    def speaks_from(self, tenant: Tenant, values: Iterable[str]) -> bool:
        """Whether one of these addresses is an approver's."""
        known = {spelling for value in values for spelling in (canonical(value), comparison_key(value))}
        return ApproverAddress.objects.of(tenant).filter(canonical__in=known).exists()

    def asked_on(self, channel_id: int) -> bool:
        """Whether an approver's word comes in by this channel."""
        return ApproverAddress.objects.filter(channel=channel_id).exists()
