"""The API's routes of people."""

from django.urls import path

from tenants import factor_api as factor
from tenants import login_api as api

urlpatterns = [
    path("login", api.LogIn.as_view()),
    path("logout", api.LogOut.as_view()),
    path("me", api.Me.as_view()),
    path("second-factor", factor.Factor.as_view()),
    path("second-factor/confirm", factor.ConfirmFactor.as_view()),
    path("second-factor/recovery-codes", factor.RenewRecoveryCodes.as_view()),
    path("second-factor/remove", factor.RemoveFactor.as_view()),
]
