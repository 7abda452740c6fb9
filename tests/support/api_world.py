"""A row of every kind that the API knows, and the ids by which its addresses find them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from approvals import services as approvals
from assistant.models import KnowledgeEntry, KnowledgeProposal
from messaging.models import CannedReply, ContactMerge, Conversation, Label, MediaFile, MessageTemplate
from reminders import services as reminders
from tenants import services as tenants
from tenants.models import ApiKey, Member, Tenant, User, WebhookDelivery
from tests.support.api import ApiCaller
from tests.support.backoffice import make_session, write


@dataclass(frozen=True)
class World:
    """The rows of one tenant."""

    api: ApiCaller
    named: dict[str, Any]  # what an address names, by the name of its place
    ids: dict[str, int]  # the id in an address, by the kind of thing

    def id_of(self, name: str, path: str) -> Any:
        """What to put into this place of an address, which begins with /api/<kind>/."""
        return self.ids[path.split("/")[2]] if name in {"pk", "id"} else self.named[name]


def _message_with_a_file(session: Conversation) -> int:
    """One that is held, with a small text."""
    message = write(session, state="held", kind="document")
    media = MediaFile(tenant=session.tenant, message=message, mime_type="text/plain", file_name="note.txt", size=2)
    media.file.save("note.txt", ContentFile(b"hi"), save=True)
    pk: int = message.pk
    return pk


def make_world(tenant: Tenant, session: Conversation) -> World:
    """Make the rows; the session has a message that is held, a label, and somebody to be given to."""
    endpoint = tenants.create_endpoint(tenant=tenant, url="https://8.8.8.8/", event_types=["*"], by="tests")
    tenant.refresh_from_db()
    tenants.emit(tenant=tenant, event_type="contact.created", data={"contact_id": session.contact_id})
    WebhookDelivery.objects.update(state="dead")
    label = Label.objects.create(tenant=tenant, name="Invoice")
    user, _ = User.objects.get_or_create(username="marta")
    member = Member.objects.create(tenant=tenant, user=user, role="agent")
    template = MessageTemplate.objects.create(tenant=tenant, channel=session.channel, name="hello", text="Hello {{1}}")
    other = make_session(session.channel, "+15550100077").contact
    merge = ContactMerge.objects.create(tenant=tenant, kept=session.contact, merged=other, by="tests")
    reply = CannedReply.objects.create(tenant=tenant, shortcut="hello", title="Hello", text="Good morning")
    entry = KnowledgeEntry.objects.create(tenant=tenant, title="Parking", content="Behind the house.")
    owner = approvals.set_up_approver(tenant=tenant, name="owner", by="tests", is_default=True)
    wanted = approvals.CandidateRequest(title="Post for Friday", deadline_at=timezone.now() + timedelta(hours=2))
    candidate, _ = approvals.submit(tenant=tenant, wanted=wanted, by="tests")
    spare = ApiKey.objects.create_key(tenant=tenant, name="spare", scopes=["sessions:read"])[0]
    reminder = reminders.create_reminder(
        contact=session.contact, text="Call Ana", by="tests", conversation=session,
        when=reminders.WantedTimes(first=datetime(2030, 1, 1, 9), zone="America/Sao_Paulo", rule="FREQ=DAILY"),
    )  # fmt: skip
    task = reminders.create_task(tenant=tenant, title="Send the invoice", by="tests", contact=session.contact)
    named = {
        "member": member.pk, "label": label.pk, "message": _message_with_a_file(session), "template": template.pk,
        "delivery": WebhookDelivery.objects.get(endpoint=endpoint).pk, "prefix": spare.prefix, "contact": other.pk,
        "name": session.channel.external_id, "merge": merge.pk,
        "proposal": KnowledgeProposal.objects.create(
            tenant=tenant, title="Where", content="Here.", proposed_by="marta"
        ).pk,
    }  # fmt: skip
    ids = {
        "sessions": session.pk, "contacts": session.contact_id, "channels": session.channel_id, "labels": label.pk,
        "replies": reply.pk, "webhooks": endpoint.pk, "tenants": tenant.pk, "knowledge": entry.pk,
        "reminders": reminder.pk, "tasks": task.pk,
        "candidates": candidate.pk, "approvers": owner.pk,
    }  # fmt: skip
    return World(ApiCaller(tenant, name="of the world"), named, ids)
