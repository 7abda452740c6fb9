"""Rows that wait to be worked: one base for claim, finish, retry, sweep and dead.

The row is the truth and the queue a doorbell: whoever is rung, or finds a due row, takes it with one conditional
update.
Leases and due times compare with the database's clock, so that a worker with a wrong clock cannot act early.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, cast

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.db.compiled import Prepared, PreparedUpdate, Slot, after
from common.text.redaction import redact

MAX_CRASHES = 3  # starts that ended with the death of the process; the last one has the process to itself
ANY_CRASHES = 32_767
BACKOFF_SECONDS = 2.0
BACKOFF_CAP_SECONDS = 600.0


class State(models.TextChoices):
    """Where a work row stands."""

    QUEUED = "queued", _("Queued")
    WORKING = "working", _("Working")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Ignored")  # understood and left alone; last_error holds the reason
    HELD = "held", _("Held")  # a switch, a window or a credential stops it: an operator releases it
    UNCERTAIN = "uncertain", _("Uncertain")  # it may have happened; waits for proof until due_at
    DEAD = "dead", _("Dead")  # given up; listed, alerted, can be retried


CLAIMABLE = (State.QUEUED, State.UNCERTAIN)
STUCK = (State.DEAD, State.HELD, State.UNCERTAIN)  # what waits for an operator


class _Written(models.Value):
    """A value that stands in the statement itself.

    SQLite sees that a partial index serves a list of states only when both are written the same: with parameters it
    would walk through the whole table, twice a second.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


def written(states: Iterable[str]) -> list[_Written]:
    """These states, or other words of ours, written into the statement, so that a partial index on them is used."""
    return [_Written(str(state)) for state in states]


class LeaseLost(Exception):
    """The row was taken over by somebody else: what this worker did must not be written."""


class LastChance(Exception):
    """A due row has ended so many processes that it is worked alone, or not at all."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which task works which rows of a model, and on which queue."""

    task: str
    queue: str
    where: Q = field(default_factory=Q)


Row = TypeVar("Row", bound="WorkRow")


class WorkQuerySet(models.QuerySet[Row]):
    """Reads and conditional updates shared by all work rows."""

    def due(self) -> Self:
        """Rows that wait and are due, oldest first."""
        return self.filter(state__in=written(CLAIMABLE), due_at__lte=Now()).order_by("due_at")

    def claim(
        self, pk: int, *, lease_seconds: float | None = None, fewer_crashes_than: int = ANY_CRASHES
    ) -> Row | None:
        """Take one due row, or return None when it is not due, not waiting or somebody else's.

        Raises LastChance, and takes nothing, when it has ended as many processes as that.
        """
        claimed_at = time.monotonic()
        lease = timedelta(seconds=lease_seconds or settings.LEASE_SECONDS)
        claim = _claim(self.model)
        token = uuid.uuid4()
        facts = {"pk": pk, "token": token, "lease": lease, "crashes": fewer_crashes_than}
        row: Row | None = (
            claim.reading(_with_needs(self.model), **facts) if self.model.needs else claim.returning(**facts)
        )
        if row is not None and row.token != token:
            raise LastChance
        if row is not None:
            row.claimed_at = claimed_at
        return row

    def sweep(self) -> int:
        """Free rows whose worker died: back to the queue, or dead after MAX_CRASHES starts. Returns how many."""
        expired = self.filter(state=State.WORKING, lease_until__lt=Now())
        dead = expired.filter(crashes__gte=MAX_CRASHES - 1).update(
            state=State.DEAD,
            crashes=F("crashes") + 1,
            token=None,
            lease_until=None,
            last_error=f"its worker died {MAX_CRASHES} times",
        )
        freed = expired.update(state=State.QUEUED, crashes=F("crashes") + 1, token=None, lease_until=None, due_at=Now())
        return dead + freed


class WorkRow(models.Model):
    """Something to be done once, by any worker, at `due_at` or later."""

    claimed_at: float = 0.0  # by time.monotonic(), which goes on while a process is frozen
    jobs: ClassVar[tuple[Job, ...]] = ()
    max_attempts: ClassVar[int] = 5
    needs: ClassVar[tuple[str, ...]] = ()  # related rows that every worker reads: fetched with the claim

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="", editable=False)
    traceparent = models.CharField(max_length=64, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    @classmethod
    def asked(cls) -> dict[str, Any]:
        """What every worker asks about a row, as annotations: it is answered with the claim."""
        return {}

    def settle(self, state: State, *, reason: str = "", due_in: float | None = None, **fields: Any) -> None:
        """Write the end of this claim, if it is still ours; raises LeaseLost when it is not.

        Args:
            reason: why, for people; cut at 500 characters and redacted.
            due_in: seconds until the next try, for states that wait.
        """
        changes: dict[str, Any] = {
            "state": state,
            "token": None,
            "lease_until": None,
            "last_error": redact(reason, 500),
            **fields,
        }
        plain = {name: value for name, value in changes.items() if not hasattr(value, "resolve_expression")}
        if len(plain) == len(changes):
            won = _settle(type(self), tuple(plain), due_in is not None).run(
                pk=self.pk, mine=self.token, wait=timedelta(seconds=due_in or 0), **plain
            )
        else:
            if due_in is not None:
                changes["due_at"] = in_seconds(due_in)
            mine = type(self)._default_manager.filter(pk=self.pk, token=self.token, state=State.WORKING)
            won = mine.update(**changes)
        if not won:
            raise LeaseLost(f"{type(self).__name__} {self.pk}")
        for name, value in plain.items():
            setattr(self, name, value)

    def renew(self, seconds: float) -> None:
        """Keep the claim for `seconds` more; raises LeaseLost when it is no longer ours."""
        if not _renew(type(self)).run(pk=self.pk, mine=self.token, lease=timedelta(seconds=seconds)):
            raise LeaseLost(f"{type(self).__name__} {self.pk}")

    def fail(self, error: str, *, due_in: float | None = None) -> None:
        """Try again later, or give up after `max_attempts`."""
        if self.attempts >= self.max_attempts:
            self.settle(State.DEAD, reason=error)
        else:
            self.settle(State.QUEUED, reason=error, due_in=backoff(self.attempts) if due_in is None else due_in)

    def retry(self) -> bool:
        """Put a dead or held row back to work, by an operator's hand; False when it stands otherwise."""
        stuck = type(self)._default_manager.filter(
            pk=self.pk, state__in=(State.DEAD, State.HELD, State.UNCERTAIN, State.IGNORED)
        )
        return bool(stuck.update(state=State.QUEUED, attempts=0, crashes=0, due_at=Now(), last_error=""))

    def discard(self, reason: str) -> bool:
        """Leave a waiting, dead or held row undone for good."""
        open_rows = type(self)._default_manager.filter(pk=self.pk).exclude(state__in=(State.WORKING, State.DONE))
        return bool(open_rows.update(state=State.IGNORED, last_error=reason[:500]))


def work_indexes(name: str, *kinds: str) -> list[models.Index]:
    """The two partial indexes that keep due and sweep queries flat, however many rows are done.

    `kinds` are the fields by which the model's jobs choose their rows.
    """
    return [
        models.Index(fields=[*kinds, "due_at"], name=f"{name}_due", condition=Q(state__in=CLAIMABLE)),
        models.Index(fields=["lease_until"], name=f"{name}_lease", condition=Q(state=State.WORKING)),
    ]


def stuck_index(name: str) -> models.Index:
    """The partial index that lists what waits for an operator, however many rows are done."""
    return models.Index(fields=["-due_at", "-id"], name=f"{name}_stuck_due", condition=Q(state__in=STUCK))


def in_seconds(seconds: float) -> Any:
    """The database's now plus `seconds`."""
    return Now() + timedelta(seconds=seconds)


def backoff(attempts: int, *, base: float = BACKOFF_SECONDS, cap: float = BACKOFF_CAP_SECONDS) -> float:
    """Seconds until the next try: doubling from `base` to `cap`, with +-20 % jitter so that rows do not march."""
    return float(min(cap, base * 2 ** max(0, attempts - 1)) * random.uniform(0.8, 1.2))


def work_models() -> Iterator[type[WorkRow]]:
    """Every model whose rows wait to be worked."""
    for model in apps.get_models():
        if issubclass(model, WorkRow) and model.jobs:
            yield model


def rows_of(model: type[Row]) -> WorkQuerySet[Row]:
    """All rows of a kind of work, whose manager is one of WorkQuerySet."""
    return cast("WorkQuerySet[Row]", model._default_manager.all())


def due_rows(model: type[WorkRow], job: Job, limit: int) -> list[tuple[int, datetime]]:
    """Ids of what is due of a job, with the moments since when; oldest first."""
    return [(pk, due_at) for pk, due_at in _due(model, job, limit).columns()]


_IS_DUE = Q(state__in=CLAIMABLE, due_at__lte=Now())


@cache
def _due(model: type[WorkRow], job: Job, limit: int) -> Prepared[Any]:
    return Prepared(lambda: rows_of(model).filter(job.where).due().only("pk", "due_at")[:limit])


@cache
def _claim(model: type[WorkRow]) -> PreparedUpdate[Any]:
    return PreparedUpdate(
        lambda: rows_of(model).filter(_IS_DUE, pk=Slot("pk")),
        is_hint=True,  # a claim that is forgotten is a row that was never taken
        state=_if_harmless(model, "state", Value(State.WORKING)),
        token=_if_harmless(model, "token", Slot("token")),
        lease_until=_if_harmless(model, "lease_until", after("lease")),
        attempts=_if_harmless(model, "attempts", F("attempts") + 1),
    )


def _if_harmless(model: type[WorkRow], name: str, value: Any) -> Case:
    """The change where the row has not ended too many processes: one that has is found, and left as it is."""
    field: Any = model._meta.get_field(name)
    return Case(When(crashes__lt=Slot("crashes"), then=value), default=F(name), output_field=field)


@cache
def _with_needs(model: type[WorkRow]) -> Prepared[Any]:
    return Prepared(lambda: rows_of(model).select_related(*model.needs).annotate(**model.asked()).filter(pk=Slot("pk")))


@cache
def _settle(model: type[WorkRow], names: tuple[str, ...], waits: bool) -> PreparedUpdate[Any]:
    changes: dict[str, Any] = {name: Slot(name) for name in names}
    return PreparedUpdate(lambda: _mine(model), **changes, **({"due_at": after("wait")} if waits else {}))


@cache
def _renew(model: type[WorkRow]) -> PreparedUpdate[Any]:
    return PreparedUpdate(lambda: _mine(model), lease_until=after("lease"))


def _mine(model: type[WorkRow]) -> WorkQuerySet[Any]:
    return rows_of(model).filter(pk=Slot("pk"), token=Slot("mine"), state=State.WORKING)


WorkManager = models.Manager.from_queryset(WorkQuerySet)
