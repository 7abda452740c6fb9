"""Create, change and delete knowledge entries."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assistant.models import AssistantProfile, Fact, KnowledgeEntry, KnowledgeProposal, ProposalState
from common.text.plain import clean
from messaging.models import Contact, Message
from tenants.models import Tenant
from tenants.services import NameTaken, record


@transaction.atomic
def save_entry(*, tenant: Tenant, by: str, entry: KnowledgeEntry | None = None, **fields: Any) -> KnowledgeEntry:
    """Create an entry, or save a changed one; raises NameTaken for a title that another one has."""
    row = entry or KnowledgeEntry(tenant=tenant)
    for name, value in fields.items():
        setattr(row, name, clean(value).strip() if isinstance(value, str) else value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NameTaken("There is an entry with this title already.") from None
    record(tenant=tenant, actor=by, action="knowledge_changed" if entry else "knowledge_written", subject=row)
    return row


@transaction.atomic
def delete_entry(*, entry: KnowledgeEntry, by: str) -> None:
    """Delete an entry."""
    record(tenant=entry.tenant, actor=by, action="knowledge_deleted", subject=entry)
    entry.delete()


MAX_CONTENT = 4000


class CannotTeach(ValueError):
    """The correction cannot be accepted; the text says why."""


@transaction.atomic
def propose_knowledge(
    *,
    tenant: Tenant,
    title: str,
    content: str,
    by: str,
    message: Message | None = None,
    keywords: str = "",
    language: str = "",
) -> KnowledgeProposal:
    """Store what should have been said, for a manager to decide; raises CannotTeach for an empty or too long text."""
    title, content = clean(title).strip(), clean(content).strip()
    if not title or not content:
        raise CannotTeach(_("a correction needs the question and the right answer"))
    if len(title) > 200 or len(content) > MAX_CONTENT:
        raise CannotTeach(_("the question has up to 200 characters, the answer up to %s") % MAX_CONTENT)
    if message is not None and message.tenant_id != tenant.pk:
        raise CannotTeach(_("the message belongs to another business"))
    row: KnowledgeProposal = KnowledgeProposal.objects.create(
        tenant=tenant, title=title, content=content, keywords=clean(keywords).strip()[:300],
        language=language[:10], message=message, proposed_by=by[:100],
    )  # fmt: skip
    record(tenant=tenant, actor=by, action="knowledge_proposed", subject=row)
    return row


@transaction.atomic
def approve_proposal(*, proposal: KnowledgeProposal, by: str) -> KnowledgeEntry | None:
    """Approve a correction: the entry of that title says this from now on; returns None when it was decided before."""
    if not _decide(proposal, ProposalState.APPROVED, by=by):
        return None
    row = KnowledgeProposal.objects.get(pk=proposal.pk)
    said = {"content": row.content, "is_active": True}
    more = {name: getattr(row, name) for name in ("keywords", "language") if getattr(row, name)}
    entry: KnowledgeEntry
    entry, _is_new = KnowledgeEntry.objects.update_or_create(
        tenant_id=row.tenant_id, title=row.title, defaults=said | more
    )
    KnowledgeProposal.objects.filter(pk=row.pk).update(entry=entry)
    record(tenant=row.tenant, actor=by, action="knowledge_approved", subject=row, entry=entry.pk)
    return entry


@transaction.atomic
def reject_proposal(*, proposal: KnowledgeProposal, by: str, reason: str = "") -> bool:
    """Reject a correction; returns False when it was decided before."""
    if not _decide(proposal, ProposalState.REJECTED, by=by, reason=reason):
        return False
    record(tenant=proposal.tenant, actor=by, action="knowledge_rejected", subject=proposal)
    return True


@transaction.atomic
def add_fact(*, contact: Contact, text: str, by: str) -> Fact:
    """Store a fact about a customer, as the assistant does; the same text twice is stored once."""
    words = " ".join(clean(text).split())[:300]
    if not words:
        raise CannotTeach(_("there is nothing to remember"))
    fact: Fact
    fact, is_new = Fact.objects.get_or_create(contact=contact, text=words, defaults={"tenant_id": contact.tenant_id})
    if is_new:
        record(tenant=contact.tenant, actor=by, action="fact_added", subject=fact, contact=contact.pk)
    return fact


@transaction.atomic
def delete_fact(*, fact: Fact, by: str) -> None:
    """Delete a fact."""
    record(tenant=fact.tenant, actor=by, action="fact_forgotten", subject=fact, contact=fact.contact_id)
    Fact.objects.filter(pk=fact.pk).delete()


def _decide(proposal: KnowledgeProposal, state: ProposalState, *, by: str, reason: str = "") -> bool:
    """Decide by a conditional update: of two managers the first one decides."""
    waiting = KnowledgeProposal.objects.filter(pk=proposal.pk, state=ProposalState.PROPOSED)
    return bool(waiting.update(state=state, decided_by=by[:100], decided_at=timezone.now(), reason=clean(reason)[:300]))


@transaction.atomic
def set_up_profile(
    *,
    tenant: Tenant,
    system_prompt: str | None = None,
    provider: str | None = None,
    model: str | None = None,
) -> AssistantProfile:
    """Create the tenant's assistant, or change the given fields; None leaves a value unchanged."""
    profile, _ = AssistantProfile.objects.get_or_create(tenant=tenant)
    given = {"system_prompt": system_prompt, "provider": provider, "model": model}
    for name, value in given.items():
        if value is not None:
            setattr(profile, name, value)
    profile.full_clean()
    profile.save()
    return profile
