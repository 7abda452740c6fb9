"""An owner and a second approver of the clinic, a core service that asks, and phones that answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals import services as approvals
from approvals.models import Approver, ApproverAddress, AskQueue, Candidate, TrailEntry
from approvals.services.questions import wake_up_forgotten
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Channel, Conversation, Message
from messaging.providers.base import InboundMessage, Kind, Media, Person
from messaging.queries import address_at, provider_of
from tests.support.api import ApiCaller

OWNER, PARTNER = "+15550100200", "+15550100201"
SECRET = "whsec_ZnJvbnRkZXNrLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODk="


@pytest.fixture(autouse=True)
def _approvals(settings: Any) -> None:
    settings.WEBHOOK_SIGNING_SECRET = SECRET
    settings.MIN_SPACING_SEC = 0
    settings.WA_BUCKET_CAPACITY = settings.IMSG_BUCKET_CAPACITY = 1000


@pytest.fixture
def owner(clinic, channel) -> Approver:
    """The clinic's owner, asked by default."""
    return approvals.set_up_approver(
        tenant=clinic, name="owner", by="tests", channel=channel, address=OWNER, is_default=True
    )


@pytest.fixture
def partner(clinic, channel) -> Approver:
    return approvals.set_up_approver(tenant=clinic, name="partner", by="tests", channel=channel, address=PARTNER)


@pytest.fixture
def api(clinic) -> ApiCaller:
    return ApiCaller(clinic, ("candidates:read", "candidates:write"))


@pytest.fixture
def submit(clinic) -> Callable[..., Candidate]:
    """A candidate of the clinic."""

    def make(title: str = "Post for Friday", tenant: Any = None, **fields: Any) -> Candidate:
        fields.setdefault("deadline_at", timezone.now() + timedelta(hours=2))
        wanted = approvals.CandidateRequest(title=title, **fields)
        return approvals.submit(tenant=tenant or clinic, wanted=wanted, by="key core")[0]

    return make


@dataclass
class Phone:
    """An approver's phone on one channel; what is sent counts as accepted, as after the provider's answer."""

    channel: Channel
    number: str
    count: int = field(default=0)

    def see(self) -> list[Message]:
        """Ask what waits to be asked, and let the outbox go; returns all that this phone was sent."""
        wake_up_forgotten()  # what is woken after a commit, which a test does not reach
        for queue in AskQueue.objects.filter(address__channel=self.channel, address__address=self.number):
            work_on(AskQueue, queue.pk, approvals.work_queue)
        return self.inbox()

    def inbox(self) -> list[Message]:
        for message in self._out().exclude(state="done"):
            Message.objects.filter(pk=message.pk).update(
                state="done", delivery="sent", delivery_rank=2, external_id=f"out-{message.pk}"
            )
        return list(self._out().order_by("pk"))

    def say(
        self, text: str = "", *, kind: Kind = Kind.TEXT, to: Message | None = None, at: Any = None,
        media: Media | None = None, **data: Any,
    ) -> list[str]:  # fmt: skip
        """Write, tap or react; returns the texts that come back."""
        before = {message.pk for message in self.inbox()}
        self.count += 1
        named = address_at(provider_of(self.channel), self.number)
        inbound = InboundMessage(
            external_id=f"in-{self.number}-{self.count}-{timezone.now().timestamp()}",
            channel=self.channel.external_id,
            sender=Person(addresses=(named,)),
            kind=kind,
            text=text,
            media=media,
            data=data,
            reply_to=to.external_id if to is not None else "",
            sent_at=at or timezone.now(),
        )
        messaging.receive(channel=self.channel, inbound=inbound, at_once=True)
        return [message.text for message in self.inbox() if message.pk not in before]

    def tap(self, message: Message, number: int = 0) -> list[str]:
        """Tap a button under a message."""
        button = message.data["buttons"][number]
        return self.say(button["title"], kind=Kind.BUTTON, payload=button["payload"], to=message)

    def react(self, message: Message, emoji: str) -> list[str]:
        return self.say(emoji, kind=Kind.REACTION, to=message)

    def _out(self) -> Any:
        named = ApproverAddress.objects.get(channel=self.channel, address=self.number)
        chats = Conversation.objects.filter(channel=self.channel, contact__addresses__value=named.address)
        return Message.objects.filter(conversation__in=chats, direction="out")


@pytest.fixture
def phone(channel, owner) -> Phone:
    return Phone(channel, OWNER)


@pytest.fixture
def partners_phone(channel, partner) -> Phone:
    return Phone(channel, PARTNER)


def status(candidate: Candidate) -> str:
    candidate.refresh_from_db()
    return candidate.status


def steps(candidate: Candidate) -> list[str]:
    """What happened to a candidate."""
    return list(TrailEntry.objects.filter(candidate=candidate).values_list("kind", flat=True))


def quiet_now(approver: Approver) -> None:
    """Let it be in the middle of this person's quiet hours."""
    local = timezone.now().astimezone(approver.zone)
    hours = {"quiet_from": (local - timedelta(hours=3)).time(), "quiet_until": (local + timedelta(hours=3)).time()}
    Approver.objects.filter(pk=approver.pk).update(**hours)
