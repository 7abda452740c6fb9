"""Admin pages of people's time zones and calendars, and of the rate limit for reminders."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reminders import services
from reminders.fields import feed_url
from reminders.models import PersonalClock, ZoneSource
from tenants.access import ScopedFilter, TenantAdmin


@admin.register(PersonalClock)
class PersonalClockAdmin(TenantAdmin):
    """A person's time zone: a change moves their reminders, which keep their local time."""

    list_display = ["contact", "zone", "source", "tenant"]
    list_select_related = ["contact", "tenant"]
    list_filter = ["source", ("tenant", ScopedFilter)]
    search_fields = ["contact__name", "zone"]
    fields = ["contact", "zone", "source", "calendar_address"]
    readonly_fields = ["contact", "source", "calendar_address"]
    actions = ["renew"]

    @admin.display(description=_("calendar address, for this person alone"))
    def calendar_address(self, row: PersonalClock) -> str:
        return feed_url(row)

    def save_model(self, request: HttpRequest, obj: PersonalClock, form: Any, change: bool) -> None:
        by = request.user.get_username()
        services.set_zone(contact=obj.contact, zone=form.cleaned_data["zone"], source=ZoneSource.SET, by=by)

    @admin.action(description=_("New calendar address: the old one ends"), permissions=["act"])
    def renew(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.renew_feed(contact=row.contact, by=by), str(_("New address")))
