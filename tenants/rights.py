"""The table of rights: what each role may do with what, for the back office and the API, for members and keys.

A right is written "resource.action", such as "labels.add", and has a least role; None leaves it to the operator of the
installation (a superuser), who may do everything that a page of the back office offers. Each method of the API names
the right that it needs (`TenantView.needs`); a key has it when one of its scopes contains it (`SCOPES`).
"""

from __future__ import annotations

from dataclasses import dataclass

from tenants.models import Role

RANKS = {Role.VIEWER: 1, Role.AGENT: 2, Role.MANAGER: 3, Role.OWNER: 4}
ACTIONS = ("see", "act", "edit", "add", "delete")
VIEWER, AGENT, MANAGER, OWNER = Role.VIEWER, Role.AGENT, Role.MANAGER, Role.OWNER


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The least role for each action on a kind of rows."""

    models: tuple[str, ...] = ()
    see: Role | None = None
    act: Role | None = None  # the buttons of a page: pause, retry, revoke
    edit: Role | None = None
    add: Role | None = None
    delete: Role | None = None


# What is not listed here is for the operator only.
RESOURCES: dict[str, Rights] = {
    "sessions": Rights(
        models=("messaging.Conversation", "messaging.Note", "messaging.ConversationLabel", "messaging.Writing"),
        see=VIEWER,
        act=AGENT,
    ),
    "messages": Rights(
        models=("messaging.Message", "messaging.Attempt", "messaging.MediaFile", "assistant.Transcription"),
        see=VIEWER,
        act=AGENT,
    ),
    "contacts": Rights(
        models=("messaging.Contact", "messaging.ContactAddress"), see=VIEWER, act=AGENT, edit=MANAGER
    ),
    # A merge changes which messages count as one person's, so only a manager undoes it.
    "merges": Rights(models=("messaging.ContactMerge",), see=VIEWER, act=MANAGER),
    "labels": Rights(models=("messaging.Label",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    "replies": Rights(models=("messaging.CannedReply",), see=VIEWER, edit=AGENT, add=AGENT, delete=AGENT),
    "templates": Rights(models=("messaging.MessageTemplate",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    "facts": Rights(models=("assistant.Fact",), see=VIEWER, edit=MANAGER, delete=AGENT),
    "turns": Rights(
        models=("assistant.Turn", "assistant.TurnStep", "assistant.Handoff"), see=VIEWER, act=AGENT
    ),
    "spend": Rights(models=("assistant.Spend",), see=VIEWER),
    "knowledge": Rights(models=("assistant.KnowledgeEntry",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    # Any agent proposes, on the page of a session or by the API; a manager approves.
    "proposals": Rights(models=("assistant.KnowledgeProposal",), see=VIEWER, act=MANAGER, add=AGENT),
    "assistant": Rights(models=("assistant.AssistantProfile",), see=VIEWER, edit=MANAGER, add=MANAGER),
    "reminders": Rights(
        models=("reminders.Reminder", "reminders.Occurrence"), see=VIEWER, act=AGENT,
        edit=AGENT, add=AGENT,
    ),
    "clocks": Rights(models=("reminders.PersonalClock",), see=VIEWER, act=AGENT, edit=AGENT),
    "tasks": Rights(models=("reminders.Task",), see=VIEWER, act=AGENT, edit=AGENT, add=AGENT),
    "channels": Rights(models=("messaging.Channel",), see=VIEWER, act=MANAGER, edit=MANAGER),
    "events": Rights(
        models=("messaging.WebhookEvent", "messaging.WebhookItem", "messaging.PendingStatus"), see=VIEWER, act=AGENT
    ),
    "alerts": Rights(models=("alerts.Alert",), see=VIEWER),
    "waiting": Rights(models=("alerts.WaitingRule",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    "tenant": Rights(models=("tenants.Tenant",), see=VIEWER, act=MANAGER, edit=MANAGER),
    # Nobody gives, changes or removes a role above their own: tenants.members.
    "members": Rights(models=("tenants.Member",), see=VIEWER, act=MANAGER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    # Only keys that can do no more than the member: tenants.reach.
    "keys": Rights(models=("tenants.ApiKey",), see=MANAGER, act=MANAGER, edit=MANAGER, add=MANAGER),
    "webhooks": Rights(
        models=("tenants.WebhookEndpoint", "tenants.EmittedEvent", "tenants.WebhookDelivery"), see=MANAGER, act=MANAGER,
        edit=MANAGER, add=MANAGER,
    ),
    # With it somebody could report "approved" to a core service in the tenant's name.
    "signing": Rights(models=("tenants.SigningSecret",), see=OWNER, act=OWNER, add=OWNER),
    # The core service asks with a key; a member decides only as the approver that is linked to them.
    "candidates": Rights(
        models=(
            "approvals.Candidate", "approvals.CandidateApprover", "approvals.Question", "approvals.ShownCandidate",
            "approvals.Timer",
            "approvals.AskQueue", "approvals.Revision", "approvals.Vote", "approvals.TrailEntry",
        ), see=VIEWER, act=MANAGER, add=MANAGER,
    ),
    "decisions": Rights(see=VIEWER, act=AGENT),
    # Whoever sets which login, number or key decides as an approver could decide as all of them: owners only.
    "approvers": Rights(
        models=("approvals.Approver", "approvals.ApproverAddress"), see=VIEWER, edit=OWNER, add=OWNER,
    ),
    "policies": Rights(models=("approvals.Policy",), see=VIEWER, edit=OWNER, add=OWNER, delete=OWNER),
    "switches": Rights(models=("messaging.SwitchChange",), see=VIEWER),
    "views": Rights(models=("messaging.SavedView",), see=MANAGER),
    "figures": Rights(models=("reports.HourlyFigures", "reports.AnswerTimes"), see=VIEWER),
    "answers": Rights(models=("tenants.StoredAnswer",), see=MANAGER),
    "audit": Rights(models=("tenants.AuditEntry",), see=MANAGER),
}  # fmt: skip
NOBODY = Rights()
_BY_MODEL = {model: rights for rights in RESOURCES.values() for model in rights.models}

# The rights that each scope of a key contains: every right that a method of the API needs is in one scope.
SCOPES: dict[str, tuple[str, ...]] = {
    "sessions:read": ("sessions.see", "messages.see", "labels.see", "members.see"),
    "sessions:write": ("sessions.act", "messages.act", "labels.add", "labels.edit", "labels.delete"),
    "contacts:read": ("contacts.see", "merges.see"),
    "contacts:write": ("contacts.act", "contacts.edit", "merges.act"),
    "channels:read": ("channels.see", "templates.see"),
    "channels:write": ("channels.act",),
    "knowledge:read": ("knowledge.see", "proposals.see"),
    "knowledge:write": ("knowledge.add", "knowledge.edit", "knowledge.delete", "proposals.add", "proposals.act"),
    "reminders:read": ("reminders.see", "clocks.see"),
    "reminders:write": ("reminders.add", "reminders.edit", "reminders.act", "clocks.edit", "clocks.act"),
    "tasks:read": ("tasks.see",),
    "tasks:write": ("tasks.add", "tasks.edit", "tasks.act"),
    "replies:read": ("replies.see",),
    "replies:write": ("replies.add", "replies.edit", "replies.delete"),
    "webhooks:read": ("webhooks.see",),
    "webhooks:write": ("webhooks.add", "webhooks.edit", "webhooks.act"),
    "signing:read": ("signing.see",),
    "signing:write": ("signing.act",),
    "keys:read": ("keys.see",),
    "keys:write": ("keys.add", "keys.act"),
    "candidates:read": ("candidates.see", "approvers.see"),
    "candidates:write": ("candidates.add", "candidates.act"),
    "decisions:write": ("decisions.act",),
}
EVERYTHING = "*"  # the scope that contains everything, now and later; only owners give it
_SCOPE_OF = {need: scope for scope, needs in SCOPES.items() for need in needs}


def rights_on(model: str) -> Rights:
    """Return the rights on a model by its label, such as "messaging.Contact"."""
    return _BY_MODEL.get(model, NOBODY)


def least_role(need: str) -> Role | None:
    """Return the least role that has a right such as "labels.add"; None: no role has it."""
    resource, _, action = need.partition(".")
    found: Role | None = getattr(RESOURCES.get(resource, NOBODY), action, None) if action in ACTIONS else None
    return found


def scope_of(need: str) -> str:
    """Return the scope that contains a right; "" when none does."""
    return _SCOPE_OF.get(need, "")


def has_rank(role: Role | None, least: Role | None) -> bool:
    """Return whether a role is at least the other. None has no rank, and no role reaches it."""
    return role is not None and least is not None and RANKS[role] >= RANKS[least]


def may(role: Role | None, need: str) -> bool:
    """Return whether a member of this role has a right such as "labels.add"."""
    return has_rank(role, least_role(need))


def needs_of(role: Role) -> list[str]:
    """Return all rights at the API of a member of this role."""
    return [need for need in _SCOPE_OF if may(role, need)]


def scopes_of(role: Role) -> list[str]:
    """Return the scopes of which a member of this role has some right."""
    return [scope for scope, needs in SCOPES.items() if any(may(role, need) for need in needs)]


def scopes_to_give(role: Role) -> frozenset[str]:
    """Return the scopes that a member of this role may put on a key: those without a right above the role."""
    given = {scope for scope, needs in SCOPES.items() if all(may(role, need) for need in needs)}
    return frozenset(given | {EVERYTHING} if role == OWNER else given)
