"""Transcribe voice notes through the OpenAI-compatible transcription route."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from assistant.models import HEARD_WITHIN_SECONDS, VOICE, Transcription, Turn
from assistant.queries import profile_of
from assistant.services.model_options import api_key_of
from common.db.compiled import CompiledQuery, Slot
from common.http.client import HttpError, Response, operator_client
from common.http.multipart import multipart
from common.text.file_names import normalise_type, type_of_content
from common.text.plain import clean
from common.work.queue import enqueue
from common.work.rows import CLAIMABLE, State, now_plus_seconds
from messaging import services as messaging
from messaging.models import Direction, MediaFile, Message, Purpose
from messaging.services.takeover import lock_conversation

logger = logging.getLogger("frontdesk.assistant")

CALL_SECONDS = 30.0
MAX_LENGTH = 8000
NO_KEY = "not transcribed: no key"
# What the service accepts, by the file extension, and as which type (OpenAI's reference of the route). Other names of
# the same bytes are refused with 400 "Unsupported file format oga" (chatwoot 14689, DictateKeyboard 322).
TAKEN = {
    "audio/flac": "flac", "audio/mpeg": "mp3", "audio/mp4": "m4a", "video/mp4": "mp4", "video/mpeg": "mpeg",
    "audio/ogg": "ogg", "audio/wav": "wav", "audio/webm": "webm", "video/webm": "webm",
}  # fmt: skip
UNFINISHED = (State.QUEUED, State.WORKING, State.UNCERTAIN)


def request_transcript(*, media: MediaFile) -> Transcription | None:
    """Request the transcription of a voice note; without an API key the message says so."""
    message = media.message
    if message.kind not in VOICE or message.direction != Direction.IN or media.transcript:
        return None
    if not _key(message):
        _set_note(message, NO_KEY)
        return None
    row, _ = Transcription.objects.get_or_create(media=media, defaults={"tenant_id": media.tenant_id})
    enqueue("assistant.transcribe", row.pk)
    return row


def transcribe(row: Transcription) -> None:
    """Transcribe one claimed voice note; a turn that waits for it continues."""
    media = row.media
    started = time.monotonic()
    try:
        with media.file.open("rb") as file:
            content = file.read()
        mime_type = accepted_type(content, media.mime_type)
        if mime_type not in TAKEN:
            _refuse(row, mime_type)
            return
        response = _post(content, mime_type, key=_key(media.message))
    except (HttpError, OSError) as error:
        row.fail(type(error).__name__)
        return
    text = _text(response)
    if not text and (response.status == 429 or response.status >= 500):
        row.fail(f"HTTP {response.status}")
        return
    with transaction.atomic():
        if text:
            MediaFile.objects.filter(pk=media.pk).update(transcript=clean(text)[:MAX_LENGTH])
        else:
            _set_note(media.message, f"not transcribed: HTTP {response.status}")
        row.settle(State.DONE if text else State.DEAD, reason="" if text else f"HTTP {response.status}")
        if text and _is_taken(media.message, clean(text)[:MAX_LENGTH]):
            _cancel_turn(media.message)
        else:
            _wake_up_turn(media.message)
            if text and media.message.conversation.is_paused:
                _notify_handlers(media.message)
            elif text:
                _answer_late(media.message)
    ms = round((time.monotonic() - started) * 1000)
    logger.info("transcribed", extra={"media_id": media.pk, "status": response.status, "ms": ms})


def seconds_until_heard(turn: Turn) -> float:
    """Return how long the turn should still wait for voice notes being fetched or transcribed; 0 for none."""
    since = timezone.now() - timedelta(seconds=HEARD_WITHIN_SECONDS)
    voices = _VOICES.all(conversation=turn.conversation_id, seen=turn.seen_id, since=since)
    waiting = [message for message in voices if _is_under_way(message)]
    return max(((message.created_at - since).total_seconds() for message in waiting), default=0.0)


_VOICES: CompiledQuery[Message] = CompiledQuery(
    lambda: Message.objects.filter(
        conversation=Slot("conversation"),
        direction=Direction.IN,
        pk__lte=Slot("seen"),
        kind__in=VOICE,
        created_at__gt=Slot("since"),
        media__transcript="",
    ).select_related("media")
)


def _is_under_way(message: Message) -> bool:
    if message.media.state in UNFINISHED:
        return bool(_key(message))
    return Transcription.objects.filter(media=message.media, state__in=UNFINISHED).exists()


def _key(message: Message) -> str:
    return api_key_of(profile_of(message.tenant), "openai")


def accepted_type(content: bytes, said: str) -> str:
    """Return the type of a sound: by its bytes, else by what the provider said."""
    return type_of_content(content) or normalise_type(said)


def _refuse(row: Transcription, mime_type: str) -> None:
    """End the row because the service does not accept this type: nothing is uploaded, and the turn does not wait."""
    reason = f"the service takes no {mime_type or 'files of an unknown type'}"
    with transaction.atomic():
        _set_note(row.media.message, f"not transcribed: {reason}")
        row.settle(State.DEAD, reason=reason)
        _wake_up_turn(row.media.message)
    logger.info("transcription_refused", extra={"media_id": row.media_id, "mime_type": mime_type})


def _post(content: bytes, mime_type: str, *, key: str) -> Response:
    fields = {"model": settings.TRANSCRIPTION_MODEL, "response_format": "json"}
    body, content_type = multipart(fields, name=f"voice.{TAKEN[mime_type]}", mime_type=mime_type, content=content)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
    url = f"{settings.OPENAI_BASE_URL}/audio/transcriptions"
    return operator_client().request("POST", url, headers=headers, content=body, timeout=CALL_SECONDS)


def _text(response: Response) -> str:
    if response.status != 200:
        return ""
    try:
        body = response.json()
    except ValueError:
        return ""
    text = body.get("text") if isinstance(body, dict) else None
    return text.strip() if isinstance(text, str) else ""


def _set_note(message: Message, note: str) -> None:
    _note(message, transcription=note)


def _note(message: Message, **facts: str) -> None:
    Message.objects.filter(pk=message.pk).update(data={**message.data, **facts})


def _is_taken(message: Message, words: str) -> bool:
    """Return whether one of HEARD_HANDLERS takes the transcript, as it would take the same text."""
    message.conversation = lock_conversation(message.conversation)
    messaging.update_language(conversation=message.conversation, words=words, before=message.pk)
    message.text = words  # for the handlers only: the row stores it as the transcript
    for name in settings.HEARD_HANDLERS:
        if import_string(name)(message):
            _note(message, handled_by=name)
            return True
    return False


def _cancel_turn(message: Message) -> None:
    """Cancel the turn that was requested for this voice note only."""
    waiting = _waiting_turns(message).filter(wanted=message, first_at__gte=message.created_at)
    waiting.update(state=State.IGNORED, last_error="another handler took what was said")


def _answer_late(message: Message) -> None:
    """Answer a voice note again that came too late and was answered without its transcript."""
    rows = Message.objects.filter(conversation_id=message.conversation_id)
    was_answered = rows.filter(pk__gt=message.pk, purpose=Purpose.ASSISTANT).exists()
    is_old = message.created_at < timezone.now() - timedelta(hours=settings.ANSWER_MAX_AGE_HOURS)
    active = Turn.objects.filter(
        conversation_id=message.conversation_id, is_suggestion=False, state__in=[*CLAIMABLE, State.WORKING]
    )
    if is_old or not was_answered or active.exists():
        return
    message.data = {**message.data, "changed_after": rows.aggregate(newest=Max("pk"))["newest"]}
    _note(message)
    _notify_handlers(message)


def _notify_handlers(message: Message) -> None:
    """Call CHANGE_HANDLERS with the transcript, which `_is_taken` has put into the message.

    The conversation is locked.
    """
    for name in settings.CHANGE_HANDLERS:
        import_string(name)(message)


def _waiting_turns(message: Message) -> QuerySet[Turn]:
    waiting: QuerySet[Turn] = Turn.objects.filter(
        conversation_id=message.conversation_id, is_suggestion=False, state__in=CLAIMABLE, draft__isnull=True,
        handed_at=None,
    )  # fmt: skip
    return waiting


def _wake_up_turn(message: Message) -> None:
    """Make a turn that waits for this transcript due now, unless it waits for more of a burst."""
    waiting = _waiting_turns(message).filter(waits_for_voice=True)
    for pk in waiting.values_list("pk", flat=True):
        if Turn.objects.filter(pk=pk, state__in=CLAIMABLE).update(due_at=now_plus_seconds(-1), waits_for_voice=False):
            enqueue("assistant.turn", pk)
