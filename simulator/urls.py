"""All addresses of the simulator: the phone, the control API, and one prefix per service."""

from django.urls import path, re_path

from simulator import control, dispatch, phone

API = "simulator/api/"

urlpatterns = [
    path("", phone.home),
    path("simulator/", phone.page),
    path("simulator", phone.home),
    path("simulator/core", phone.core),
    path("simulator/static/<str:name>", phone.asset),
    path("simulator/media/<str:media_id>", phone.medium),
    path(f"{API}channels", control.channels),
    path(f"{API}say", control.say),
    path(f"{API}owner", control.owner),
    path(f"{API}raw", control.raw),
    path(f"{API}fail", control.fail),
    path(f"{API}reset", control.reset),
    path(f"{API}unfail", control.unfail),
    path(f"{API}script", control.script),
    path(f"{API}statuses", control.set_statuses),
    path(f"{API}status", control.status),
    path(f"{API}connection", control.connection),
    path(f"{API}repeats", control.repeats),
    path(f"{API}account", control.account),
    path(f"{API}record", control.record),
    path(f"{API}conversation", control.conversation),
    path(f"{API}callbacks", control.callbacks),
    re_path(r"^(?P<name>\w+)(?P<path>/.*)$", dispatch.dispatch),
]
