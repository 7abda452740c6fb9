"""The product's own table of webhooks, written without the product's code: the same columns, indexes and checks."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """A row of `messaging_webhookevent`."""

    state = models.CharField(max_length=10, default="ignored")  # nobody works it
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, default="")
    request_id = models.CharField(max_length=64, default="")
    traceparent = models.CharField(max_length=64, default="")
    provider = models.CharField(max_length=20, default="meta")
    channel_id = models.BigIntegerField(null=True)
    body = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        managed = False
        db_table = "messaging_webhookevent"
