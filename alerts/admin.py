"""Admin pages: alerts, their notices, and the waiting rules of tenants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from alerts.models import Alert, LastCheck, Notice, WaitingRule
from common.backoffice.base import AddressCheckAdmin, PageAdmin, ReadOnlyAdmin, WorkAdmin
from common.http.client import ForbiddenAddress, check_foreign
from common.text.reasons import translate_reason
from tenants.access import ScopedFilter, TenantAdmin, TenantInline

MAX_EMAILS = 10


class NoticeInline(TenantInline):
    """The notices of an alert."""

    model = Notice
    fields = readonly_fields = ["event", "medium", "state", "attempts", "last_error", "created_at"]
    show_change_link = False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin, TenantAdmin):
    """What is wrong now, and what was wrong before."""

    list_display = ["opened_at", "standing", "kind", "told", "tenant", "ended_at"]
    list_select_related = ["tenant"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "kind", ("tenant", ScopedFilter)]
    fields = ["told", "kind", "tenant", "opened_at", "ended_at"]
    inlines = [NoticeInline]

    @admin.display(description=_("text"))
    def told(self, row: Alert) -> str:
        return row.in_words()

    @display(description=_("State"), label={"open": "danger", "over": "success"})
    def standing(self, row: Alert) -> tuple[str, str]:
        return ("open", str(_("open"))) if row.ended_at is None else ("over", str(_("over")))


@admin.register(Notice)
class NoticeAdmin(WorkAdmin, PageAdmin):
    """Notices of alerts."""

    list_display = ["created_at", "alert", "event", "medium", "address", *WorkAdmin.work_columns]
    list_select_related = ["alert"]
    list_filter = ["state", "medium", "event"]


class WaitingRuleForm(forms.ModelForm):
    """The form of a waiting rule: addresses as words; the webhook must have a public address."""

    emails = forms.CharField(
        label=_("E-mails"), required=False, widget=UnfoldAdminTextInputWidget(), help_text=_("Separated by blanks.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["emails"] = " ".join(self.instance.emails)

    def clean_emails(self) -> list[str]:
        found: list[str] = self.cleaned_data["emails"].replace(",", " ").split()
        for address in found:
            validate_email(address)
        if len(found) > MAX_EMAILS:
            raise ValidationError(_("Up to %s addresses.") % MAX_EMAILS)
        if found and not settings.EMAIL_URL:
            raise ValidationError(_("This installation sends no e-mail: its operator sets EMAIL_URL."))
        return list(dict.fromkeys(found))

    address_problem = ""

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"].strip()
        if url and self.address_problem:
            raise ValidationError(self.address_problem)
        return url


@admin.register(WaitingRule)
class WaitingRuleAdmin(AddressCheckAdmin, TenantAdmin):
    """When people are notified that a customer waits, and when the assistant goes on."""

    form = WaitingRuleForm
    address_field = "webhook_url"
    list_display = ["tenant", "tell_after_minutes", "give_back_after_minutes"]
    list_select_related = ["tenant"]

    def find_address_problem(self, url: str) -> str:
        try:
            check_foreign(url)
        except ForbiddenAddress as error:
            return translate_reason(str(error))
        return ""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["tenant"] if obj is not None else []


@admin.register(LastCheck)
class LastCheckAdmin(ReadOnlyAdmin, PageAdmin):
    """When alerts were last evaluated."""

    list_display = ["looked_at"]
