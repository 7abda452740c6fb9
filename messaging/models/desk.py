"""What members work with besides the messages: labels, notes, canned replies, templates, and who is writing."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.channels import Channel
from messaging.models.contacts import Contact
from messaging.models.conversations import Conversation, Label
from tenants.models import Member, TenantModel


class ConversationLabel(TenantModel):
    """A label on a conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="labellings")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="labellings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "label"], name="one_labelling_per_label")]
        indexes = [models.Index(fields=["label", "-conversation"], name="labelling_by_label")]
        verbose_name = _("label of a session")
        verbose_name_plural = _("labels of sessions")

    def __str__(self) -> str:
        return f"label {self.label_id} of session {self.conversation_id}"


class Note(TenantModel):
    """A note that members write for each other in a conversation.

    It is not a Message row, so that no code that sends messages can ever send it to the customer.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.CharField(max_length=100)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["conversation", "created_at"], name="note_transcript")]

    def __str__(self) -> str:
        return f"note {self.pk}"


class CannedReply(TenantModel):
    """A prepared text with a shortcut. {contact_name}, {agent_name} and {business_name} in it are filled in."""

    shortcut = models.CharField(
        max_length=40,
        validators=[RegexValidator(r"^[\w-]+\Z", _("Letters, digits, - and _ only."))],
        help_text=_("Typed after / in the composer."),
    )
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=4000, help_text=_("May hold {contact_name}, {agent_name}, {business_name}."))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["shortcut"]
        constraints = [models.UniqueConstraint(fields=["tenant", "shortcut"], name="one_reply_per_shortcut")]
        verbose_name_plural = _("canned replies")

    def __str__(self) -> str:
        return f"/{self.shortcut}"


class MessageTemplate(TenantModel):
    """A template that the provider has approved. It may be sent when the reply window is closed."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=200, help_text=_("As the provider knows it; for Twilio the content id (HX...)."))
    title = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text=_("What members see, where the name is an id.")
    )
    language = models.CharField(max_length=10, default="en")
    text = models.TextField(
        max_length=1024, help_text=_("As approved, with {{1}}, {{2}} where something is filled in.")
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["channel", "name", "language"], name="one_template_per_name")]

    def __str__(self) -> str:
        return f"{self.title or self.name} ({self.language})"


class Writing(TenantModel):
    """A member was writing in the conversation's composer at `seen_at`."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="writers")
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="one_writing_per_member")]
        verbose_name_plural = _("who is writing")

    def __str__(self) -> str:
        return f"member {self.member_id} in session {self.conversation_id}"


class ContactMerge(TenantModel):
    """A merge of two contacts that are one person, with all changes, so that the merge can be undone."""

    kept = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    merged = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges_away")
    # {"messaging.ContactAddress.contact": [[id, from, to], ...]}: each reference that was changed, with both values.
    moved = models.JSONField(default=dict, blank=True, editable=False)
    before = models.JSONField(default=dict, blank=True, editable=False)  # the fields of `kept` before the merge
    by = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"merge {self.pk}"
