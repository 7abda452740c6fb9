"""The API of labels and canned replies."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from messaging import services as messaging
from messaging.api import examples
from messaging.api.fields import LabelOut
from messaging.api.more_fields import LabelIn, LabellingIn, LabelsOut, ReplyIn, ReplyOut
from messaging.api.sessions import SessionView
from messaging.models import CannedReply, Label
from messaging.services import labels_and_replies
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.problems import Conflict
from tenants.services import NameTaken

LABEL_NEEDS = {"GET": "labels.see", "POST": "labels.add", "PATCH": "labels.edit", "DELETE": "labels.delete"}
REPLY_NEEDS = {"GET": "replies.see", "POST": "replies.add", "PATCH": "replies.edit", "DELETE": "replies.delete"}


class Labels(TenantView):  # GET, POST /api/labels
    """The words by which sessions are sorted."""

    needs = LABEL_NEEDS

    @describe("List labels", gives=LabelOut, is_page=True, answer=examples.LABEL)
    def get(self, request: Request) -> Response:
        return self.paginated(Label.objects.of(self.tenant), ("name", "id"), LabelOut)

    @describe(
        "Make a label", takes=LabelIn, gives=LabelOut, status=201, creates=True,
        example={"name": "Invoice", "colour": "orange"}, answer=examples.LABEL,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(LabelIn)
        return self.create_once(lambda: self._made(wanted))

    def _made(self, wanted: dict[str, Any]) -> Response:
        try:
            row = labels_and_replies.save_label(tenant=self.tenant, by=self.actor, **wanted)
        except NameTaken as error:
            raise Conflict(str(error)) from None
        return Response(LabelOut(row).data, status=201)


class OneLabel(TenantView):  # GET, PATCH, DELETE /api/labels/<pk>
    """One label; removing it takes it off all sessions."""

    needs = LABEL_NEEDS

    @describe("Read a label", gives=LabelOut, answer=examples.LABEL)
    def get(self, request: Request, pk: int) -> Response:
        return Response(LabelOut(get_object_or_404(Label.objects.of(self.tenant), pk=pk)).data)

    @describe(
        "Change a label", takes=LabelIn, gives=LabelOut, problems=(409,), example={"colour": "green"},
        answer=examples.LABEL,
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        label = get_object_or_404(Label.objects.of(self.tenant), pk=pk)
        wanted = self.validated_body(LabelIn, partial=True)
        try:
            row = labels_and_replies.save_label(tenant=self.tenant, by=self.actor, label=label, **wanted)
        except NameTaken as error:
            raise Conflict(str(error)) from None
        return Response(LabelOut(row).data)

    @describe("Remove a label", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        rows = Label.objects.of(self.tenant).select_related("tenant")
        labels_and_replies.delete_phrase(phrase=get_object_or_404(rows, pk=pk), by=self.actor)
        return Response(status=204)


class SessionLabels(SessionView):  # GET, POST /api/sessions/<pk>/labels
    """The labels of a session; POST puts one on."""

    @describe("Read the labels of a session", gives=LabelsOut, answer={"labels": [examples.LABEL]})
    def get(self, request: Request, pk: int) -> Response:
        return Response(LabelsOut(self.session(pk)).data)

    @describe(
        "Put a label on a session", takes=LabellingIn, gives=LabelsOut, example={"label": 4},
        answer={"labels": [examples.LABEL]},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        conversation, wanted = self.session(pk), self.validated_body(LabellingIn)["label"]
        label = Label.objects.of(self.tenant).filter(pk=wanted).first()
        if label is None:
            raise ValidationError({"label": ["There is no label with this id."]})
        messaging.add_label(conversation=conversation, label=label, by=self.actor)
        return Response(LabelsOut(self.session(pk)).data)


class SessionLabel(SessionView):  # DELETE /api/sessions/<pk>/labels/<label>
    """One label of a session."""

    @describe("Take a label off a session", status=204)
    def delete(self, request: Request, pk: int, label: int) -> Response:
        conversation = self.session(pk)
        row = get_object_or_404(Label.objects.of(self.tenant), pk=label)
        messaging.remove_label(conversation=conversation, label=row, by=self.actor)
        return Response(status=204)


class Replies(TenantView):  # GET, POST /api/replies
    """The ready texts of the desk."""

    needs = REPLY_NEEDS

    @describe("List canned replies", gives=ReplyOut, is_page=True, answer=examples.REPLY)
    def get(self, request: Request) -> Response:
        return self.paginated(CannedReply.objects.of(self.tenant), ("shortcut", "id"), ReplyOut)

    @describe(
        "Make a canned reply", takes=ReplyIn, gives=ReplyOut, status=201, creates=True, example=examples.NEW_REPLY,
        answer=examples.REPLY,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(ReplyIn)
        return self.create_once(lambda: self._made(wanted))

    def _made(self, wanted: dict[str, Any]) -> Response:
        try:
            row = labels_and_replies.save_reply(tenant=self.tenant, by=self.actor, **wanted)
        except NameTaken as error:
            raise Conflict(str(error)) from None
        return Response(ReplyOut(row).data, status=201)


class Reply(TenantView):  # GET, PATCH, DELETE /api/replies/<pk>
    """One ready text."""

    needs = REPLY_NEEDS

    @describe("Read a canned reply", gives=ReplyOut, answer=examples.REPLY)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ReplyOut(get_object_or_404(CannedReply.objects.of(self.tenant), pk=pk)).data)

    @describe(
        "Change a canned reply", takes=ReplyIn, gives=ReplyOut, problems=(409,), example={"text": "We open at 9."},
        answer=examples.REPLY,
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        reply = get_object_or_404(CannedReply.objects.of(self.tenant), pk=pk)
        wanted = self.validated_body(ReplyIn, partial=True)
        try:
            row = labels_and_replies.save_reply(tenant=self.tenant, by=self.actor, reply=reply, **wanted)
        except NameTaken as error:
            raise Conflict(str(error)) from None
        return Response(ReplyOut(row).data)

    @describe("Remove a canned reply", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        rows = CannedReply.objects.of(self.tenant).select_related("tenant")
        labels_and_replies.delete_phrase(phrase=get_object_or_404(rows, pk=pk), by=self.actor)
        return Response(status=204)
