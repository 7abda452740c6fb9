"""The back office as an operator's browser."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messaging.models import Contact, ContactAddress, Conversation, Message
from tenants.models import Member, Role, User


def browser(tenant, role=Role.MANAGER):
    user = User.objects.create_user(f"{role}-of-{tenant.slug}", is_staff=True)
    Member.objects.create(tenant=tenant, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def make_session(channel, number):
    tenant = channel.tenant
    contact = Contact.objects.create(tenant=tenant, name=f"Ana {number[-2:]}")
    ContactAddress.objects.create(tenant=tenant, contact=contact, kind="phone", value=number, external_id=number)
    now = timezone.now()
    return Conversation.objects.create(
        tenant=tenant, channel=channel, contact=contact, recipient_kind="phone", recipient=number, last_message_at=now,
        last_inbound_at=now, unread=2,
    )  # fmt: skip


def write(session, text="Hello", **fields):
    given = {"direction": "out", "purpose": "assistant", **fields}
    return Message.objects.insert_once(conversation=session, channel_id=session.channel_id, text=text, **given)


def do(client, row, action):
    opts = row._meta
    path = reverse(f"admin:{opts.app_label}_{opts.model_name}_do", args=[row.pk, action])
    answer = client.post(path, follow=True)
    return answer.status_code, [str(message) for message in answer.context["messages"]] if answer.context else []


def see(client, row):
    opts = row._meta
    return client.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk]))


def state(row):
    row.refresh_from_db()
    return row.state


def make_member(tenant, name="ana", role=Role.AGENT, **person):
    user = User.objects.create_user(f"{name}-{tenant.slug}", is_staff=True, **person)
    return Member.objects.create(tenant=tenant, user=user, role=role)


def turn_switch(client, row, *, on, reason="drill"):
    """Turn the kill switch of a tenant or a channel on the page of switches."""
    body = {"switch": f"{row._meta.model_name}-{row.pk}", "on": "1" if on else "0", "reason": reason}
    return client.post(reverse("switches_turn"), body, follow=True)
