"""Pages below /admin/ that look over everything."""

from django.contrib import admin
from django.urls import path

from reports.admin import incidents

urlpatterns = [
    path("incidents/", admin.site.admin_view(incidents.incidents), name="incidents"),
]
