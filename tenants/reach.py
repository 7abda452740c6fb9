"""What a person may put on a key, change or revoke: no key can do more than its creator.

One comparison for the API, the back office and commands, for members and keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tenants.models import Role
from tenants.rights import EVERYTHING, may, scopes_to_give


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The scopes that somebody can put on a key, and the approvers for whom they can let it decide."""

    scopes: frozenset[str] = frozenset()
    approvers: frozenset[str] | None = frozenset()  # None: every approver

    def opens(self, scope: str) -> bool:
        """Return whether one scope is allowed."""
        return EVERYTHING in self.scopes or scope in self.scopes

    def beyond(self, *, scopes: Iterable[str], approvers: Iterable[str]) -> list[str]:
        """Return what a key with these would have beyond it, as words for people; empty: nothing."""
        names = [] if self.approvers is None else [name for name in approvers if name not in self.approvers]
        return [scope for scope in scopes if not self.opens(scope)] + [f"approver {name}" for name in names]


# The operator of the installation: superusers in the back office, and commands.
OPERATOR = Reach(scopes=frozenset({EVERYTHING}), approvers=None)


def reach_of(role: Role | None) -> Reach:
    """Return the reach of a member of this role; of nobody, without one."""
    if role is None:
        return Reach()
    return Reach(scopes=scopes_to_give(role), approvers=None if may(role, "approvers.edit") else frozenset())
