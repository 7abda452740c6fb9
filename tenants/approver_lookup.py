"""What this app asks of approvals, which stands above it: which logins, addresses and keys decide as an approver.

Whoever can log in as an approver, write from an approver's address, has a key that names one, or knows the secret that
verifies the messages of a channel on which one is asked, could decide as that approver. So giving somebody such a
login, address, key or secret needs the right to edit approvers. `approvals.apps` registers the answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tenants.models import Tenant, User

EDIT_APPROVERS = "approvers.edit"  # the right that giving one needs


class ApproverLookup(Protocol):
    """The questions that approvals answers."""

    def names(self, tenant: Tenant) -> set[str]:
        """Return the names of the tenant's approvers."""

    def linked(self, user: User) -> list[Tenant]:
        """Return the tenants in which this login decides as an approver."""

    def speaks_from(self, tenant: Tenant, values: Iterable[str]) -> bool:
        """Return whether one of these addresses belongs to an approver."""

    def asked_on(self, channel_id: int) -> bool:
        """Return whether approvers are asked on this channel."""


class _NoApprovers:
    """The answers of an installation without approvals."""

    def names(self, tenant: Tenant) -> set[str]:
        return set()

    def linked(self, user: User) -> list[Tenant]:
        return []

    def speaks_from(self, tenant: Tenant, values: Iterable[str]) -> bool:
        return False

    def asked_on(self, channel_id: int) -> bool:
        return False


_known: list[ApproverLookup] = [_NoApprovers()]


def register(seats: ApproverLookup) -> None:
    """Register who answers; called once, when the apps are ready."""
    _known[0] = seats


def approver_lookup() -> ApproverLookup:
    """Return the registered answers."""
    return _known[0]
