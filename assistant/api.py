"""The API of the knowledge entries."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from assistant import services as assistant
from assistant.models import KnowledgeEntry
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.fields import Flag, PatternText, QueryFlag, Text
from tenants.problems import Conflict
from tenants.services import NameTaken

MAX_CONTENT = 20_000
NEEDS = {
    "GET": "knowledge.see",
    "POST": "knowledge.add",
    "PATCH": "knowledge.edit",
    "DELETE": "knowledge.delete",
}
EXAMPLE: dict[str, Any] = {
    "id": 2, "title": "Opening hours", "keywords": "open close when", "content": "Monday to Friday, 9 to 18.",
    "language": "en", "is_active": True, "updated_at": "2026-11-20T15:00:00.000000Z",
}  # fmt: skip


class EntryIn(serializers.Serializer):
    """Something that the assistant may say."""

    title = Text(max_length=200, help_text="The question or topic, as a customer would put it.")
    content = Text(max_length=MAX_CONTENT)
    keywords = Text(max_length=300, required=False, allow_blank=True, help_text="Other words for it.")
    language = PatternText(pattern=r"^[A-Za-z0-9-]*\Z", max_length=10, required=False, allow_blank=True)
    is_active = Flag(required=False)


class EntryOut(serializers.ModelSerializer):
    """Something that the assistant may say."""

    class Meta:
        model = KnowledgeEntry
        fields = ["id", "title", "keywords", "content", "language", "is_active", "updated_at"]


class EntryQuery(serializers.Serializer):
    """Which entries."""

    is_active = QueryFlag(required=False)


class KnowledgeEntries(TenantView):  # GET, POST /api/knowledge
    """What the assistant may say, in the business's own words."""

    needs = NEEDS

    @describe("List knowledge entries", gives=EntryOut, asks=EntryQuery, is_page=True, answer=EXAMPLE)
    def get(self, request: Request) -> Response:
        return self.paginated(
            KnowledgeEntry.objects.of(self.tenant).filter(**self.validated_query(EntryQuery)), ("id",), EntryOut
        )

    @describe(
        "Write a knowledge entry", takes=EntryIn, gives=EntryOut, status=201, creates=True,
        example={"title": "Opening hours", "content": "Monday to Friday, 9 to 18."}, answer=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(EntryIn)
        return self.create_once(lambda: self._write(wanted))

    def _write(self, wanted: dict[str, Any]) -> Response:
        try:
            row = assistant.save_entry(tenant=self.tenant, by=self.actor, **wanted)
        except NameTaken as error:
            raise Conflict(str(error)) from None
        return Response(EntryOut(row).data, status=201)


class OneKnowledgeEntry(TenantView):  # GET, PATCH, DELETE /api/knowledge/<pk>
    """One entry."""

    needs = NEEDS

    @describe("Read a knowledge entry", gives=EntryOut, answer=EXAMPLE)
    def get(self, request: Request, pk: int) -> Response:
        return Response(EntryOut(self._entry(pk)).data)

    @describe(
        "Change a knowledge entry", takes=EntryIn, gives=EntryOut, problems=(409,), example={"is_active": False},
        answer=EXAMPLE | {"is_active": False},
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        entry, wanted = self._entry(pk), self.validated_body(EntryIn, partial=True)
        try:
            row = assistant.save_entry(tenant=self.tenant, by=self.actor, entry=entry, **wanted)
        except NameTaken as error:
            raise Conflict(str(error)) from None
        return Response(EntryOut(row).data)

    @describe("Remove a knowledge entry", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        assistant.delete_entry(entry=self._entry(pk), by=self.actor)
        return Response(status=204)

    def _entry(self, pk: int) -> KnowledgeEntry:
        row: KnowledgeEntry = get_object_or_404(KnowledgeEntry.objects.of(self.tenant).select_related("tenant"), pk=pk)
        return row
