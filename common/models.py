"""Rows that belong to no tenant: which processes are running, rate limits and circuit breakers."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One running process."""

    name = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=20)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["role", "seen_at"], name="heartbeat_role_seen")]

    def __str__(self) -> str:
        return self.name


class RateBucket(models.Model):
    """How often something may happen: a token bucket, stored as times of the database's clock."""

    key = models.CharField(max_length=100, unique=True)  # for example channel:5 or member:7
    # The theoretical arrival time of the generic cell rate algorithm (ITU-T I.371).
    full_at = models.DateTimeField(db_default=Now())
    checked_at = models.DateTimeField(db_default=Now())
    closed_until = models.DateTimeField(db_default=Now())
    # A caller that finds the bucket empty gets a time of its own at the end of a queue. These are the ends of the two
    # queues: of what people wait for, and of what nobody waits for.
    queue_end = models.DateTimeField(db_default=Now())
    bulk_queue_end = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("rate bucket")

    def __str__(self) -> str:
        return self.key


class CircuitBreaker(models.Model):
    """Failures in a row of something that is called, and until when it is not called for them."""

    key = models.CharField(max_length=100, unique=True)  # for example channel:5, or a hash of credential and address
    name = models.CharField(max_length=120)  # what is called, for operators
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    open_until = models.DateTimeField(null=True, blank=True)  # no call before this time
    needs_change = models.BooleanField(default=False)  # no call until the credential or the address changes
    reason = models.CharField(max_length=200, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("circuit breaker")

    def __str__(self) -> str:
        return self.name
