"""The API of messages: read, write, cancel, send again; and of notes."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from common.text.file_names import with_extension
from common.work.acts import discard_row
from messaging import services as messaging
from messaging.api import examples
from messaging.api.fields import MessageForm, MessageIn, MessageOut
from messaging.api.more_fields import NoteIn, NoteOut
from messaging.api.sessions import SessionView
from messaging.models import Conversation, Message, MessageTemplate, Note
from messaging.queries import provider_of
from tenants.api_descriptions import FILE_TYPE, describe
from tenants.forms import FileFormParser
from tenants.problems import Conflict, Unprocessable

MAX_BODY_BYTES = 24 * 1024 * 1024  # with a file in base64

NEEDS = {"GET": "messages.see", "POST": "messages.act"}


class Messages(SessionView):  # GET, POST /api/sessions/<pk>/messages
    """What was said, the newest first; POST writes as a person, which pauses the assistant."""

    needs = NEEDS

    max_body_bytes = MAX_BODY_BYTES
    parser_classes = (JSONParser, FileFormParser)

    @describe("List messages", gives=MessageOut, is_page=True, answer=examples.MESSAGE)
    def get(self, request: Request, pk: int) -> Response:
        conversation = get_object_or_404(Conversation.objects.of(self.tenant), pk=pk)
        rows = Message.objects.of(self.tenant).filter(conversation=conversation).select_related("media")
        return self.paginated(rows, ("-id",), MessageOut)

    @describe(
        "Write a message",
        takes=MessageIn,
        takes_form=MessageForm,
        gives=MessageOut,
        status=201,
        creates=True,
        example={"text": "This is Marta, I will call you at three."},
        answer=examples.MESSAGE,
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation, wanted = self.session(pk), self.validated_body(MessageIn)
        limit = provider_of(conversation.channel).max_text
        if len(wanted.get("text", "")) > limit:
            raise ValidationError({"text": [f"This provider accepts up to {limit} characters."]})
        letter = self._letter(conversation, wanted)
        return self.create_once(lambda: self._write(conversation, letter))

    def _letter(self, conversation: Conversation, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return the wanted message with the rows that it names; a row of another tenant counts as missing."""
        found: dict[str, Any] = {"text": wanted.get("text", ""), "due_at": wanted.get("send_at")}
        if given := wanted.get("file"):
            found["attachment"] = _attachment(given)
        if given := wanted.get("template"):
            rows = MessageTemplate.objects.of(self.tenant).filter(channel=conversation.channel, is_active=True)
            found["template"] = _named(rows, given["id"], "template", "There is no such template of this channel.")
            found["variables"] = tuple(given.get("variables", ()))
        if "reply_to" in wanted:
            rows = Message.objects.of(self.tenant).filter(conversation=conversation)
            found["quoted"] = _named(rows, wanted["reply_to"], "reply_to", "There is no such message in this session.")
        return found

    def _write(self, conversation: Conversation, letter: dict[str, Any]) -> Response:
        key = self.request.headers.get("Idempotency-Key", "")
        member = self.caller.member
        try:
            message, is_new = messaging.write_message(
                conversation=conversation, author=self.actor, key=key, member=member, **letter
            )
        except messaging.SendRefused as refusal:
            raise Conflict(refusal.reason) from None
        except messaging.KeyReused:
            raise Unprocessable("This Idempotency-Key was used for another message.") from None
        return Response(MessageOut(message).data, status=201 if is_new else 200)


class MessageView(SessionView):
    """Base of the views of one message."""

    needs = NEEDS

    def message(self, pk: int, message: int) -> Message:
        """Return the message of this session, or raise 404."""
        rows = Message.objects.of(self.tenant).filter(conversation_id=pk).select_related("media", "tenant")
        row: Message = get_object_or_404(rows, pk=message)
        return row

    def done(self, was_done: bool, pk: int, message: int) -> Response:
        """Return the message as it is now; raises Conflict when its state did not allow the change."""
        row = self.message(pk, message)
        if not was_done:
            raise Conflict(f"Not possible for a message that is {row.state}.")
        return Response(MessageOut(row).data)


class OneMessage(MessageView):  # GET /api/sessions/<pk>/messages/<message>
    """One message, and how far it has come."""

    @describe("Read a message", gives=MessageOut, answer=examples.MESSAGE)
    def get(self, request: Request, pk: int, message: int) -> Response:
        return Response(MessageOut(self.message(pk, message)).data)


class MessageFile(MessageView):  # GET /api/sessions/<pk>/messages/<message>/file
    """The file of a message, to be kept, never to be shown inside a browser."""

    @describe("Download the file of a message", is_file=True)
    def get(self, request: Request, pk: int, message: int) -> FileResponse:
        media = getattr(self.message(pk, message), "media", None)
        if media is None or not media.file:
            raise NotFound("There is no file, or it is not stored (yet): see `media` of the message.")
        try:
            opened = media.file.open("rb")
        except OSError:
            raise NotFound("The file is gone from the storage.") from None
        name = (
            with_extension(media.file_name, media.mime_type) if media.file_name else media.file.name.rpartition("/")[2]
        )
        answer = FileResponse(opened, as_attachment=True, filename=name, content_type=FILE_TYPE)
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


class CancelMessage(MessageView):  # POST /api/sessions/<pk>/messages/<message>/cancel
    """Take back a message that is to go later, or leave one unsent that waits, is held or has failed."""

    @describe("Cancel a message", gives=MessageOut, problems=(409,), answer=examples.MESSAGE | {"state": "ignored"})
    def post(self, request: Request, pk: int, message: int) -> Response:
        row = self.message(pk, message)
        did = row.direction == "out" and (
            messaging.cancel_scheduled(message=row, by=self.actor)
            if row.scheduled_at
            else discard_row(row=row, by=self.actor)
        )
        return self.done(did, pk, message)


class SendAgain(MessageView):  # POST /api/sessions/<pk>/messages/<message>/send-again
    """Send a message that was held, has failed, or of which nobody knows whether it went.

    For a message that came in, fetch its file again, when that was given up.
    """

    @describe(
        "Send a message again, or fetch its file again", gives=MessageOut, problems=(409,), answer=examples.MESSAGE
    )
    def post(self, request: Request, pk: int, message: int) -> Response:
        row = self.message(pk, message)
        service = messaging.send_again if row.direction == "out" else messaging.fetch_again
        return self.done(service(message=row, by=self.actor), pk, message)


class Notes(SessionView):  # GET, POST /api/sessions/<pk>/notes
    """What members and programs tell each other about a session; it is never sent."""

    @describe("List notes", gives=NoteOut, is_page=True, answer=examples.NOTE)
    def get(self, request: Request, pk: int) -> Response:
        rows = Note.objects.of(self.tenant).filter(conversation=self.session(pk))
        return self.paginated(rows, ("-id",), NoteOut)

    @describe(
        "Add a note", takes=NoteIn, gives=NoteOut, status=201, creates=True,
        example={"text": "She prefers mornings."}, answer=examples.NOTE,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        conversation, text = self.session(pk), self.validated_body(NoteIn)["text"]
        return self.create_once(lambda: self._note(conversation, text))

    def _note(self, conversation: Conversation, text: str) -> Response:
        note = messaging.add_note(conversation=conversation, text=text, author=self.actor)
        return Response(NoteOut(note).data, status=201)


def _attachment(given: dict[str, Any]) -> messaging.Attachment:
    try:
        content = base64.b64decode(given["content"], validate=True)
    except (binascii.Error, ValueError):
        raise ValidationError({"file": {"content": ["This is no base64."]}}) from None
    return messaging.Attachment(name=given["name"], mime_type=given.get("mime_type", ""), content=content)


def _named(rows: Any, pk: int, field: str, missing: str) -> Any:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise ValidationError({field: [missing]})
    return row
