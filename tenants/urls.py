"""The pages of people, which stand before the back office's own of the same address."""

from django.urls import path

from tenants import factor_pages, language, pages

urlpatterns = [
    path("login/", pages.LoginPage.as_view()),
    path("login/code/", pages.CodePage.as_view(), name="login-code"),
    path("welcome/<uidb64>/<token>/", pages.WelcomePage.as_view(), name="welcome"),
    path("language/", language.choose, name="language"),
    path("second-factor/", factor_pages.SecondFactorPage.as_view(), name="second-factor"),
]
