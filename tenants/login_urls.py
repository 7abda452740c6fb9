"""The API's routes of people."""

from django.urls import path

from tenants import login_api as api

urlpatterns = [
    path("login", api.LogIn.as_view()),
    path("logout", api.LogOut.as_view()),
    path("me", api.Me.as_view()),
]
