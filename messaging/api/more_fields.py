"""Serializers of the API of contacts, channels, notes, labels and canned replies."""

from __future__ import annotations

from rest_framework import serializers

from messaging.api.fields import AddressOut, ChannelOut, LabelOut
from messaging.models import CannedReply, Contact, ContactMerge, MessageTemplate, Note
from messaging.models.contacts import ContactKind
from messaging.models.conversations import Colour
from messaging.services.inbox_state import MAX_NOTE
from tenants.fields import Flag, PatternText, RowId, Text, WordChoice

LANGUAGE = r"^[A-Za-z0-9-]*\Z"


class ContactQuery(serializers.Serializer):
    """Which contacts."""

    q = Text(required=False, max_length=200, help_text="Words of a name, or a part of a number or address.")


class ContactDetailOut(serializers.ModelSerializer):
    """A person, or a group."""

    addresses = AddressOut(many=True)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)

    class Meta:
        model = Contact
        fields = [
            "id", "name", "language", "is_group", "opted_out_at", "marketing_stopped_at", "merged_into", "created_at",
            "addresses",
        ]  # fmt: skip


class ContactIn(serializers.Serializer):
    """What of a person can be changed."""

    name = Text(required=False, allow_blank=True, max_length=200)
    language = PatternText(pattern=LANGUAGE, required=False, allow_blank=True, max_length=10)
    is_opted_out = Flag(required=False, help_text="true: nothing automatic is sent any more.")


class AddressIn(serializers.Serializer):
    """One more name of a person."""

    kind = WordChoice(words=tuple(str(kind) for kind in ContactKind if kind != ContactKind.GROUP))
    value = Text(max_length=200, help_text="A phone number as +15550100111, an e-mail address, or the network's id.")


class MergeIn(serializers.Serializer):
    """Who is the same person."""

    contact = RowId(help_text="The contact that is put away; what it has moves to the one in the address.")


class UnmergeIn(serializers.Serializer):
    """Which merge is undone."""

    merge = RowId(required=False, help_text="The latest one if not said.")


class MergeOut(serializers.ModelSerializer):
    """Two contacts that were one person."""

    kept = serializers.IntegerField(source="kept_id")
    merged = serializers.IntegerField(source="merged_id")

    class Meta:
        model = ContactMerge
        fields = ["id", "kept", "merged", "by", "created_at", "undone_at", "undone_by"]


class ChannelDetailOut(ChannelOut):
    """A line of the business, without its secrets."""

    class Meta(ChannelOut.Meta):
        fields = [
            *ChannelOut.Meta.fields, "external_id", "is_enabled", "outbound_enabled", "problem", "connection_state",
            "created_at",
        ]  # fmt: skip


class TemplateOut(serializers.ModelSerializer):
    """A template that the provider has approved."""

    class Meta:
        model = MessageTemplate
        fields = ["id", "name", "title", "language", "text", "is_active"]


class NoteIn(serializers.Serializer):
    """What the other members are told; it is never sent."""

    text = Text(max_length=MAX_NOTE)


class NoteOut(serializers.ModelSerializer):
    """What members tell each other about a session."""

    class Meta:
        model = Note
        fields = ["id", "author", "text", "created_at"]


class LabelIn(serializers.Serializer):
    """A word to sort sessions by."""

    name = Text(max_length=40)
    colour = WordChoice(required=False, words=tuple(str(colour) for colour in Colour))


class LabellingIn(serializers.Serializer):
    """Which label."""

    label = RowId()  # type: ignore[assignment]  # a field of this name


class LabelsOut(serializers.Serializer):
    """The labels of a session."""

    labels = LabelOut(many=True)


class ReplyIn(serializers.Serializer):
    """A ready text."""

    shortcut = PatternText(pattern=r"^[A-Za-z0-9_-]+\Z", max_length=40, help_text="Typed after / in the composer.")
    title = Text(max_length=100)
    text = Text(max_length=4000, help_text="May hold {contact_name}, {agent_name}, {business_name}.")


class ReplyOut(serializers.ModelSerializer):
    """A ready text."""

    class Meta:
        model = CannedReply
        fields = ["id", "shortcut", "title", "text", "updated_at"]
