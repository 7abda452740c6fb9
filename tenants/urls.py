"""Log-in pages, which replace the back office's own at the same addresses."""

from django.urls import path

from tenants import factor_pages, pages, viewer_language

urlpatterns = [
    path("login/", pages.LoginPage.as_view()),
    path("login/code/", pages.CodePage.as_view(), name="login-code"),
    path("welcome/<uidb64>/<token>/", pages.WelcomePage.as_view(), name="welcome"),
    path("language/", viewer_language.choose_language, name="language"),
    path("second-factor/", factor_pages.SecondFactorPage.as_view(), name="second-factor"),
]
