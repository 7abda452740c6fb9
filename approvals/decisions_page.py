"""The page of open decisions, which can be worked through with the keyboard, by the same rules as by message."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals import services as approvals
from approvals.models import Approver, Candidate, CandidateStatus, Via
from approvals.texts import button_label
from common.backoffice.pages import render_page
from tenants.access import TenantAdmin
from tenants.models import Role
from tenants.rights import may

SHOWN = 50


@require_GET
def queue(request: HttpRequest) -> HttpResponseBase:
    """Show the page, the most urgent first.

    An open page sends the version it shows, and is refreshed when there is a newer one.
    """
    waiting = _visible(request).filter(status=CandidateStatus.PENDING).order_by("-priority", "deadline_at", "id")
    ids = list(waiting.values_list("pk", flat=True)[: SHOWN + 1])
    # candidates are frozen, so only the set of ids can change
    version = hashlib.sha256(repr(ids).encode()).hexdigest()[:16]
    known = request.GET.get("version")
    if known == version:
        return HttpResponse(status=204)
    rows = waiting.filter(pk__in=ids[:SHOWN]).select_related("tenant").prefetch_related("named_approvers__approver")
    mine = {row.pk for row in _speaks_for(request)}
    context = {
        "entries": [_entry(row, mine) for row in rows], "is_cut": len(ids) > SHOWN, "version": version,
        "max_body": approvals.MAX_BODY,
    }  # fmt: skip
    if known is not None:
        return TemplateResponse(request, "approvals/entries.html", context)
    more = {"at": request.GET.get("at", ""), "speaks": bool(mine)}
    return render_page(request, "approvals/queue.html", title=_("Decisions"), **context, **more)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Record one vote, as the approver that the user is linked to."""
    row = get_object_or_404(_visible(request).select_related("tenant"), pk=pk)
    approver = _speaks_for(request).filter(tenant=row.tenant, is_active=True).first()
    if approver is None:
        messages.error(request, _("You are linked to no approver of this business: an owner links you."))
        return _back(request)
    choice, text = request.POST.get("choice", ""), request.POST.get("body", "").strip()
    try:
        revision = 0
        if text and text != row.body.strip():
            revision = approvals.revise(candidate=row, approver=approver, text=text).number
        outcome = approvals.vote(
            candidate=row, approver=approver, choice=choice, via=Via.ADMIN, revision=revision,
            actor=f"{approver.name} ({request.user.get_username()})", cast_by=f"member:{approver.member_id}",
        )  # fmt: skip
    except approvals.NotEditable:
        messages.error(request, _("Its text cannot be changed: it is over, or it is decided as it is."))
    except approvals.TextTooLong as error:
        messages.error(request, _("That text is too long: up to %s characters.") % error.limit)
    except ValueError:
        raise Http404 from None
    else:
        _tell(request, outcome)
    return _back(request)


@require_GET
def image(request: HttpRequest, pk: int) -> FileResponse:
    """Return the picture of a candidate."""
    row = get_object_or_404(_visible(request).exclude(image=""), pk=pk)
    response = FileResponse(row.image.open("rb"), content_type=row.image_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


def _tell(request: HttpRequest, outcome: approvals.VoteOutcome) -> None:
    row, result = outcome.candidate, approvals.VoteResult
    words = {
        result.DECIDED: f"{row.title}: {row.get_status_display()}",
        result.COUNTED: _("Your word counts; %s more needed.") % outcome.left,
        result.AGAIN: _("You have answered this one already."),
        result.SEATED: _("You have answered this one already."),
        result.NOT_ALLOWED: _("You are not one of those who decide this."),
    }  # fmt: skip
    text = words.get(
        outcome.result, f"{row.title}: {_('decided already')} ({row.get_status_display()}, {row.decided_by})"
    )
    is_done = outcome.result in (result.DECIDED, result.COUNTED)
    messages.add_message(request, messages.SUCCESS if is_done else messages.WARNING, text)


def _entry(row: Candidate, mine: set[int]) -> dict[str, Any]:
    seats, language = list(row.named_approvers.all()), (get_language() or "en").partition("-")[0]
    choices = [{"id": one["id"], "title": button_label(one, language), "means": one["means"]} for one in row.choices()]
    approving = [one for one in choices if one["means"] == "approve"]
    is_mine = any(seat.approver_id in mine for seat in seats)
    return {
        "row": row, "choices": choices, "may": is_mine, "approvers": [seat.approver.name for seat in seats],
        "may_edit": is_mine and row.needed == 1 and len(approving) == 1, "approving": approving[0]["id"],
    }  # fmt: skip


def _back(request: HttpRequest) -> HttpResponseRedirect:
    query = urlencode({"at": request.POST.get("next", "")[:20]})
    return HttpResponseRedirect(f"{reverse('decisions')}?{query}")


def _visible(request: HttpRequest) -> QuerySet:
    page = cast("TenantAdmin", admin.site._registry[Candidate])
    return page.get_queryset(request)


def _speaks_for(request: HttpRequest) -> QuerySet:
    """Return the approvers that the user is linked to by a membership whose role may decide."""
    roles = [role for role in Role if may(role, "decisions.act")]
    linked = Approver.objects.filter(member__user_id=request.user.pk or 0, member__role__in=roles)
    return linked.filter(tenant__is_active=True).select_related("tenant")


urlpatterns = [
    path("decisions/", admin.site.admin_view(queue), name="decisions"),
    path("decisions/<int:pk>/decide/", admin.site.admin_view(decide), name="decisions_decide"),
    path("decisions/<int:pk>/image/", admin.site.admin_view(image), name="decisions_image"),
]
