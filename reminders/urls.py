"""Addresses of reminders outside of the API and the back office."""

from django.urls import path

from reminders import webhooks

urlpatterns = [path("calendar/<str:token>.ics", webhooks.calendar, name="reminders_calendar")]
