"""Views of the assistant on the page of a session: explain an answer, suggest one, correct one, facts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assistant import services as assistant
from assistant.desk_extension import can_act
from assistant.models import Fact, Turn
from common.backoffice.pages import get_only, post_only
from messaging.models import Contact, Conversation, Direction, Message
from tenants.backoffice import TenantAdmin, visible

ASKED = 3  # the customer's messages before an answer that are taken as its question


def error_response(reason: str, status: int = 409) -> JsonResponse:
    """Return an error with its reason, as the page of a session expects it."""
    return JsonResponse({"error": reason}, status=status)


class TurnViews(TenantAdmin):
    """Views that explain an answer and suggest one."""

    def get_urls(self) -> list[URLPattern]:
        why, suggest = never_cache(get_only(self.why_view)), never_cache(post_only(self.suggest_view))
        return [
            path("<int:pk>/why/", self.admin_site.admin_view(why), name="assistant_turn_why"),
            path("suggest/<int:pk>/", self.admin_site.admin_view(suggest), name="assistant_turn_suggest"),
            *super().get_urls(),
        ]

    def why_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what the assistant read and did for one answer."""
        turn: Turn = get_object_or_404(self.get_queryset(request).select_related("wanted"), pk=pk)
        steps = list(turn.steps.order_by("pk"))
        return render(request, "assistant/desk/why.html", {"turn": turn, "steps": steps})

    def suggest_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return a suggested answer for the composer; nothing is sent."""
        rows = visible(request, Conversation, self.admin_site).select_related("contact", "channel", "tenant")
        conversation: Conversation = get_object_or_404(rows, pk=pk)
        if not can_act(request, conversation.tenant_id):
            return error_response(_("Your role may look, but not act."), 403)
        try:
            turn = assistant.suggest_reply(conversation=conversation, by=request.user.get_username())
        except assistant.NoSuggestion as reason:
            return error_response(_("No suggestion: %s.") % reason)
        return JsonResponse({"text": assistant.suggested_text(turn), "turn": turn.pk})


class ProposalViews(TenantAdmin):
    """Views for correcting a wrong answer."""

    def get_urls(self) -> list[URLPattern]:
        teach = never_cache(require_http_methods(["GET", "POST"])(self.teach_view))
        view = self.admin_site.admin_view(teach)
        return [path("teach/<int:pk>/", view, name="assistant_knowledgeproposal_teach"), *super().get_urls()]

    def teach_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the form with the question and the answer; POST proposes the correction."""
        rows = visible(request, Message, self.admin_site).select_related("tenant")
        message: Message = get_object_or_404(rows, pk=pk)
        if not can_act(request, message.tenant_id):
            raise Http404
        if request.method == "GET":
            context = {"message": message, "question": question_before(message)}
            return render(request, "assistant/desk/teach.html", context)
        fields = {name: request.POST.get(name, "") for name in ("title", "content", "keywords")}
        try:
            assistant.propose_knowledge(
                tenant=message.tenant, message=message, by=request.user.get_username(), **fields
            )
        except assistant.CannotTeach as reason:
            return error_response(str(reason))
        return JsonResponse({"said": _("Proposed. A manager approves it under Knowledge proposals.")})


class FactViews(TenantAdmin):
    """Views of the facts about a contact."""

    def get_urls(self) -> list[URLPattern]:
        add, forget = post_only(self.add_fact_view), post_only(self.forget_view)
        return [
            path("of/<int:pk>/", self.admin_site.admin_view(add), name="assistant_fact_of"),
            path("<int:pk>/forget/", self.admin_site.admin_view(forget), name="assistant_fact_forget"),
            *super().get_urls(),
        ]

    def add_fact_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store a fact about a contact."""
        contact: Contact = get_object_or_404(visible(request, Contact, self.admin_site), pk=pk)
        if not can_act(request, contact.tenant_id):
            return error_response(_("Your role may look, but not act."), 403)
        try:
            assistant.add_fact(contact=contact, text=request.POST.get("text", ""), by=request.user.get_username())
        except assistant.CannotTeach as reason:
            return error_response(str(reason))
        return JsonResponse({"said": _("Remembered.")})

    def forget_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a fact about a contact."""
        fact: Fact = get_object_or_404(self.get_queryset(request), pk=pk)
        if not can_act(request, fact.tenant_id):
            return error_response(_("Your role may look, but not act."), 403)
        assistant.delete_fact(fact=fact, by=request.user.get_username())
        return JsonResponse({"said": _("Forgotten.")})


def question_before(message: Message) -> str:
    """Return the customer's question before an answer, as one line."""
    earlier = Message.objects.of(message.tenant).filter(
        conversation=message.conversation_id, direction=Direction.IN, pk__lt=message.pk
    )
    texts = list(earlier.exclude(text="").order_by("-pk").values_list("text", "pk")[:ASKED])
    answered = (
        Message.objects.of(message.tenant)
        .filter(conversation=message.conversation_id, direction=Direction.OUT, pk__lt=message.pk)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    # The messages since the answer before; where several bubbles answered one question, the question itself.
    since = [text for text, pk in texts if pk > (answered or 0)] or [text for text, _pk in texts[:1]]
    return " ".join(" ".join(reversed(since)).split())[:200]
