"""Pages below /admin/ that are no model's."""

from django.contrib import admin
from django.urls import path

from messaging.admin import desk_page, inbox, switch_page

urlpatterns = [
    path("inbox/", admin.site.admin_view(inbox.page), name="inbox"),
    path("inbox/live/", admin.site.admin_view(inbox.live), name="inbox_live"),
    path("inbox/more/", admin.site.admin_view(inbox.more), name="inbox_more"),
    path("inbox/choices/", admin.site.admin_view(inbox.choices), name="inbox_choices"),
    path("inbox/views/", admin.site.admin_view(inbox.save), name="inbox_save"),
    path("inbox/views/<int:pk>/remove/", admin.site.admin_view(inbox.remove), name="inbox_remove"),
    path("look/inbox/", inbox.look, name="inbox_look"),
    path("look/session/<int:pk>/", desk_page.look, name="session_look"),
    path("switches/", admin.site.admin_view(switch_page.switches), name="switches"),
    path("switches/turn/", admin.site.admin_view(switch_page.turn), name="switches_turn"),
]
