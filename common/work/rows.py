"""Work rows: one base class for claim, settle, retry, sweep and dead.

The row is the truth, and the queue only wakes up workers: a worker that is woken up, or a relay that finds a due row,
claims it by one conditional update. Leases and due times are compared with the database's clock, so that a worker with
a wrong clock cannot act early.
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

from common.db.compiled import CompiledQuery, CompiledUpdate, Slot, now_plus
from common.text.redaction import redact

MAX_CRASHES = 3  # attempts that ended with the death of the process; the last attempt runs exclusively
ANY_CRASHES = 32_767
BACKOFF_SECONDS = 2.0
BACKOFF_CAP_SECONDS = 600.0


class State(models.TextChoices):
    """The state of a work row."""

    QUEUED = "queued", _("Queued")
    WORKING = "working", _("Working")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Ignored")  # understood and not acted upon; last_error holds the reason
    HELD = "held", _("Held")  # stopped by a switch, a window or a credential; an operator releases it
    UNCERTAIN = "uncertain", _("Uncertain")  # it may have happened; waits for proof until due_at
    DEAD = "dead", _("Dead")  # given up; listed, alerted, can be retried


CLAIMABLE = (State.QUEUED, State.UNCERTAIN)
STUCK = (State.DEAD, State.HELD, State.UNCERTAIN)  # states that wait for an operator
RETRYABLE = (*STUCK, State.IGNORED)  # states from which an operator may put a row back to work


class _Literal(models.Value):
    """A value that stands in the SQL itself instead of among the parameters.

    SQLite uses a partial index for a list of states only when both are written alike; with parameters it would read the
    whole table, twice a second.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


def literals(states: Iterable[str]) -> list[_Literal]:
    """Return these states as literals for the SQL, so that a partial index on them is used."""
    return [_Literal(str(state)) for state in states]


class LeaseLost(Exception):
    """Another worker claimed the row meanwhile; this worker's result must not be stored."""


class LastAttempt(Exception):
    """A due row has ended so many processes that it is worked exclusively, or not at all."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which task works which rows of a model, and on which queue."""

    task: str
    queue: str
    where: Q = field(default_factory=Q)


Row = TypeVar("Row", bound="WorkRow")


class WorkQuerySet(models.QuerySet[Row]):
    """Queries and conditional updates of all work rows."""

    def due(self) -> Self:
        """Return the rows that wait and are due, oldest first."""
        return self.filter(state__in=literals(CLAIMABLE), due_at__lte=Now()).order_by("due_at")

    def claim(
        self, pk: int, *, lease_seconds: float | None = None, fewer_crashes_than: int = ANY_CRASHES
    ) -> Row | None:
        """Claim one due row; returns None when it is not due, not waiting or claimed by another worker.

        Raises LastAttempt, and claims nothing, when the row has ended that many processes.
        """
        claimed_at = time.monotonic()
        lease = timedelta(seconds=lease_seconds or settings.LEASE_SECONDS)
        claim = _claim(self.model)
        token = uuid.uuid4()
        facts = {"pk": pk, "token": token, "lease": lease, "crashes": fewer_crashes_than}
        row: Row | None = (
            claim.update_and_fetch_related(_with_needs(self.model), **facts)
            if self.model.needs
            else claim.returning(**facts)
        )
        if row is not None and row.token != token:
            raise LastAttempt
        if row is not None:
            row.claimed_at = claimed_at
        return row

    def retryable(self) -> Self:
        """Return the rows that an operator may put back to work."""
        return self.filter(state__in=RETRYABLE)

    def requeue(self, **fields: Any) -> int:
        """Put these rows back to work from the beginning, with other `fields` changed too; returns how many."""
        begin: dict[str, Any] = {"attempts": 0, "crashes": 0, "due_at": Now(), "last_error": ""}
        return self.update(state=State.QUEUED, **{**begin, **fields})

    def sweep(self) -> int:
        """Free rows whose worker died: back to the queue, or dead after MAX_CRASHES attempts. Returns how many."""
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
    needs: ClassVar[tuple[str, ...]] = ()  # related rows that every worker reads: loaded with the claim

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
    def extra_annotations(cls) -> dict[str, Any]:
        """Return annotations that every worker needs; they are loaded with the claim."""
        return {}

    def settle(self, state: State, *, reason: str = "", due_in: float | None = None, **fields: Any) -> None:
        """Store the end of this claim; raises LeaseLost when the row is no longer ours.

        Args: reason: why, for people; truncated at 500 characters and redacted. due_in: seconds until the next try, for
        states that wait.
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
                changes["due_at"] = now_plus_seconds(due_in)
            mine = type(self)._default_manager.filter(pk=self.pk, token=self.token, state=State.WORKING)
            won = mine.update(**changes)
        if not won:
            raise LeaseLost(f"{type(self).__name__} {self.pk}")
        for name, value in plain.items():
            setattr(self, name, value)

    def renew(self, seconds: float) -> None:
        """Extend the lease to `seconds` from now; raises LeaseLost when the row is no longer ours."""
        if not _renew(type(self)).run(pk=self.pk, mine=self.token, lease=timedelta(seconds=seconds)):
            raise LeaseLost(f"{type(self).__name__} {self.pk}")

    def fail(self, error: str, *, due_in: float | None = None) -> None:
        """Retry later, or set the row dead after `max_attempts`."""
        if self.attempts >= self.max_attempts:
            self.settle(State.DEAD, reason=error)
        else:
            self.settle(State.QUEUED, reason=error, due_in=backoff(self.attempts) if due_in is None else due_in)

    def discard(self, reason: str) -> bool:
        """Give up a waiting, dead or held row for good; returns False when its state does not allow it."""
        open_rows = type(self)._default_manager.filter(pk=self.pk).exclude(state__in=(State.WORKING, State.DONE))
        return bool(open_rows.update(state=State.IGNORED, last_error=reason[:500]))


def work_indexes(name: str, *kinds: str) -> list[models.Index]:
    """Return the two partial indexes that keep due and sweep queries fast, however many rows are done.

    `kinds` are the fields by which the model's jobs choose their rows.
    """
    return [
        models.Index(fields=[*kinds, "due_at"], name=f"{name}_due", condition=Q(state__in=CLAIMABLE)),
        models.Index(fields=["lease_until"], name=f"{name}_lease", condition=Q(state=State.WORKING)),
    ]


def stuck_index(name: str) -> models.Index:
    """Return the partial index for the rows that wait for an operator."""
    return models.Index(fields=["-due_at", "-id"], name=f"{name}_stuck_due", condition=Q(state__in=STUCK))


def now_plus_seconds(seconds: float) -> Any:
    """Return an expression: the database's now plus `seconds`."""
    return Now() + timedelta(seconds=seconds)


def backoff(attempts: int, *, base: float = BACKOFF_SECONDS, cap: float = BACKOFF_CAP_SECONDS) -> float:
    """Return the seconds until the next try: doubling from `base` to `cap`, with 20 % jitter to spread rows."""
    return float(min(cap, base * 2 ** max(0, attempts - 1)) * random.uniform(0.8, 1.2))


def work_models() -> Iterator[type[WorkRow]]:
    """Yield every model of work rows."""
    for model in apps.get_models():
        if issubclass(model, WorkRow) and model.jobs:
            yield model


def rows_of(model: type[Row]) -> WorkQuerySet[Row]:
    """Return all rows of a work model, whose manager is a WorkQuerySet."""
    return cast("WorkQuerySet[Row]", model._default_manager.all())


def due_rows(model: type[WorkRow], job: Job, limit: int) -> list[tuple[int, datetime]]:
    """Return (id, due since) of the due rows of a job, oldest first."""
    return [(pk, due_at) for pk, due_at in _due(model, job, limit).columns()]


_IS_DUE = Q(state__in=CLAIMABLE, due_at__lte=Now())


@cache
def _due(model: type[WorkRow], job: Job, limit: int) -> CompiledQuery[Any]:
    return CompiledQuery(lambda: rows_of(model).filter(job.where).due().only("pk", "due_at")[:limit])


@cache
def _claim(model: type[WorkRow]) -> CompiledUpdate[Any]:
    return CompiledUpdate(
        lambda: rows_of(model).filter(_IS_DUE, pk=Slot("pk")),
        may_be_lost=True,  # a lost claim is the same as a row that was never claimed
        state=_if_harmless(model, "state", Value(State.WORKING)),
        token=_if_harmless(model, "token", Slot("token")),
        lease_until=_if_harmless(model, "lease_until", now_plus("lease")),
        attempts=_if_harmless(model, "attempts", F("attempts") + 1),
    )


def _if_harmless(model: type[WorkRow], name: str, value: Any) -> Case:
    """Return the change, except for rows that have ended too many processes: those stay as they are."""
    field: Any = model._meta.get_field(name)
    return Case(When(crashes__lt=Slot("crashes"), then=value), default=F(name), output_field=field)


@cache
def _with_needs(model: type[WorkRow]) -> CompiledQuery[Any]:
    return CompiledQuery(
        lambda: rows_of(model).select_related(*model.needs).annotate(**model.extra_annotations()).filter(pk=Slot("pk"))
    )


@cache
def _settle(model: type[WorkRow], names: tuple[str, ...], waits: bool) -> CompiledUpdate[Any]:
    changes: dict[str, Any] = {name: Slot(name) for name in names}
    return CompiledUpdate(lambda: _mine(model), **changes, **({"due_at": now_plus("wait")} if waits else {}))


@cache
def _renew(model: type[WorkRow]) -> CompiledUpdate[Any]:
    return CompiledUpdate(lambda: _mine(model), lease_until=now_plus("lease"))


def _mine(model: type[WorkRow]) -> WorkQuerySet[Any]:
    return rows_of(model).filter(pk=Slot("pk"), token=Slot("mine"), state=State.WORKING)


WorkManager = models.Manager.from_queryset(WorkQuerySet)
