"""What whoever makes, changes or revokes a key may do themselves: no key carries more than that.

One comparison for the API, the back office and commands, for members and keys alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tenants.models import Role
from tenants.rights import EVERYTHING, may, scopes_to_give


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The scopes that somebody can put on a key, and the approvers whom they can let it speak for."""

    scopes: frozenset[str] = frozenset()
    approvers: frozenset[str] | None = frozenset()  # None: every approver

    def opens(self, scope: str) -> bool:
        """Whether one scope is within it."""
        return EVERYTHING in self.scopes or scope in self.scopes

    def beyond(self, *, scopes: Iterable[str], approvers: Iterable[str]) -> list[str]:
        """What a key with these would carry beyond it, as words for the person; empty: nothing."""
        names = [] if self.approvers is None else [name for name in approvers if name not in self.approvers]
        return [scope for scope in scopes if not self.opens(scope)] + [f"approver {name}" for name in names]


# The operator of the installation: superusers in the back office, and commands.
OPERATOR = Reach(scopes=frozenset({EVERYTHING}), approvers=None)


def reach_of(role: Role | None) -> Reach:
    """The reach of a member of this role; of nobody, without one."""
    if role is None:
        return Reach()
    return Reach(scopes=scopes_to_give(role), approvers=None if may(role, "approvers.edit") else frozenset())
