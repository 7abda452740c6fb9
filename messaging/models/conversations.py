"""A conversation: one contact on one channel. The API and the pages call it a session."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.models.channels import Channel
from messaging.models.contacts import Contact
from tenants.models import Member, TenantModel

LAST_TEXT = 120


class PausedBy(models.TextChoices):
    """Who or what paused the assistant."""

    OWNER = "owner", _("The owner wrote from their own phone")
    OPERATOR = "operator", _("An operator took over")
    COMMAND = "command", _("The owner's command")
    CUSTOMER = "customer", _("The customer asked for a person")
    ASSISTANT = "assistant", _("The assistant handed over")
    API = "api", _("A program")


class ConversationStatus(models.TextChoices):
    """Whether the conversation is open in the inbox, snoozed or closed."""

    OPEN = "open", _("Open")
    SNOOZED = "snoozed", _("Snoozed")
    CLOSED = "closed", _("Closed")


class Holder(models.TextChoices):
    """Who answers in a conversation."""

    ASSISTANT = "assistant", _("Assistant")
    MEMBER = "member", _("A member")
    NOBODY = "nobody", _("Nobody")  # the assistant is paused, and no member is assigned


class Colour(models.TextChoices):
    """The colours of labels. They can be told apart on light and on dark pages."""

    GREY = "grey", _("Grey")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    GREEN = "green", _("Green")
    BLUE = "blue", _("Blue")
    PURPLE = "purple", _("Purple")


class Label(TenantModel):
    """A label that a tenant defines to sort its conversations by."""

    name = models.CharField(max_length=40)
    colour = models.CharField(max_length=10, choices=Colour.choices, default=Colour.GREY)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_label_per_name")]

    def __str__(self) -> str:
        return self.name


# The order of every list of conversations: the latest message first, and the id when two are equally late.
LATEST = ("-last_message_at", "-id")
WANTS_PERSON = models.Q(paused_at__isnull=False, waiting_since__isnull=False)


class Conversation(TenantModel):
    """The messages between a contact and the business on one channel, and who answers in it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    # The recipient that the provider expects: the address that the contact last wrote from.
    recipient_kind = models.CharField(max_length=10, blank=True)
    recipient = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=10, choices=PausedBy.choices, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    resume_at = models.DateTimeField(null=True, blank=True, help_text=_("Empty: after the usual hours."))
    # When a person last resumed the assistant. A message of the owner that is older but arrives later does not pause
    # the assistant again.
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The number of take-overs. A message that the assistant wrote before the latest take-over is never sent after it.
    fence = models.PositiveIntegerField(default=0, editable=False)
    last_human_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True, help_text=_("Opens the reply window."))
    last_message_at = models.DateTimeField(null=True, blank=True)
    # The beginning of the last message, for lists.
    last_text = models.CharField(max_length=LAST_TEXT, blank=True, default="", db_default="")
    last_purpose = models.CharField(max_length=12, blank=True, default="", db_default="")
    unread = models.PositiveIntegerField(default=0)
    status = models.CharField(
        max_length=10,
        choices=ConversationStatus.choices,
        default=ConversationStatus.OPEN,
        db_default=ConversationStatus.OPEN.value,
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations", db_index=False
    )
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text=_("When the oldest message came that nobody has answered.")
    )
    # A conversation with an approver of the business about decisions. It is not a customer's, so it is not listed among
    # the open ones.
    is_internal = models.BooleanField(default=False, db_default=False, editable=False)
    labels = models.ManyToManyField(Label, through="messaging.ConversationLabel", related_name="conversations")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("session")
        constraints = [
            models.UniqueConstraint(fields=["channel", "contact"], name="one_conversation_per_contact"),
        ]
        indexes = [
            models.Index(fields=["tenant", *LATEST], name="conversation_inbox"),
            models.Index(fields=["tenant", "status", *LATEST], name="conversation_status"),
            models.Index(fields=["tenant", *LATEST], name="conversation_wants_person", condition=WANTS_PERSON),
            models.Index(
                fields=["tenant", *LATEST], name="conversation_off", condition=models.Q(paused_at__isnull=False)
            ),
            models.Index(
                fields=["tenant", *LATEST],
                name="conversation_unassigned",
                condition=models.Q(paused_at__isnull=False, assignee__isnull=True),
            ),
            models.Index(
                fields=["assignee", *LATEST],
                name="conversation_mine",
                condition=models.Q(assignee__isnull=False),
            ),
            models.Index(fields=["channel", *LATEST], name="conversation_channel"),
            models.Index(
                fields=["snoozed_until"],
                name="conversation_snoozed",
                condition=models.Q(status=ConversationStatus.SNOOZED),
            ),
            models.Index(
                fields=["last_human_at"], name="conversation_paused", condition=models.Q(paused_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{gettext('session')} {self.pk}"

    @property
    def person(self) -> str:
        """Return the contact's name, else their number or address."""
        plain = self.recipient.removeprefix("whatsapp:")
        number = f"+{plain}" if plain.isascii() and plain.isdecimal() and self.recipient_kind == "phone" else plain
        return self.contact.name or number or str(self.contact)

    @property
    def is_paused(self) -> bool:
        """Return True while the assistant does not answer in this conversation."""
        return self.paused_at is not None

    @property
    def holder(self) -> Holder:
        """Return who answers: the assistant until it is paused, then the assigned member, else nobody."""
        if not self.is_paused:
            return Holder.ASSISTANT
        return Holder.MEMBER if self.assignee_id is not None else Holder.NOBODY
