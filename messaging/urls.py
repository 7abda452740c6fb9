"""The URLs that providers call: webhooks, and the files they fetch from us (DESIGN section 4)."""

from django.urls import path, re_path

from messaging import served_files, webhooks
from messaging.providers import PROVIDERS

urlpatterns = [
    path("files/<str:ticket>", served_files.serve_file),
    *(
        path(route, getattr(webhooks, view), {"provider": provider.name})
        for provider in PROVIDERS.values()
        for route, view in provider.shared_routes.items()
    ),
    re_path(
        rf"^webhooks/(?P<provider>{'|'.join(PROVIDERS)})/(?P<token>[\w-]{{20,64}})(?:/(?P<rest>[\w.-]+))?$",
        webhooks.by_token,
    ),
]
