"""The page that connects a channel: what to get, what to paste, and a test that follows a message to the outbox."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from messaging.admin.channel_form import secret_names
from messaging.models import Channel, Direction, Message, WebhookEvent
from messaging.providers.base import ConnectGuide, ProviderError
from messaging.queries import credentials_of, provider_of, webhook_url
from messaging.services.channels import change_secrets, check_channel, register_webhook
from messaging.services.webhook_test import WebhookTestStep, run_webhook_test
from tenants.approver_lookup import EDIT_APPROVERS, approver_lookup
from tenants.backoffice import TenantAdmin
from tenants.rights import least_role

MAX_SECRET = 2000
# The name of each test step on the page.
STEPS = {
    "signature": gettext_lazy("Signature"),
    "parse": gettext_lazy("Body"),
    "route": gettext_lazy("Route"),
    "handlers": gettext_lazy("Handler"),
    "outbox": gettext_lazy("Outbox"),
    "connection": gettext_lazy("Connection"),
    "registration": gettext_lazy("Registration"),
    "secrets": gettext_lazy("Secrets"),
}


class ConnectPage(TenantAdmin):
    """Adds the connect page beside a channel's own page."""

    def get_urls(self) -> list[URLPattern]:
        view = never_cache(require_http_methods(["GET", "POST"])(self.connect_view))
        route = path("<int:pk>/connect/", self.admin_site.admin_view(view), name="messaging_channel_connect")
        return [route, *super().get_urls()]

    def connect_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the steps; a POST does one and shows its result."""
        row: Channel | None = self.get_queryset(request).select_related("tenant").filter(pk=pk).first()
        if row is None or not self.has_act_permission(request, row):
            raise Http404
        done = self._done(request, row, request.POST.get("do", ""))
        done["steps"] = [(STEPS.get(step.step, step.step), step) for step in done.get("steps", [])]
        row.refresh_from_db()
        context = {**self.admin_site.each_context(request), **_state(row), **done, "opts": self.opts, "original": row}
        return render(request, "messaging/connect.html", {**context, "title": f"{_('Connect')} {row.name}"})

    def sets_secrets(self, request: HttpRequest, row: Channel) -> bool:
        """Return whether the user may set a channel's secrets.

        With them one can write as anybody on it, also as an approver.
        """
        need = EDIT_APPROVERS if approver_lookup().asked_on(row.pk) else "channels.edit"
        return self._may_in(request, least_role(need), row.tenant_id)

    def _done(self, request: HttpRequest, row: Channel, wanted: str) -> dict[str, Any]:
        if wanted in _SECRET and not self.sets_secrets(request, row):
            said = _("Approvers decide by this channel: an owner sets its secrets.")
            return {"steps": [WebhookTestStep(step="secrets", ok=False, message=said)]}
        return _DOES[wanted](request, row) if wanted in _DOES else {}


def _state(row: Channel) -> dict[str, Any]:
    known = credentials_of(row)
    provider = provider_of(row)
    got = WebhookEvent.objects.filter(channel=row).order_by("-pk").values_list("received_at", flat=True)
    sent = Message.objects.filter(channel=row, direction=Direction.OUT).exclude(delivery="").order_by("-pk")
    return {
        "guide": _guide(provider.guide),
        "webhook_address": webhook_url(row),
        "is_public": settings.PUBLIC_URL.startswith("https://"),
        "secrets": [
            (name, name in known, name in provider.required_credentials, name in secret_names(row))
            for name in provider.credential_names
        ],
        "can_register": provider.can_register_webhook,
        "last_webhook": got.first(),
        "last_sent": sent.values_list("created_at", flat=True).first(),
        "commands": _commands(row),
    }


def _commands(row: Channel) -> list[tuple[str, str]]:
    """Return (purpose, command); the commands contain no secrets, because shells store them in their history."""
    wanted = " ".join(f"--credential {name}=..." for name in provider_of(row).required_credentials)
    make = (
        f"bin/manage setup_channel --tenant {row.tenant.slug} --provider {row.provider} --name '{_quoted(row.name)}' "
        f"--external-id '{_quoted(row.external_id)}' {wanted}"
    )
    return [
        (_("Set the credentials from a shell"), make),
        (_("Check everything"), "bin/manage doctor"),
        (
            _("Send a message to your own phone"),
            f"bin/manage send_test_message --channel {row.pk} --to +... --text Test",
        ),
    ]


def _guide(guide: ConnectGuide) -> dict[str, Any]:
    """Return the steps in the language of the viewer."""
    return {
        "fetch": [_(line) for line in guide.fetch],
        "paste": [_(line) for line in guide.paste],
        "own_secret": guide.own_secret,
        "own_secret_label": _(guide.own_secret_label) if guide.own_secret_label else "",
        "header": guide.header,
    }


def _quoted(text: str) -> str:
    return text.replace("'", "'\\''")


def _test(request: HttpRequest, row: Channel) -> dict[str, Any]:
    return {"steps": run_webhook_test(channel=row, to_outbox=True).steps}


def _check(request: HttpRequest, row: Channel) -> dict[str, Any]:
    try:
        state = check_channel(channel=row)
    except ProviderError as error:
        return {"steps": [WebhookTestStep(step="connection", ok=False, message=error.reason)]}
    return {"steps": [WebhookTestStep(step="connection", ok=True, message=_("The provider says: %s") % state)]}


def _register(request: HttpRequest, row: Channel) -> dict[str, Any]:
    try:
        said = register_webhook(channel=row, actor=request.user.get_username())
    except ProviderError as error:
        return {"steps": [WebhookTestStep(step="registration", ok=False, message=error.reason)]}
    return {"steps": [WebhookTestStep(step="registration", ok=True, message=said)]}


def _keep(request: HttpRequest, row: Channel) -> dict[str, Any]:
    """Store the secrets that were typed into the page; none of them is shown again."""
    typed = {name: request.POST.get(name, "").strip() for name in secret_names(row)}
    given = {name: value for name, value in typed.items() if value}
    too_long = [name for name, value in given.items() if len(value) > MAX_SECRET or "\n" in value]
    if too_long or not given:
        said = _("This is no secret: %s") % ", ".join(too_long) if too_long else _("Nothing was entered.")
        return {"steps": [WebhookTestStep(step="secrets", ok=False, message=said)]}
    new = change_secrets(channel=row, given=given, actor=request.user.get_username())
    said = _("Kept: %s") % ", ".join(new) if new else _("They are the same as before.")
    return {"steps": [WebhookTestStep(step="secrets", ok=True, message=said)]}


def _make_secret(request: HttpRequest, row: Channel) -> dict[str, Any]:
    """Generate a secret and show it in this one response."""
    name = provider_of(row).guide.own_secret
    if not name:
        return {}
    value = secrets.token_urlsafe(24)
    change_secrets(channel=row, given={name: value}, actor=request.user.get_username())
    return {"new_secret": value}


_DOES = {"test": _test, "check": _check, "register": _register, "secret": _make_secret, "keep": _keep}
_SECRET = ("secret", "keep")
