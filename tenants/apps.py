from django.utils.translation import gettext_lazy as _

from tenants.declarations import MANAGER, OWNER, VIEWER, DeclaredApp, Rights, ScheduledJob, SidebarEntry


class TenantsConfig(DeclaredApp):
    """Users, tenants, members, API keys, audit and the base classes of all apps."""

    name = "tenants"
    verbose_name = _("Businesses and people")
    rights = {
        "tenant": Rights(models=("Tenant",), see=VIEWER, act=MANAGER, edit=MANAGER),
        # Nobody gives, changes or removes a role above their own: tenants.members.
        "jobs": Rights(models=("TenantJobRun",), see=MANAGER, act=MANAGER),
        "members": Rights(models=("Member",), see=VIEWER, act=MANAGER, edit=MANAGER, add=MANAGER, delete=MANAGER),
        # Only keys that can do no more than the member: tenants.reach.
        "keys": Rights(models=("ApiKey",), see=MANAGER, act=MANAGER, edit=MANAGER, add=MANAGER),
        "webhooks": Rights(
            models=("WebhookEndpoint", "EmittedEvent", "WebhookDelivery"),
            see=MANAGER,
            act=MANAGER,
            edit=MANAGER,
            add=MANAGER,
        ),
        # With it somebody could report "approved" to a core service in the tenant's name.
        "signing": Rights(models=("SigningSecret",), see=OWNER, act=OWNER, add=OWNER),
        "answers": Rights(models=("StoredAnswer",), see=MANAGER),
        "audit": Rights(models=("AuditEntry",), see=MANAGER),
    }
    scopes = {
        "webhooks:read": ("webhooks.see",),
        "webhooks:write": ("webhooks.add", "webhooks.edit", "webhooks.act"),
        "signing:read": ("signing.see",),
        "signing:write": ("signing.act",),
        "keys:read": ("keys.see",),
        "keys:write": ("keys.add", "keys.act"),
    }
    jobs = {
        "seal-audit": ScheduledJob(service="tenants.audit.seal", every_seconds=5),
        "note-audit": ScheduledJob(service="tenants.audit.record_heads", at=(3, 45)),
        "logins": ScheduledJob(service="tenants.logins.delete_old", at=(3, 40)),
        "forget-answers": ScheduledJob(service="tenants.idempotency.purge", every_seconds=3600),
        "forget-events": ScheduledJob(service="tenants.services.purge_events", at=(3, 45)),
        "tenant-jobs": ScheduledJob(service="tenants.services.plan_tenant_jobs", every_seconds=60),
        "forget-tenant-jobs": ScheduledJob(service="tenants.services.delete_old_job_runs", at=(3, 55)),
    }
    sidebar = (
        SidebarEntry(model="Tenant", group="Set-up", icon="storefront", place=10),
        SidebarEntry(model="Member", group="Set-up", icon="group", place=30),
        SidebarEntry(model="WebhookEndpoint", group="Set-up", icon="webhook", place=70),
        SidebarEntry(model="SigningSecret", group="Set-up", icon="signature", place=80),
        SidebarEntry(model="User", group="Set-up", icon="person", place=90),
        SidebarEntry(model="ApiKey", group="Set-up", icon="key", place=100),
        SidebarEntry(model="AuditEntry", group="Set-up", icon="history_edu", place=110),
    )

    def ready(self) -> None:
        from common.backoffice.base import acted
        from common.work.acts import register_acts, row_acted
        from tenants import services
        from tenants.admin_audit import record_act, record_row_act
        from tenants.models import WebhookDelivery

        acted.connect(record_act, dispatch_uid="tenants.admin_audit")
        row_acted.connect(record_row_act, dispatch_uid="tenants.row_audit")
        register_acts(WebhookDelivery, retry=lambda row, by: services.replay_delivery(delivery=row, by=by))
