"""The page of a session: the live transcript, the composer, who has it, and what is known about the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import time_zones
from common.backoffice import polling
from common.backoffice.pages import get_only, post_only
from common.errors import NotPossible
from common.text.numbers import parse_whole_number
from common.text.plain import split_text
from messaging.admin.desk_acts import ACTS, Desk
from messaging.extensions import extensions
from messaging.models import CannedReply, Conversation, ConversationLabel, Label, MessageTemplate
from messaging.queries import provider_of, reply_window
from messaging.queries.desk import fill_reply, name_of, others_writing, resume_time, writer_of
from messaging.queries.transcript import Transcript, transcript, version, whole_text
from messaging.services.operator_messages import KeyReused
from messaging.services.sending import SendRefused
from tenants.backoffice import TenantAdmin
from tenants.models import Member

MAX_CANNED = 300


class DeskPage(TenantAdmin):
    """A session's own page, in place of a form."""

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, Callable[..., HttpResponseBase]] = {
            "live": get_only(self.live_view), "earlier": get_only(self.earlier_view),
            "side": get_only(self.side_view), "ready": get_only(self.ready_view),
            "whole/<slug:part>/<int:of>": get_only(self.whole_view),
            "act/<slug:act>": post_only(self.act_view),
        }  # fmt: skip
        ours = [
            path(f"<int:pk>/{route}/", self.admin_site.admin_view(never_cache(view)), name=_name(route))
            for route, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied  # the page is no form; its actions are below act/
        row = self._row(request, parse_whole_number(object_id) or 0)
        shown = transcript(row)
        context = {
            **self.admin_site.each_context(request),
            **self._head(request, row),
            **self._bubbles(request, row, shown),
            "title": row.person,
            "opts": self.opts,
            "original": row,
            "media": self.media,
            "actor": request.user.get_username(),
            "suggest_address": next((a for x in extensions() if (a := x.suggest_address(row))), ""),
            "provider": provider_of(row.channel),
            "inbox": reverse("inbox"),
            "look": reverse("session_look", args=[row.pk]),
            "base": reverse("admin:messaging_conversation_change", args=[row.pk]).removesuffix("change/"),
        }
        request.current_app = self.admin_site.name
        return render(request, "messaging/desk/page.html", context)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what has changed since the version on the page: 204 when nothing has."""
        row = self._row(request, pk)
        since = parse_whole_number(request.GET.get("since")) or 0
        shown = version(row.pk, since=since, user_id=request.user.pk)
        if shown == request.GET.get("version"):
            return polling.unchanged(_mark(request, row, since, shown))
        return JsonResponse(self._live(request, row, since, shown))

    def earlier_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the messages before the oldest one on the page."""
        row = self._row(request, pk)
        shown = transcript(row, before=(parse_whole_number(request.GET.get("before")) or 0))
        return JsonResponse(
            {"bubbles": self._drawn(request, row, shown), "first": shown.first, "has_more": shown.has_more}
        )

    def whole_view(self, request: HttpRequest, pk: int, part: str, of: int) -> HttpResponse:
        """Return the whole text of which the transcript shows the beginning."""
        text = whole_text(self._row(request, pk), part, of)
        if text is None:
            raise Http404
        return render(request, "messaging/desk/whole.html", {"pieces": split_text(text)})

    def side_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what is known about the person; loaded after the page, so that the transcript appears first."""
        row = self._row(request, pk)
        context = {
            "original": row,
            "may_act": self.has_act_permission(request, row),
            "addresses": list(row.contact.addresses.order_by("pk")),
            "others": Conversation.objects.of(row.tenant).filter(contact=row.contact_id).exclude(pk=row.pk)
            .select_related("channel")[:5],
            "panels": [panel for extension in extensions() for panel in extension.panels(request, row)],
        }  # fmt: skip
        return render(request, "messaging/desk/side.html", context)

    def ready_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return canned replies with their variables filled, and the channel's templates."""
        row = self._row(request, pk)
        member = self._member(request, row)
        name = name_of(member) if member is not None else request.user.get_username()
        replies = CannedReply.objects.of(row.tenant)[:MAX_CANNED]
        templates = MessageTemplate.objects.of(row.tenant).filter(channel=row.channel_id, is_active=True)
        return JsonResponse({
            "replies": [
                {"shortcut": reply.shortcut, "title": reply.title,
                 "text": fill_reply(reply.text, conversation=row, agent_name=name)}
                for reply in replies
            ],
            "templates": list(templates.values("pk", "name", "title", "language", "text")),
        })  # fmt: skip

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Perform one action and return the changed parts of the page; a refusal is 409 with its reason."""
        row = self._row(request, pk)
        if act not in ACTS:
            raise Http404
        if not self.has_act_permission(request, row):
            return JsonResponse({"error": _("Your role may look, but not act.")}, status=403)
        try:
            said = ACTS[act](Desk(request, row, self._member(request, row)))
        except (SendRefused, NotPossible) as refusal:
            return JsonResponse({"error": str(refusal)}, status=409)
        except KeyReused:
            return JsonResponse({"error": _("This was sent already, with other words.")}, status=409)
        if act in ("read", "writing"):
            return HttpResponse(status=204)
        since = parse_whole_number(request.POST.get("since")) or 0
        # The version is read first: what changes meanwhile is rendered, and found changed again by the next poll.
        now = version(pk, since=since, user_id=request.user.pk)
        return JsonResponse({"said": said, **self._live(request, self._row(request, pk), since, now)})

    def _row(self, request: HttpRequest, pk: int) -> Conversation:
        rows = self.get_queryset(request).select_related("contact", "channel", "tenant", "assignee__user")
        row: Conversation | None = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        timezone.activate(time_zones.browser_zone(request, default=row.tenant.timezone))
        return row

    def _member(self, request: HttpRequest, row: Conversation) -> Member | None:
        members = Member.objects.of(row.tenant).select_related("user")
        found: Member | None = members.filter(user__pk=request.user.pk).first()
        return found

    def _live(self, request: HttpRequest, row: Conversation, since: int, now: str) -> dict[str, Any]:
        shown = transcript(row, since=since)
        head = self._head(request, row)
        return {
            "version": now,
            "mark": _mark(request, row, since, now),
            "bubbles": self._drawn(request, row, shown),
            "head": render_to_string("messaging/desk/head.html", head, request),
            "notice": render_to_string("messaging/desk/notice.html", head, request),
        }

    def _head(self, request: HttpRequest, row: Conversation) -> dict[str, Any]:
        worn = ConversationLabel.objects.filter(conversation=row, label=OuterRef("pk"))
        members: QuerySet[Member] = Member.objects.of(row.tenant).select_related("user").order_by("pk")
        people = [(member.pk, name_of(member), member.user_id == request.user.pk) for member in members]
        return {
            "original": row,
            "may_act": self.has_act_permission(request, row),
            "window": reply_window(row),
            "resumes_at": resume_time(row),
            "people": people,
            "assignee": name_of(row.assignee) if row.assignee is not None else writer_of(row),
            "is_mine": row.assignee is not None and row.assignee.user_id == request.user.pk,
            "labels": list(Label.objects.of(row.tenant).annotate(is_on=Exists(worn))),
            "writers": [name_of(found.member) for found in others_writing(row, request.user.pk)],
        }

    def _bubbles(self, request: HttpRequest, row: Conversation, shown: Transcript) -> dict[str, Any]:
        may_act = self.has_act_permission(request, row)
        links = {
            bubble.key: [
                link
                for extension in extensions()
                for link in extension.links(bubble.message, bubble.turn_id, may_act=may_act)
            ]
            for bubble in shown.bubbles
            if bubble.message is not None
        }
        lines = [(bubble, links.get(bubble.key, ())) for bubble in shown.bubbles]
        can_quote = may_act and provider_of(row.channel).can_quote
        return {"shown": shown, "lines": lines, "may_act": may_act, "can_quote": can_quote, "original": row}

    def _drawn(self, request: HttpRequest, row: Conversation, shown: Transcript) -> str:
        return render_to_string("messaging/desk/bubbles.html", self._bubbles(request, row, shown), request)


def _mark(request: HttpRequest, row: Conversation, since: int, shown: str) -> str:
    return polling.sign_state("session", pk=row.pk, since=since, user=request.user.pk, version=shown)


@require_safe
@never_cache
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Return 204 when the page is up to date, else redirect to `live_view`."""
    seen = polling.load_state(request, "session")
    if seen and version(seen["pk"], since=seen["since"], user_id=seen["user"]) == seen["version"]:
        return HttpResponse(status=204)
    return polling.redirect_to_full_check(request, reverse("admin:messaging_conversation_live", args=[pk]))


def _name(route: str) -> str:
    return f"messaging_conversation_{route.partition('/')[0]}"
