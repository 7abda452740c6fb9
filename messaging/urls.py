"""The URLs that providers call: webhooks, and the files they fetch from us (DESIGN section 4)."""

from django.urls import path, re_path

from messaging import served_files, webhooks

urlpatterns = [
    path("files/<str:ticket>", served_files.serve_file),
    path("webhook", webhooks.meta),
    path("webhook/<str:instance>", webhooks.evolution),
    path("webhook/<str:instance>/<str:event>", webhooks.evolution),
    path("webhooks/whatsapp", webhooks.twilio),
    path("webhooks/whatsapp/status", webhooks.twilio, {"rest": "status"}),
    re_path(
        r"^webhooks/(?P<provider>meta|dialog360|evolution|twilio|imessage)/(?P<token>[\w-]{20,64})(?:/(?P<rest>[\w.-]+))?$",
        webhooks.by_token,
    ),
]
