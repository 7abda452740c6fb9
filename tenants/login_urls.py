"""The API's routes of people."""

from django.urls import path

from tenants import factor_api, login_api

urlpatterns = [
    path("login", login_api.LogIn.as_view()),
    path("logout", login_api.LogOut.as_view()),
    path("me", login_api.Me.as_view()),
    path("second-factor", factor_api.Factor.as_view()),
    path("second-factor/confirm", factor_api.ConfirmFactor.as_view()),
    path("second-factor/recovery-codes", factor_api.RenewRecoveryCodes.as_view()),
    path("second-factor/remove", factor_api.RemoveFactor.as_view()),
]
