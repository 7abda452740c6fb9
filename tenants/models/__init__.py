"""Models of this app, by topic."""

from tenants.models.answers import StoredAnswer
from tenants.models.audit import AuditEntry, AuditSeal
from tenants.models.core import (
    ApiKey,
    ApiKeyManager,
    Member,
    OutboundSwitch,
    Tenant,
    TenantModel,
    TenantQuerySet,
    User,
    known_timezone,
)
from tenants.models.job_runs import TenantJobRun
from tenants.models.people import LoginAttempt, RecoveryCode, SecondFactor
from tenants.models.signing import SigningSecret, check_secret, installations_secrets, new_secret, signing_secrets
from tenants.models.webhooks import EmittedEvent, WebhookDelivery, WebhookEndpoint
from tenants.roles import Role

__all__ = [
    "ApiKey",
    "ApiKeyManager",
    "AuditEntry",
    "AuditSeal",
    "EmittedEvent",
    "LoginAttempt",
    "Member",
    "OutboundSwitch",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "SigningSecret",
    "StoredAnswer",
    "Tenant",
    "TenantJobRun",
    "TenantModel",
    "TenantQuerySet",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
    "check_secret",
    "installations_secrets",
    "known_timezone",
    "new_secret",
    "signing_secrets",
]
