"""A row of any model, and the models that there are: for guards that walk them all."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import reverse

from tenants.models import Tenant

OURS = ("tenants", "messaging", "assistant", "common", "privacy", "approvals", "alerts", "reminders", "reports")
# Of the installation, not of a tenant: pages for its operator alone.
OF_THE_INSTALLATION = {
    "tenants.User", "tenants.OutboundSwitch", "common.Heartbeat", "common.RateBucket", "common.CircuitBreaker",
    "tenants.LoginAttempt", "tenants.SecondFactor", "tenants.RecoveryCode", "tenants.AuditSeal",
    "alerts.Notice", "alerts.LastCheck", "reports.RollUp",
}  # fmt: skip

MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]
TENANT_PAGES = [model for model in MODELS if model._meta.label not in OF_THE_INSTALLATION]


def name_of(model):
    return model._meta.label


def a_value(field: models.Field, tenant: Tenant, made: dict[Any, models.Model]) -> Any:
    if isinstance(field, models.ForeignKey):
        return make_row(field.remote_field.model, tenant, made)
    if isinstance(field, models.DateTimeField):
        from django.utils import timezone

        return timezone.now()
    if isinstance(field, models.DateField):
        return date(2026, 12, 1)
    if isinstance(field, models.TimeField):
        return time(9, 0)
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.IntegerField):
        return 1
    if isinstance(field, models.BinaryField):
        return b"{}"
    if field.choices:
        return field.choices[0][0]
    return f"of {tenant.slug}"[: field.max_length or 50]


def make_row(model: type[models.Model], tenant: Tenant, made: dict[Any, models.Model]) -> models.Model:
    """A row of any model that belongs to `tenant`, with all that it needs."""
    if model is Tenant:
        return tenant
    if model in made:
        return made[model]
    values = {
        field.name: a_value(field, tenant, made)
        for field in model._meta.concrete_fields
        if not (field.null or field.has_default() or field.has_db_default())
        and not (field.primary_key and not field.remote_field)
        and not (field.blank and not field.remote_field)
        and not getattr(field, "auto_now_add", False)
        and not getattr(field, "auto_now", False)
    }
    if model._meta.label == "messaging.WebhookEvent":
        values["channel"] = make_row(apps.get_model("messaging.Channel"), tenant, made)
    if model._meta.label == "messaging.Channel":
        values["provider"] = "evolution"
    if model._meta.label in {
        "tenants.AuditEntry",
        "tenants.StoredAnswer",
        "alerts.Alert",
    }:  # the installation's own have none
        values["tenant"] = tenant
    if model._meta.label == "tenants.ApiKey":
        values |= {"id": f"{tenant.slug}.hash", "prefix": tenant.slug, "name": f"of {tenant.slug}"}
    made[model] = model._default_manager.create(**values)
    return made[model]


def page(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)
