"""Transcriptions of voice notes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from common.work.rows import Job, WorkQuerySet, WorkRow, stuck_index, work_indexes
from messaging.models import MediaFile
from tenants.models import TenantModel, TenantQuerySet


class TranscriptionQuerySet(WorkQuerySet["Transcription"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over transcriptions, by tenant and due."""


class Transcription(TenantModel, WorkRow):
    """A voice note to be transcribed; the text itself stands on the file."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="assistant.transcribe", queue="assistant"),)
    max_attempts: ClassVar[int] = 3

    media = models.OneToOneField(MediaFile, on_delete=models.CASCADE, related_name="transcription")

    objects: ClassVar[Any] = TranscriptionQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        indexes = [*work_indexes("transcription"), stuck_index("transcription")]

    def __str__(self) -> str:
        return f"transcription of file {self.media_id}"
