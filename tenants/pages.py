"""The log-in pages."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordResetConfirmView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from tenants import second_factor
from tenants.logins import TooManyLogins, check_password
from tenants.members import link_tokens
from tenants.models import Member, User
from tenants.services import record

HALF_WAY = "login_half_way"
HALF_WAY_SECONDS = 300


class LoginForm(AuthenticationForm):
    """Name and password, checked under the lock of `tenants.logins`."""

    def clean(self) -> Any:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            self.user_cache = check_password(request=self.request, name=name, password=password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class ThrottledPage:
    """A page that answers 429 after too many failed attempts."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]  # a mix-in
        except TooManyLogins as lock:
            return locked_page(request, lock)


class LoginPage(ThrottledPage, LoginView):
    """The log-in page; users with a second factor are redirected to the next page."""

    authentication_form = LoginForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        if not second_factor.has_second_factor(user):
            return super().form_valid(form)
        self.request.session.flush()
        self.request.session[HALF_WAY] = {
            "user": user.pk, "at": time.time(), "proof": user.get_session_auth_hash(), "next": self.get_success_url(),
        }  # fmt: skip
        return HttpResponseRedirect(reverse("login-code"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**_page(self.request, _("Log in")), **super().get_context_data(**kwargs)}


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": "", "autocomplete": "one-time-code"}),
    )


class FirstCodeForm(CodeForm):
    """The code that confirms a new second factor; there are no recovery codes yet."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        help_text=_("The six digits that your authenticator app shows."),
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": "", "autocomplete": "one-time-code"}),
    )


@method_decorator(never_cache, name="dispatch")
class CodePage(ThrottledPage, RedirectURLMixin, FormView):
    """The second step: the code."""

    form_class = CodeForm
    template_name = "tenants/login_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if user_awaiting_code(request) is None:
            return HttpResponseRedirect(reverse("admin:login"))
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        user, request = user_awaiting_code(self.request), self.request
        if user is None or not second_factor.check_code(request=request, user=user, code=form.cleaned_data["code"]):
            form.add_error("code", _("This code is wrong, or was used before."))
            return self.form_invalid(form)
        target = request.session[HALF_WAY]["next"]
        second_factor.log_in(request=request, user=user)
        return HttpResponseRedirect(target)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**_page(self.request, _("Second factor")), **super().get_context_data(**kwargs)}


class NewPasswordForm(SetPasswordForm):
    """A password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})


class WelcomePage(PasswordResetConfirmView):
    """The target of an invitation's link: choose a password, then log in with it."""

    form_class = NewPasswordForm
    template_name = "tenants/welcome.html"
    token_generator = link_tokens
    success_url = reverse_lazy("admin:login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        assert isinstance(self.user, User)
        for member in Member.objects.filter(user=self.user).select_related("tenant"):
            record(tenant=member.tenant, actor=self.user.get_username(), action="password_chosen", subject=member)
        messages.success(self.request, _("Your password is set: log in with it."))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **_page(self.request, _("Choose a password")),
            **super().get_context_data(**kwargs),
            "person": self.user,
        }


def user_awaiting_code(request: HttpRequest) -> User | None:
    """Return the user who has given the right password a moment ago, when it is still valid."""
    half = request.session.get(HALF_WAY) or {}
    if not half or not 0 <= time.time() - half["at"] <= HALF_WAY_SECONDS:
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), half["proof"]):
        return None
    return user


def locked_page(request: HttpRequest, lock: TooManyLogins) -> HttpResponse:
    """Return the page that says that there were too many failed attempts, and until when."""
    page = {"minutes": max(1, round(lock.seconds / 60)), "again": reverse("admin:login")}
    answer = render(request, "tenants/login_locked.html", page, status=429)
    answer["Retry-After"] = str(lock.seconds)
    return answer


def _page(request: HttpRequest, title: Any) -> dict[str, Any]:
    own = {"title": title, "subtitle": None, "app_path": request.get_full_path()}
    return {**admin.site.each_context(request), **own, "username": request.user.get_username()}
