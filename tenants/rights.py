"""What each role may do with what: the one table, for the back office and for members at the API alike.

A right names the least role that has it; None leaves it to the operator of the installation (a superuser), who may do
all that a page offers. At the API "read" is `see`; "write" is `act`, or `edit` where there is nothing to act on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tenants.models import Role

RANKS = {Role.VIEWER: 1, Role.AGENT: 2, Role.MANAGER: 3, Role.OWNER: 4}
VIEWER, AGENT, MANAGER, OWNER = Role.VIEWER, Role.AGENT, Role.MANAGER, Role.OWNER


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The least role for each thing that can be done with a kind of rows."""

    models: tuple[str, ...] = ()
    see: Role | None = None
    act: Role | None = None  # the buttons of a page: pause, retry, revoke
    edit: Role | None = None
    add: Role | None = None
    delete: Role | None = None


# What is not named here is the operator's alone. The keys are the words before the colon of the API's scopes.
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
    # Which two contacts are one person shows in what every answer says: a manager parts them again.
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
    # Any agent proposes, on the page of a session; a manager approves.
    "proposals": Rights(models=("assistant.KnowledgeProposal",), see=VIEWER, act=MANAGER),
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
    # Nobody gives, changes or takes away a role above their own: tenants.members.
    "members": Rights(models=("tenants.Member",), see=VIEWER, act=MANAGER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    "keys": Rights(models=("tenants.ApiKey",), see=MANAGER, act=MANAGER, edit=MANAGER, add=MANAGER),
    "webhooks": Rights(
        models=("tenants.WebhookEndpoint", "tenants.EmittedEvent", "tenants.WebhookDelivery"), see=MANAGER, act=MANAGER,
        edit=MANAGER, add=MANAGER,
    ),
    # The core service asks with a key; a member decides only as the approver that is linked to them.
    "candidates": Rights(
        models=(
            "approvals.Candidate", "approvals.Seat", "approvals.Prompt", "approvals.Shown", "approvals.Timer",
            "approvals.AskQueue", "approvals.Revision", "approvals.Vote", "approvals.Step",
        ), see=VIEWER, act=MANAGER,
    ),
    "decisions": Rights(see=VIEWER, act=AGENT),
    "approvers": Rights(
        models=("approvals.Approver", "approvals.ApproverAddress"), see=VIEWER, edit=MANAGER, add=MANAGER,
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


def rights_on(model: str) -> Rights:
    """The rights on a model by its label, such as "messaging.Contact"."""
    return _BY_MODEL.get(model, NOBODY)


def has_rank(role: Role | None, least: Role | None) -> bool:
    """Whether a role is at least the other. None has no rank, and is reached by none."""
    return role is not None and least is not None and RANKS[role] >= RANKS[least]


def may(role: Role, scope: str) -> bool:
    """Whether a member of this role may do what an API scope names, such as "sessions:write"."""
    resource, _, verb = scope.partition(":")
    rights = RESOURCES.get(resource, NOBODY)
    if verb == "read":
        return has_rank(role, rights.see)
    return verb == "write" and has_rank(role, rights.act or rights.edit)


def scopes_of(role: Role, known: Iterable[str]) -> tuple[str, ...]:
    """Those of the known scopes that a member of this role has."""
    return tuple(scope for scope in known if may(role, scope))
