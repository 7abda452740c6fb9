"""Serializers of the API of sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.models import Channel, Contact, ContactAddress, Conversation, Label, MediaFile, Message
from messaging.models.conversations import ConversationStatus
from messaging.queries import WindowMode, reply_window
from messaging.queries.desk import name_of
from tenants.fields import Hours, PatternText, QueryFlag, QueryId, QueryMoment, RowId, Text, WordChoice
from tenants.models import Member

MAX_PAUSE_HOURS = 24 * 366
MAX_AHEAD_HOURS = 24 * 180
ASSIGNED = r"^(me|nobody|[1-9][0-9]{0,17})\Z"


class UntilIn(serializers.Serializer):
    """Until a moment, or for some hours."""

    until = serializers.DateTimeField(required=False, help_text="A moment to come, within a year; or give hours.")
    hours = Hours(required=False, up_to=MAX_PAUSE_HOURS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "until" in attrs and "hours" in attrs:
            raise serializers.ValidationError("Give until or hours, not both.")
        if "hours" in attrs:
            attrs["until"] = timezone.now() + timedelta(hours=attrs.pop("hours"))
        return attrs

    def validate_until(self, value: Any) -> Any:
        now = timezone.now()
        if not now < value <= now + timedelta(hours=MAX_PAUSE_HOURS):
            raise serializers.ValidationError("A moment to come, within a year.")
        return value


class PauseIn(UntilIn):
    """The body of a pause; all of it may be left out."""

    reason = Text(required=False, allow_blank=True, max_length=200)


class SnoozeIn(UntilIn):
    """Until when a session is put away."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = super().validate(attrs)
        if "until" not in found:
            raise serializers.ValidationError("Give until or hours.")
        return found


class AssignIn(serializers.Serializer):
    """To whom a session is given."""

    member = RowId(allow_null=True, help_text="The id of a member; null: nobody.")


class SessionQuery(serializers.Serializer):
    """Which sessions."""

    is_paused = QueryFlag(required=False)
    waiting = QueryFlag(required=False, help_text="true: a person is waited for.")
    assigned = PatternText(required=False, pattern=ASSIGNED, help_text="The id of a member, `me` or `nobody`.")
    label = QueryId(required=False, help_text="The id of a label.")  # type: ignore[assignment]  # a field of this name
    channel = QueryId(required=False, help_text="The id of a channel.")
    contact = QueryId(required=False, help_text="The id of a contact.")
    status = WordChoice(required=False, words=tuple(str(status) for status in ConversationStatus))
    since = QueryMoment(required=False, help_text="Something was said at or after this moment.")
    q = Text(required=False, max_length=200, help_text="Words of a name, a number, or what was said.")


class AddressOut(serializers.ModelSerializer):
    """One name of a person."""

    kind = serializers.CharField()

    class Meta:
        model = ContactAddress
        fields = ["kind", "value"]


class ContactOut(serializers.ModelSerializer):
    """Who it is."""

    addresses = AddressOut(many=True)

    class Meta:
        model = Contact
        fields = ["id", "name", "addresses"]


class ChannelOut(serializers.ModelSerializer):
    """On which line."""

    provider = serializers.CharField()

    class Meta:
        model = Channel
        fields = ["id", "name", "provider"]


class LabelOut(serializers.ModelSerializer):
    """A word to sort sessions by."""

    colour = serializers.CharField()

    class Meta:
        model = Label
        fields = ["id", "name", "colour"]


class MemberOut(serializers.ModelSerializer):
    """Somebody at the desk."""

    name = serializers.SerializerMethodField()
    role = serializers.CharField()

    class Meta:
        model = Member
        fields = ["id", "name", "role"]

    def get_name(self, row: Member) -> str:
        return name_of(row)


class SessionOut(serializers.ModelSerializer):
    """A session in the list."""

    contact = ContactOut()
    channel = ChannelOut()
    is_paused = serializers.BooleanField()
    status = serializers.CharField()
    assignee = MemberOut(allow_null=True)
    labels = LabelOut(many=True)

    class Meta:
        model = Conversation
        fields = [
            "id", "contact", "channel", "is_paused", "paused_at", "last_human_at", "last_message_at", "unread",
            "status", "snoozed_until", "assignee", "waiting_since", "labels", "last_text",
        ]  # fmt: skip


class WindowOut(serializers.Serializer):
    """What may be sent, and until when; null: without end."""

    mode = serializers.ChoiceField(choices=[str(mode) for mode in WindowMode])
    until = serializers.DateTimeField(allow_null=True)


class SessionDetailOut(SessionOut):
    """A session by itself."""

    paused_by = serializers.CharField()
    reply_window = serializers.SerializerMethodField()

    class Meta(SessionOut.Meta):
        fields = [*SessionOut.Meta.fields, "paused_by", "pause_reason", "resume_at", "reply_window"]

    @extend_schema_field(WindowOut)
    def get_reply_window(self, row: Conversation) -> dict[str, Any]:
        return dict(WindowOut(reply_window(row)).data)


class FileIn(serializers.Serializer):
    """A file to send."""

    name = Text(max_length=255)
    mime_type = Text(max_length=100, required=False, allow_blank=True, help_text="If the name does not say it.")
    content = Text(help_text="The file in base64.", trim_whitespace=False)


class TemplateIn(serializers.Serializer):
    """An approved template with what is filled in."""

    id = RowId()
    variables = serializers.ListField(child=Text(max_length=1024), required=False, max_length=20)


class MessageIn(serializers.Serializer):
    """A new message: words, a file with or without words, or a template."""

    text = Text(required=False, allow_blank=True, trim_whitespace=True)
    file = FileIn(required=False)
    template = TemplateIn(required=False)
    reply_to = RowId(required=False, help_text="The id of a message of this session, to quote it.")
    send_at = serializers.DateTimeField(required=False, help_text="A moment to come, within 180 days.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs.get("text") or "file" in attrs or "template" in attrs):
            raise serializers.ValidationError({"text": ["Give a text, a file or a template."]})
        if "template" in attrs and (attrs.get("text") or "file" in attrs):
            raise serializers.ValidationError({"template": ["A template goes alone."]})
        return attrs

    def validate_send_at(self, value: Any) -> Any:
        now = timezone.now()
        if not now < value < now + timedelta(hours=MAX_AHEAD_HOURS):
            raise serializers.ValidationError("A moment to come, within 180 days.")
        return value


class MessageForm(serializers.Serializer):
    """A new message as a form; a template goes as JSON."""

    text = Text(required=False, allow_blank=True)
    file = serializers.FileField(required=False, help_text="Its name says the type, else the part's Content-Type.")
    reply_to = RowId(required=False)
    send_at = serializers.DateTimeField(required=False)


class MediaOut(serializers.ModelSerializer):
    """A file that came with a message, without the addresses that would open it."""

    state = serializers.CharField()
    is_stored = serializers.SerializerMethodField()

    class Meta:
        model = MediaFile
        fields = ["id", "mime_type", "file_name", "size", "seconds", "transcript", "state", "is_stored"]

    def get_is_stored(self, row: MediaFile) -> bool:
        return bool(row.file)


class MessageOut(serializers.ModelSerializer):
    """One message; `state` is where its work stands, `delivery` how far it has come, `reason` why it did not."""

    direction = serializers.CharField()
    purpose = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField(source="last_error")
    media = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = [
            "id", "direction", "purpose", "kind", "text", "author", "created_at", "sent_at", "scheduled_at", "delivery",
            "state", "reason", "media", "edited_at", "deleted_at",
        ]  # fmt: skip

    @extend_schema_field(MediaOut(allow_null=True))
    def get_media(self, row: Message) -> dict[str, Any] | None:
        media = getattr(row, "media", None)
        return dict(MediaOut(media).data) if media is not None else None
