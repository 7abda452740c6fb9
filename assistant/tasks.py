"""Celery tasks of this app, by row id."""

from assistant import services
from assistant.models import Transcription, Turn
from common.work.queue import register_task
from common.work.run import work_on

TRANSCRIPTION_LEASE_SECONDS = 40  # one call of up to 30 s


@register_task("assistant.turn", queue="assistant")
def turn(turn_id: int) -> None:
    """Answer one conversation."""
    work_on(Turn, turn_id, services.run_turn)  # each step renews the claim


@register_task("assistant.transcribe", queue="assistant")
def transcribe(transcription_id: int) -> None:
    """Transcribe one voice note."""
    work_on(Transcription, transcription_id, services.transcribe, lease_seconds=TRANSCRIPTION_LEASE_SECONDS)
