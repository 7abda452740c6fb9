"""Nouns of this app, by topic."""

from tenants.models.answers import StoredAnswer
from tenants.models.audit import AuditEntry, AuditSeal
from tenants.models.core import (
    ApiKey,
    ApiKeyManager,
    Member,
    OutboundSwitch,
    Role,
    Tenant,
    TenantModel,
    TenantQuerySet,
    User,
    known_timezone,
)
from tenants.models.people import LoginAttempt, RecoveryCode, SecondFactor
from tenants.models.rates import CallRate
from tenants.models.webhooks import EmittedEvent, WebhookDelivery, WebhookEndpoint, new_secret

__all__ = [
    "ApiKey",
    "ApiKeyManager",
    "AuditEntry",
    "AuditSeal",
    "CallRate",
    "EmittedEvent",
    "LoginAttempt",
    "Member",
    "OutboundSwitch",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "StoredAnswer",
    "Tenant",
    "TenantModel",
    "TenantQuerySet",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
    "known_timezone",
    "new_secret",
]
