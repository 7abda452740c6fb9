"""What is asked of approvals, which stands above: whose word takes a seat where decisions are made.

Whoever can log in as an approver, write from an approver's address, hold a key that names one, or knows the secret that
proves the messages of a channel on which one is asked, could decide as that approver. So what gives somebody such a
login, address, key or secret takes the right to edit approvers. `approvals.apps`
fills this in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tenants.models import Tenant, User

EDITS_SEATS = "approvers.edit"  # the right without which no seat is given to anybody


class Seats(Protocol):
    """What approvals tell."""

    def names(self, tenant: Tenant) -> set[str]:
        """The names of the tenant's approvers."""

    def linked(self, user: User) -> list[Tenant]:
        """The tenants in which this login speaks as an approver."""

    def speaks_from(self, tenant: Tenant, values: Iterable[str]) -> bool:
        """Whether one of these addresses is an approver's."""

    def asked_on(self, channel_id: int) -> bool:
        """Whether an approver's word comes in by this channel."""


class _Nobody:
    """An installation without approvals."""

    def names(self, tenant: Tenant) -> set[str]:
        return set()

    def linked(self, user: User) -> list[Tenant]:
        return []

    def speaks_from(self, tenant: Tenant, values: Iterable[str]) -> bool:
        return False

    def asked_on(self, channel_id: int) -> bool:
        return False


_known: list[Seats] = [_Nobody()]


def fill_in(seats: Seats) -> None:
    """Say who answers; called once, when the apps are ready."""
    _known[0] = seats


def seats() -> Seats:
    """Whoever answers."""
    return _known[0]
