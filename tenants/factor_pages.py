"""The page on which people set up their second factor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from tenants import second_factor
from tenants.backoffice import needs_second_factor
from tenants.models import RecoveryCode, User
from tenants.pages import CodeForm, FirstCodeForm, ThrottledPage


@method_decorator(never_cache, name="dispatch")
class SecondFactorPage(ThrottledPage, View):
    """Scan, confirm with a code, store the recovery codes; later new codes, or removal, each with a code."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not admin.site.has_permission(request):
            return HttpResponseRedirect(f"{reverse('admin:login')}?next={request.path}")
        assert isinstance(request.user, User)
        self.user: User = request.user
        self.is_set_up = second_factor.has_second_factor(self.user)
        if self.is_set_up and not request.session.get(second_factor.SESSION_KEY):
            logout(request)  # a session from before the second factor
            return HttpResponseRedirect(reverse("admin:login"))
        return super().dispatch(request, *args, **kwargs)

    @property
    def form_class(self) -> type[CodeForm]:
        """Return the form: recovery codes are accepted only where there are some."""
        return CodeForm if self.is_set_up else FirstCodeForm

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.form_class())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, act = self.form_class(request.POST), request.POST.get("act", "")
        acts = {"renew": self.renew, "remove": self.remove} if self.is_set_up else {"confirm": self.confirm}
        if not form.is_valid() or act not in acts:
            return self.show(form)
        answer = acts[act](form.cleaned_data["code"])
        if answer is None:
            form.add_error("code", _("This code is wrong, or was used before."))
            return self.show(form)
        return answer

    def confirm(self, code: str) -> HttpResponse | None:
        codes = second_factor.confirm(user=self.user, code=code)
        return None if codes is None else self.welcome(codes)

    def renew(self, code: str) -> HttpResponse | None:
        if not second_factor.check_code(request=self.request, user=self.user, code=code):
            return None
        return self.show(CodeForm(), codes=second_factor.renew_recovery_codes(user=self.user))

    def remove(self, code: str) -> HttpResponse | None:
        if needs_second_factor(self.request) or not second_factor.check_code(
            request=self.request, user=self.user, code=code
        ):
            return None
        second_factor.remove_factor(user=self.user, by=self.user.get_username())
        second_factor.continue_session(request=self.request, user=self.user, has_factor=False)
        messages.success(self.request, _("The second factor is off."))
        return HttpResponseRedirect(self.request.path)

    def welcome(self, codes: list[str]) -> HttpResponse:
        self.is_set_up = True
        second_factor.continue_session(request=self.request, user=self.user, has_factor=True)
        return self.show(CodeForm(), codes=codes)

    def show(self, form: CodeForm, codes: list[str] | None = None) -> HttpResponse:
        page: dict[str, Any] = {
            **admin.site.each_context(self.request),
            "title": _("Second factor"),
            "form": form,
            "codes": codes,
            "is_set_up": self.is_set_up,
            "is_demanded": needs_second_factor(self.request),
        }
        if self.is_set_up:
            page["unused"] = RecoveryCode.objects.filter(user=self.user, used_at=None).count()
        else:
            factor = second_factor.create_factor(user=self.user)
            page |= {"picture": mark_safe(second_factor.qr_code(factor)), "secret": factor.secret}  # noqa: S308 - drawn by us
        return render(self.request, "tenants/second_factor.html", page)
