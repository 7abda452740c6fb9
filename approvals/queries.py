"""Reads shared by several doors."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from approvals.models import (
    Approver,
    ApproverAddress,
    Candidate,
    Language,
    Prompt,
    PromptKind,
    PromptState,
    Revision,
    Status,
)
from approvals.wording import Asked
from common.db.compiled import CompiledQuery, Slot
from messaging.models import Channel, ContactAddress, Conversation
from tenants.models import Tenant

WHATSAPP = ("meta", "dialog360", "evolution", "twilio")
CHANNEL_WORDS = ("whatsapp", "imessage", *WHATSAPP)


def address_of(conversation: Conversation) -> ApproverAddress | None:
    """Whose address a conversation is, when it is an approver's; groups are nobody's."""
    if conversation.contact.is_group:
        return None
    found = _OF_A_CONTACT.first(channel=conversation.channel_id, contact=conversation.contact_id)
    if found is not None:
        found.approver.tenant = found.tenant
    return found


def is_an_approvers() -> Any:
    """Whether a conversation is an approver's, as an annotation."""
    values = ContactAddress.objects.filter(contact=OuterRef(OuterRef("contact"))).values("value")
    return Exists(
        ApproverAddress.objects.filter(channel=OuterRef("channel"), canonical__in=values, approver__is_active=True)
    )


_OF_A_CONTACT: CompiledQuery[ApproverAddress] = CompiledQuery(
    lambda: ApproverAddress.objects.select_related("approver", "tenant", "channel").filter(
        channel=Slot("channel"),
        # The canonical spelling of a number is among the addresses of each contact that has written by it.
        canonical__in=ContactAddress.objects.filter(contact=Slot("contact")).values("value"),
        approver__is_active=True,
    )
)


def addresses_to_ask(approver: Approver, preference: str) -> list[ApproverAddress]:
    """The addresses of a person, the wanted kind of channel first; one that cannot be used comes last."""
    rows = list(approver.addresses.select_related("channel").filter(channel__is_enabled=True))
    return sorted(rows, key=lambda row: (bool(row.channel.problem), not is_of(row.channel, preference), row.place))


def is_of(channel: Channel, preference: str) -> bool:
    """Whether a channel is of the wanted kind."""
    if not preference:
        return True
    return channel.provider in (WHATSAPP if preference == "whatsapp" else (preference,))


def open_for(approver: Approver) -> QuerySet:
    """Candidates that wait for this person's word, the urgent and oldest first."""
    mine = Candidate.objects.of(approver.tenant).filter(status=Status.PENDING, seats__approver=approver)
    return mine.exclude(votes__approver=approver).exclude(deadline_at__lte=Now()).order_by("-priority", "id")


def asked_at(address: ApproverAddress) -> QuerySet:
    """Of those the ones that this address has been asked."""
    asked = Prompt.objects.filter(address=address, kind=PromptKind.ASK, state=PromptState.SHOWN)
    return open_for(address.approver).filter(Q(pk__in=asked.values("candidate")) | Q(shown__address=address)).distinct()


def as_asked(candidate: Candidate, revision: int = 0) -> Asked:
    """A candidate, or another text for it, as somebody is shown it."""
    body = candidate.body if revision == 0 else revision_of(candidate, revision).body
    return Asked(
        pk=candidate.pk,
        short_id=candidate.short_id,
        title=candidate.title,
        body=body,
        link=candidate.link,
        is_urgent=candidate.priority == "urgent",
        has_image=bool(candidate.image),
        deadline_at=candidate.deadline_at,
        choices=candidate.choices(),
        revision=revision,
        edited=revision > 0,
    )


def revision_of(candidate: Candidate, number: int) -> Revision:
    """Another text of a candidate; raises Revision.DoesNotExist."""
    row: Revision = candidate.revisions.get(number=number)
    return row


def default_approvers(tenant: Tenant) -> list[Approver]:
    """Who is asked when a candidate names nobody."""
    return list(Approver.objects.of(tenant).filter(is_active=True, is_default=True))


def language_of(approver: Approver) -> str:
    """In which language somebody is spoken to."""
    return approver.language or Language.ENGLISH
