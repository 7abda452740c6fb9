"""Looking at what was sent, and at the rows of it."""

from datetime import timedelta

from django.utils import timezone

from common.models import RateBucket
from messaging.models import Message


def texts(sim, service):
    return [record["text"] for record in sim.sends(service)]


def row(message):
    return Message.objects.get(pk=message.pk)


def make_due(message):
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now() - timedelta(seconds=5))
    RateBucket.objects.update(
        closed_until=timezone.now() - timedelta(hours=1), full_at=timezone.now() - timedelta(hours=1)
    )
