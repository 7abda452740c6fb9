"""Tenants, the users of each, and the keys of programs."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey, BaseAPIKeyManager

from common.text.zone_names import zone_names
from tenants.roles import Role


class User(AbstractUser):
    """A person who logs in; what they may see follows from their memberships."""

    # A new value ends all sessions of this person, as a new password does.
    session_mark = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    language = models.CharField(
        max_length=10, blank=True, default="", db_default="", choices=settings.LANGUAGES,
        help_text=_("Of the back office; empty: as the browser asks."),
    )  # fmt: skip

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        key_salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(key_salt, self.password + self.session_mark, secret=secret, algorithm="sha256").hexdigest()


def known_timezone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in zone_names():
        raise ValidationError(_("%(name)s is not a time zone; write it like America/Sao_Paulo"), params={"name": name})


class Tenant(models.Model):
    """One business."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    timezone = models.CharField(max_length=50, default="UTC", validators=[known_timezone])
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    outbound_enabled = models.BooleanField(
        default=True, help_text=_("Off: messages are written but held until this is on again.")
    )
    resume_after_hours = models.FloatField(
        null=True, blank=True, help_text=_("Hours after the last human message; empty: the installation's default.")
    )
    requires_second_factor = models.BooleanField(
        default=False, db_default=False, help_text=_("Owners and managers must log in with a second factor.")
    )
    # Whether there is an endpoint for webhooks out; loaded with the row, so that a tenant without one costs nothing.
    emits_events = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class TenantQuerySet(models.QuerySet[Any]):
    """Queries begin with `.of(tenant)`."""

    def of(self, tenant: Tenant) -> Self:
        """Return only the rows of this tenant."""
        return self.filter(tenant=tenant)


class TenantModel(models.Model):
    """A row that belongs to one tenant and is never shown to another."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


class Member(TenantModel):
    """A user's place in a tenant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.AGENT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="one_membership_per_tenant")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class ApiKeyManager(BaseAPIKeyManager):
    """Creates keys; the key itself is shown once and stored as a hash."""


class ApiKey(AbstractAPIKey, TenantModel):
    """A program's key: one tenant, some scopes."""

    scopes = models.JSONField(default=list, help_text=_('For example ["sessions:read"], or ["*"] for all.'))
    # Names of approvers of the app approvals; that app stands above this one, and its API uses the names.
    approvers = models.JSONField(
        default=list, blank=True, help_text=_("Approvers whom the key speaks for when it decides.")
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    objects = ApiKeyManager()  # type: ignore[assignment, misc]  # the library's own hook

    class Meta(AbstractAPIKey.Meta):
        verbose_name = _("API key")  # type: ignore[assignment]  # lazy
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], condition=Q(revoked=False), name="one_live_key_per_name")
        ]


class OutboundSwitch(models.Model):
    """The installation's own kill switch, next to OUTBOUND_REPLY_ENABLED: one row; off stops every send."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_on = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.CharField(max_length=100, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = _("outbound switch")  # there is one row
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_outbound_switch")]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"
