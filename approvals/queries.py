"""Queries used by several modules."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from approvals.models import (
    Approver,
    ApproverAddress,
    Candidate,
    CandidateStatus,
    Question,
    QuestionKind,
    QuestionState,
    Revision,
)
from approvals.texts import ShownContent
from common.db.compiled import CompiledQuery, Slot
from messaging.models import Channel, ContactAddress, Conversation
from messaging.providers import PROVIDERS
from messaging.queries import provider_of
from tenants.models import Tenant

# What a candidate may name as its preferred channel: a network, or a provider.
CHANNEL_WORDS = tuple(dict.fromkeys([*(provider.network for provider in PROVIDERS.values()), *PROVIDERS]))


def address_of(conversation: Conversation) -> ApproverAddress | None:
    """Return the approver's address of a conversation, None when it is not an approver's; groups never are."""
    if conversation.contact.is_group:
        return None
    found = _OF_A_CONTACT.first(channel=conversation.channel_id, contact=conversation.contact_id)
    if found is not None:
        found.approver.tenant = found.tenant
    return found


def is_approvers_conversation() -> Any:
    """Return an annotation: whether a conversation is an approver's."""
    values = ContactAddress.objects.filter(contact=OuterRef(OuterRef("contact"))).values("value")
    return Exists(
        ApproverAddress.objects.filter(channel=OuterRef("channel"), canonical__in=values, approver__is_active=True)
    )


_OF_A_CONTACT: CompiledQuery[ApproverAddress] = CompiledQuery(
    lambda: ApproverAddress.objects.select_related("approver", "tenant", "channel").filter(
        channel=Slot("channel"),
        # Each contact that has written from a number has its canonical spelling among the addresses.
        canonical__in=ContactAddress.objects.filter(contact=Slot("contact")).values("value"),
        approver__is_active=True,
    )
)


def addresses_to_ask(approver: Approver, preference: str) -> list[ApproverAddress]:
    """Return the addresses of a person, the preferred kind of channel first; unusable ones last."""
    rows = list(approver.addresses.select_related("channel").filter(channel__is_enabled=True))
    return sorted(
        rows, key=lambda row: (bool(row.channel.problem), not is_preferred(row.channel, preference), row.place)
    )


def is_preferred(channel: Channel, preference: str) -> bool:
    """Return whether a channel is of the preferred kind."""
    if not preference:
        return True
    return preference in (channel.provider, provider_of(channel).network)


def open_candidates(approver: Approver) -> QuerySet:
    """Return the candidates that wait for this approver, the most urgent and oldest first."""
    mine = Candidate.objects.of(approver.tenant).filter(
        status=CandidateStatus.PENDING, named_approvers__approver=approver
    )
    return mine.exclude(votes__approver=approver).exclude(deadline_at__lte=Now()).order_by("-priority", "id")


def candidates_asked_at(address: ApproverAddress) -> QuerySet:
    """Return those of them that this address has been asked."""
    asked = Question.objects.filter(address=address, kind=QuestionKind.ASK, state=QuestionState.SHOWN)
    return (
        open_candidates(address.approver)
        .filter(Q(pk__in=asked.values("candidate")) | Q(shown__address=address))
        .distinct()
    )


def shown_content(candidate: Candidate, revision: int = 0) -> ShownContent:
    """Return a candidate, or another text for it, as it is shown to somebody."""
    body = candidate.body if revision == 0 else revision_of(candidate, revision).body
    return ShownContent(
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
    """Return another text of a candidate; raises Revision.DoesNotExist."""
    row: Revision = candidate.revisions.get(number=number)
    return row


def default_approvers(tenant: Tenant) -> list[Approver]:
    """Return the approvers of candidates that name nobody."""
    return list(Approver.objects.of(tenant).filter(is_active=True, is_default=True))
