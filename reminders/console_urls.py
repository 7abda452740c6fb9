"""Pages of reminders below /admin/ that belong to no model."""

from django.contrib import admin
from django.urls import path

from reminders.admin import calendar_page

urlpatterns = [
    path("reminders-calendar/", admin.site.admin_view(calendar_page.calendar), name="reminders_month"),
]
