"""Admin pages of channels: state, secrets (write-only), webhook, kill switch."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.work.rows import State
from messaging.admin.channel_form import NewChannelForm, channel_form, secret_names
from messaging.admin.connect import ConnectPage
from messaging.admin.switches import asked_why
from messaging.models import Channel, Message
from messaging.providers.base import ProviderError
from messaging.queries import credentials_of, provider_of, webhook_url
from messaging.services.channels import change_secrets, check_channel, fetch_qr, register_webhook
from messaging.services.switches import release_channel, switch_channel
from messaging.services.webhook_test import run_webhook_test
from tenants.access import ScopedFilter

QR_LIFE = timedelta(seconds=60)
IMAGE = re.compile(r"^data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+$")
SETTINGS = [
    "name", "owner_addresses", "is_enabled", "shows_typing", "marks_read", "messages_per_second", "allowed_links",
    "reopen_template",
]  # fmt: skip
FACTS = ["tenant", "provider", "external_id", "connection_now", "problem", "outbound_enabled", "created_at"]


@admin.register(Channel)
class ChannelAdmin(ConnectPage):
    """Channels.

    Only the operator of the installation adds one, because the installation's credentials may apply to it.
    """

    list_display = ["name", "provider", "external_id", "tenant", "connection", "outbound_enabled", "problem"]
    list_select_related = ["tenant"]
    list_filter = ["provider", "is_enabled", "outbound_enabled", ("tenant", ScopedFilter)]
    search_fields = ["name", "external_id"]
    actions = ["test", "check_connection", "register", "new_qr", "release", "hold", "let_go"]
    page_template = "messaging/channel.html"

    class Media:
        js = ["messaging/copy.js"]

    @display(description=_("Connection"), label={"good": "success", "bad": "danger", "unknown": "info"})
    def connection(self, row: Channel) -> tuple[str, str]:
        if row.problem or not row.is_enabled:
            return "bad", str(_("problem") if row.problem else _("disabled"))
        good = row.connection_state in ("open", "ok", "connected", "active")
        return "good" if good else "unknown", row.connection_state or str(_("not checked"))

    @admin.display(description=_("Connection"))
    def connection_now(self, row: Channel) -> str:
        return str(self.connection(row)[1])

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return [(None, {"fields": ["tenant", "provider", "name", "external_id"]})]
        secrets = [(_("New secrets"), {"fields": [f"secret_{name}" for name in secret_names(obj)]})]
        is_theirs = self.sets_secrets(request, obj)
        return [(None, {"fields": SETTINGS}), *(secrets if is_theirs else []), (_("Facts"), {"fields": FACTS})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else FACTS

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewChannelForm
        elif self.has_change_permission(request, obj):
            kwargs["form"] = channel_form(obj)
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        by = request.user.get_username()
        super().save_model(request, obj, form, change)
        given = form.secrets() if change and self.sets_secrets(request, obj) else {}
        if given:
            change_secrets(channel=obj, given=given, actor=by)
        if change and obj.is_enabled and "is_enabled" in form.changed_data:
            release_channel(channel=obj, by=by)

    def response_add(self, request: HttpRequest, obj: Channel, post_url_continue: Any = None) -> HttpResponse:
        """Redirect from a new channel to the page that connects it."""
        if "_save" not in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)  # type: ignore[no-any-return]  # Unfold has no types
        self.message_user(request, _("%s is there. Connect it now, step by step.") % obj.name, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:messaging_channel_connect", args=[obj.pk]))

    def is_action_offered(self, action: str, row: Channel) -> bool:
        provider = provider_of(row)
        return {
            "register": provider.can_register_webhook,
            "new_qr": hasattr(provider, "fetch_qr"),
            # A disabled channel would hold them again at once.
            "release": row.outbound_enabled,
            "hold": row.outbound_enabled,
            "let_go": not row.outbound_enabled,
        }.get(action, True)

    def build_page_context(self, request: HttpRequest, row: Channel) -> dict[str, Any]:
        if not self.has_change_permission(request, row):
            return {}
        own, all_names = row.credentials, credentials_of(row)
        fresh = row.qr_at is not None and row.qr_at > timezone.now() - QR_LIFE
        return {
            "connect_address": reverse("admin:messaging_channel_connect", args=[row.pk]),
            "webhook_address": webhook_url(row),
            "secrets": [
                (
                    name,
                    _("set") if name in own else _("from the settings") if name in all_names else "",
                    name in provider_of(row).required_credentials,
                )
                for name in provider_of(row).credential_names
            ],
            "has_qr": hasattr(provider_of(row), "fetch_qr"),
            "qr": row.qr if fresh and IMAGE.match(row.qr) else "",
            "held": Message.objects.filter(channel=row, state=State.HELD).count(),
        }

    @admin.action(description=_("Test the webhook"), permissions=["act"])
    def test(self, request: HttpRequest, rows: QuerySet) -> None:
        for row in self.filter_actable(request, rows.select_related("tenant")):
            for step in run_webhook_test(channel=row).steps:
                level = messages.SUCCESS if step.ok else messages.ERROR
                self.message_user(request, f"{row.name}, {step.step}: {step.message}", level)

    @admin.action(description=_("Check the connection"), permissions=["act"])
    def check_connection(self, request: HttpRequest, rows: QuerySet) -> None:
        self._ask(request, rows, lambda row: check_channel(channel=row))

    @admin.action(description=_("Register the webhook"), permissions=["act"])
    def register(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self._ask(request, rows, lambda row: register_webhook(channel=row, actor=by))

    @admin.action(description=_("Fetch a new QR code"), permissions=["act"])
    def new_qr(self, request: HttpRequest, rows: QuerySet) -> None:
        def fetch(row: Channel) -> Any:
            return _("scan the code within a minute") if fetch_qr(channel=row) else _("the phone is linked already")

        self._ask(request, rows, fetch)

    @admin.action(description=_("Send held messages"), permissions=["act"])
    def release(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self._ask(request, rows, lambda row: _("%s messages") % release_channel(channel=row, by=by))

    @admin.action(description=_("Hold messages"), permissions=["act"])
    def hold(self, request: HttpRequest, rows: QuerySet) -> HttpResponseRedirect:
        return asked_why(f"channel-{rows.values_list('pk', flat=True).first()}")

    @admin.action(description=_("Let messages out, the held ones first"), permissions=["act"])
    def let_go(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: switch_channel(channel=row, on=True, by=by), str(_("Let out")))

    def _ask(self, request: HttpRequest, rows: QuerySet, question: Callable[[Channel], Any]) -> None:
        """Call `question` with each channel, and show the errors of its provider."""
        for row in self.filter_actable(request, rows.select_related("tenant")):
            try:
                answer, level = question(row), messages.SUCCESS
            except ProviderError as error:
                answer, level = error.reason, messages.ERROR
            self.message_user(request, f"{row.name}: {answer}", level)
