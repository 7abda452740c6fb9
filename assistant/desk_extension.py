"""What the assistant adds to the page of a session: facts, costs, why it answered, how to correct it."""

from __future__ import annotations

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from assistant.models import Fact, Turn
from messaging.extensions import BubbleLink, DeskExtension, Panel
from messaging.models import Conversation, Message, Purpose
from tenants.backoffice import is_operator, tenants_with
from tenants.models import Role

SHOWN_TURNS = 6


class AssistantDeskExtension(DeskExtension):
    """Implements the DESK_EXTENSIONS interface for the assistant."""

    def panels(self, request: HttpRequest, conversation: Conversation) -> list[Panel]:
        turns = Turn.objects.of(conversation.tenant).filter(conversation=conversation)
        spent = turns.aggregate(cost=Sum("cost_usd"), tokens=Sum("input_tokens") + Sum("output_tokens"), n=Count("pk"))
        context = {
            "original": conversation,
            "facts": Fact.objects.of(conversation.tenant).filter(contact=conversation.contact_id).order_by("pk"),
            "may_act": can_act(request, conversation.tenant_id),
            "turns": turns.order_by("-pk")[:SHOWN_TURNS],
            "spent": spent,
        }
        known = render_to_string("assistant/desk/facts.html", context, request)
        done = render_to_string("assistant/desk/turns.html", context, request)
        return [Panel(title=_("Known facts"), html=known), Panel(title=_("The assistant here"), html=done)]

    def links(self, message: Message, turn_id: int | None, *, may_act: bool) -> list[BubbleLink]:
        found = []
        if turn_id is not None:
            found.append(BubbleLink(label=_("Why?"), address=reverse("admin:assistant_turn_why", args=[turn_id])))
        if may_act and message.purpose == Purpose.ASSISTANT and message.text:
            address = reverse("admin:assistant_knowledgeproposal_teach", args=[message.pk])
            found.append(BubbleLink(label=_("Correct"), address=address))
        return found

    def suggest_address(self, conversation: Conversation) -> str:
        return reverse("admin:assistant_turn_suggest", args=[conversation.pk])


def can_act(request: HttpRequest, tenant_id: int) -> bool:
    """Return whether the user may act in this tenant."""
    return is_operator(request) or tenant_id in tenants_with(request, Role.AGENT)
