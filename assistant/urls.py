"""Addresses of the assistant (DESIGN section 4)."""

from django.urls import path, re_path

from assistant import webhooks

urlpatterns = [
    path("webhooks/n8n/media/<str:link>", webhooks.n8n_media),
    re_path(r"^webhooks/n8n/(?P<token>[\w-]{20,64})$", webhooks.n8n),
]
