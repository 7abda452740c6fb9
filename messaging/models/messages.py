"""Incoming and outgoing messages, the attempts to send one, and the file that belongs to one."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from common.db.inserts import insert_once
from common.text.redaction import redact
from common.work.rows import (
    MAX_CRASHES,
    Job,
    State,
    WorkQuerySet,
    WorkRow,
    literals,
    now_plus_seconds,
    stuck_index,
    work_indexes,
)
from messaging.models.conversations import Conversation
from messaging.models.purposes import BULK, Purpose, PurposeRules
from tenants.models import TenantModel, TenantQuerySet

# Sent when the sweep gives up an outgoing message, for the code that notifies about failed messages.
given_up = Signal()


class Direction(models.TextChoices):
    """From the customer to the business, or from the business to the customer."""

    IN = "in", _("In")
    OUT = "out", _("Out")


class MessageQuerySet(WorkQuerySet["Message"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries for messages of a tenant and for messages that are due."""

    def insert_once(self, **fields: Any) -> Message | None:
        """Insert a message and return it, or return None when the constraints of the table say it exists already."""
        fields.setdefault("tenant_id", fields["conversation"].tenant_id)
        message: Message = self.model(**fields)
        return message if insert_once(message) else None

    def called(self, external_id: Any, *, channel: Any) -> Self:
        """Return the rows with this external id, which must not be empty, on this channel.

        The query repeats the condition of the partial index. PostgreSQL plans a prepared statement before it knows the
        id, and without the condition it could not use the index and would read all messages of the channel.
        """
        [empty] = literals([""])
        return self.filter(channel=channel, external_id=external_id).exclude(external_id=empty)

    def sweep(self) -> int:
        """Free the rows whose worker died and return their number.

        A message whose send had begun may have been sent already. It becomes uncertain and is not queued again. An
        outgoing message whose worker died too often is given up.
        """
        is_begun = Exists(Attempt.objects.filter(message=OuterRef("pk"), outcome=""))
        begun = self.filter(is_begun, state=State.WORKING, lease_until__lt=Now(), direction=Direction.OUT)
        count = sum(_mark_uncertain(pk) for pk in list(begun.values_list("pk", flat=True)))
        # A lease may expire between the two queries. Messages whose send has begun are left out here all the same; the
        # next sweep finds them.
        rest = self.exclude(is_begun)
        dying = rest.filter(
            state=State.WORKING, lease_until__lt=Now(), direction=Direction.OUT, crashes__gte=MAX_CRASHES - 1
        )
        count += sum(_give_up(pk) for pk in list(dying.values_list("pk", flat=True)))
        return count + super(MessageQuerySet, rest).sweep()


@transaction.atomic
def _give_up(pk: int) -> int:
    """Give up an outgoing message whose worker died. Return 1, or 0 when the row has changed meanwhile."""
    changed = Message.objects.filter(pk=pk, state=State.WORKING, lease_until__lt=Now()).update(
        state=State.DEAD,
        token=None,
        lease_until=None,
        crashes=F("crashes") + 1,
        last_error=f"its worker died {MAX_CRASHES} times",
    )
    if changed:
        given_up.send(Message, message=Message.objects.select_related("conversation", "tenant").get(pk=pk))
    return changed


@transaction.atomic
def _mark_uncertain(pk: int) -> int:
    """Mark a message uncertain whose worker died during a send. Return 1, or 0 when the row has changed meanwhile."""
    changed = Message.objects.filter(pk=pk, state=State.WORKING, lease_until__lt=Now()).update(
        state=State.UNCERTAIN,
        token=None,
        lease_until=None,
        crashes=F("crashes") + 1,
        due_at=now_plus_seconds(settings.UNCERTAIN_SECONDS),
        last_error="its worker died while sending",
    )
    if changed:
        Attempt.objects.filter(message_id=pk, outcome="").update(
            outcome="uncertain", reason="its worker died", finished_at=Now()
        )
    return changed


class Message(TenantModel, WorkRow):
    """One message of a conversation.

    An incoming message waits to be handled, an outgoing message waits to be sent. `delivery` is the last delivery
    status of an outgoing message.
    """

    jobs: ClassVar[tuple[Job, ...]] = (
        Job(task="messaging.handle", queue="inbound", where=Q(direction=Direction.IN)),
        Job(
            task="messaging.deliver",
            queue="outbound",
            where=Q(direction=Direction.OUT) & ~Q(purpose__in=BULK),
        ),
        # Thousands of reminders may be due in one minute. They have a queue of their own, so that no answer to a person
        # waits behind them.
        Job(task="messaging.deliver_bulk", queue="bulk", where=Q(direction=Direction.OUT, purpose__in=BULK)),
    )

    needs: ClassVar[tuple[str, ...]] = ("channel",)
    is_new: bool = False  # True when the current call inserted this row, False when it found the row

    # These have no index of their own. The indexes below that begin with them serve as well, and every index makes each
    # change of a row slower.
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    channel = models.ForeignKey("messaging.Channel", on_delete=models.CASCADE, db_index=False)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    kind = models.CharField(max_length=12, default="text")
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    external_id = models.CharField(max_length=255, blank=True)
    dedupe_key = models.CharField(max_length=100, null=True, blank=True)
    reply_to = models.CharField(max_length=255, blank=True)
    author_name = models.CharField(max_length=200, blank=True)  # who wrote, in groups
    author = models.CharField(max_length=100, blank=True)  # the member, API key or command that sent the message
    sent_at = models.DateTimeField(null=True, blank=True)  # by the provider's clock
    created_at = models.DateTimeField(auto_now_add=True)
    is_late = models.BooleanField(default=False)  # too old on arrival to be answered
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Outgoing
    delivery = models.CharField(max_length=10, blank=True)
    delivery_rank = models.PositiveSmallIntegerField(default=0, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    held_by = models.CharField(max_length=12, blank=True)  # switch | window | channel | uncertain
    fence = models.PositiveIntegerField(default=0, editable=False)  # the conversation's fence when this was written
    scheduled_at = models.DateTimeField(null=True, blank=True)  # a person wants it to be sent then and not before
    resends = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"], name="one_message_per_external_id", condition=~Q(external_id="")
            ),
            models.UniqueConstraint(fields=["channel", "dedupe_key"], name="one_message_per_dedupe_key"),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_transcript"),
            models.Index(
                fields=["tenant", "state"],
                name="message_incidents",
                condition=Q(state__in=[State.DEAD, State.HELD, State.UNCERTAIN]),
            ),
            models.Index(
                fields=["tenant", "conversation"],
                name="message_stuck",
                condition=Q(direction=Direction.OUT, state__in=[State.DEAD, State.HELD, State.UNCERTAIN]),
            ),
            # Finds the outgoing messages that are not finished, however many messages a conversation has.
            models.Index(
                fields=["conversation"],
                name="message_outbox",
                condition=Q(
                    direction=Direction.OUT,
                    state__in=[State.QUEUED, State.WORKING, State.UNCERTAIN, State.HELD],
                ),
            ),
            # Incoming and outgoing messages are indexed apart, so that the search for a due incoming message does not
            # read through thousands of due reminders.
            *work_indexes("message", "direction"),
            stuck_index("message"),
        ]

    @property
    def rules(self) -> PurposeRules:
        """Return what holds for messages of this purpose."""
        return Purpose(self.purpose).rules

    def __str__(self) -> str:
        return f"message {self.pk} {self.direction}"

    def fail(self, error: str, *, due_in: float | None = None) -> None:
        """Queue the row again for later, or give it up after too many attempts.

        When an attempt to send has begun, the message may have been sent already and becomes uncertain.
        """
        begun = self.tries.filter(outcome="")
        if self.direction == Direction.IN or not begun.exists():
            super().fail(error, due_in=due_in)
            return
        with transaction.atomic():
            self.settle(State.UNCERTAIN, reason=error, due_in=settings.UNCERTAIN_SECONDS)
            begun.update(outcome="uncertain", reason=redact(error, 500), finished_at=Now())


class Attempt(models.Model):
    """One attempt to send a message through the provider. The row is inserted before the call."""

    channel_failed: bool = False  # set during the attempt: whether earlier sends of the channel had failed

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    started_at = models.DateTimeField(db_default=Now())  # by the clock of the database, like the leases
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True)  # empty while the attempt runs, or after its worker died
    code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class MediaFile(TenantModel, WorkRow):
    """The file of a message.

    A file that came in is first a reference. A task fetches it, and transcribes it when it is a voice note.
    """

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="messaging.fetch_media", queue="bulk"),)
    # This limits the attempts that fail by an error of ours. When the provider or the disk refuses, the attempts go on
    # as long as the provider has the file.
    max_attempts: ClassVar[int] = 100
    needs: ClassVar[tuple[str, ...]] = ("message__channel",)

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="media")
    reference = models.CharField(max_length=500, blank=True)
    url = models.TextField(blank=True)
    mime_type = models.CharField(max_length=100, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    inline = models.TextField(blank=True, editable=False)  # base64 from the webhook, until it is stored
    file = models.FileField(upload_to="media/%Y/%m", blank=True)
    transcript = models.TextField(blank=True)

    class MediaQuerySet(WorkQuerySet["MediaFile"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
        """Queries for files of a tenant and for files that are due."""

    objects: ClassVar[Any] = MediaQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        indexes = [*work_indexes("media"), stuck_index("media")]

    def __str__(self) -> str:
        return f"file of message {self.message_id}"
