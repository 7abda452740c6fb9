"""The table of rights: what each role may do with what, for the back office and the API, for members and keys.

A right is written "resource.action", such as "labels.add", and has a least role; None leaves it to the operator of the
installation (a superuser), who may do everything that a page of the back office offers. Each app declares its rights
and scopes in its `apps.py` (`tenants.declarations`). Each method of the API names the right that it needs
(`TenantView.needs`); a key has it when one of its scopes contains it.
"""

from __future__ import annotations

from functools import cache

from tenants.declarations import RESOURCES, SCOPES, Rights
from tenants.roles import Role

RANKS = {Role.VIEWER: 1, Role.AGENT: 2, Role.MANAGER: 3, Role.OWNER: 4}
ACTIONS = ("see", "act", "edit", "add", "delete")
NOBODY = Rights()
EVERYTHING = "*"  # the scope that contains everything, now and later; only owners give it


def rights_on(model: str) -> Rights:
    """Return the rights on a model by its label, such as "messaging.Contact"."""
    return _by_model().get(model, NOBODY)


def least_role(need: str) -> Role | None:
    """Return the least role that has a right such as "labels.add"; None: no role has it."""
    resource, _, action = need.partition(".")
    found: Role | None = getattr(RESOURCES.get(resource, NOBODY), action, None) if action in ACTIONS else None
    return found


def scope_of(need: str) -> str:
    """Return the scope that contains a right; "" when none does."""
    return _scope_of().get(need, "")


def has_rank(role: Role | None, least: Role | None) -> bool:
    """Return whether a role is at least the other. None has no rank, and no role reaches it."""
    return role is not None and least is not None and RANKS[role] >= RANKS[least]


def may(role: Role | None, need: str) -> bool:
    """Return whether a member of this role has a right such as "labels.add"."""
    return has_rank(role, least_role(need))


def needs_of(role: Role) -> list[str]:
    """Return all rights at the API of a member of this role."""
    return [need for need in _scope_of() if may(role, need)]


def scopes_of(role: Role) -> list[str]:
    """Return the scopes of which a member of this role has some right."""
    return [scope for scope, needs in SCOPES.items() if any(may(role, need) for need in needs)]


def scopes_to_give(role: Role) -> frozenset[str]:
    """Return the scopes that a member of this role may put on a key: those without a right above the role."""
    given = {scope for scope, needs in SCOPES.items() if all(may(role, need) for need in needs)}
    return frozenset(given | {EVERYTHING} if role == Role.OWNER else given)


@cache
def _by_model() -> dict[str, Rights]:
    return {model: rights for rights in RESOURCES.values() for model in rights.models}


@cache
def _scope_of() -> dict[str, str]:
    return {need: scope for scope, needs in SCOPES.items() for need in needs}
