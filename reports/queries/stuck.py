"""What waits for an operator, of every kind of work, in one order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from common.counting import read_together
from common.work import WorkRow

COUNTED = 1000  # rows of a kind that are counted by reason; more are shown as "1000+"


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """What waits for an operator of one kind: how many, and why. Counted up to COUNTED."""

    total: int
    reasons: list[tuple[tuple[str, str], int]]  # ((state, reason), count), the most frequent first

    @property
    def shown(self) -> str:
        """The number for people."""
        return f"{COUNTED}+" if self.total > COUNTED else str(self.total)


def stuck(kinds: Mapping[str, QuerySet]) -> dict[str, Stuck]:
    """Count the newest stuck rows of each kind by state and reason; costs the same however many there are."""
    newest = {
        kind: rows.order_by("-due_at", "-id").values_list("state", "last_error")[: COUNTED + 1]
        for kind, rows in kinds.items()
    }
    found: dict[str, Counter[tuple[str, str]]] = {kind: Counter() for kind in kinds}
    for kind, state, error in read_together(newest):
        found[kind][state, reason_of(error)] += 1
    return {kind: Stuck(total=sum(each.values()), reasons=each.most_common()) for kind, each in found.items()}


def latest(kinds: Mapping[str, QuerySet], limit: int) -> dict[str, list[int]]:
    """The ids of the latest of all these rows, by kind, in the order of `Cursor`."""
    places = {kind: rows.values_list("due_at", "pk")[:limit] for kind, rows in kinds.items()}
    found: dict[str, list[int]] = {}
    for kind, _due_at, pk in read_together(places, order="2 DESC, 1, 3 DESC", limit=limit):
        found.setdefault(kind, []).append(pk)
    return found


def reason_of(error: str) -> str:
    """What errors of the same sort share: the words before the colon."""
    return error.partition(":")[0].strip()


def with_reason(rows: QuerySet, reason: str) -> QuerySet:
    """Those whose error is of this sort."""
    return rows.filter(Q(last_error=reason) | Q(last_error__startswith=f"{reason}:"))


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in the list of stuck rows of all kinds: after the row with this moment, kind and id."""

    due_at: datetime
    kind: str
    pk: int

    @classmethod
    def at(cls, kind: str, row: WorkRow) -> Cursor:
        """The place of a row."""
        return cls(due_at=row.due_at, kind=kind, pk=row.pk)

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """What `text` wrote; None when it is not ours."""
        parts = text.split("|")
        try:
            moment, kind, pk = datetime.fromisoformat(parts[0]), parts[1], int(parts[2])
        except (ValueError, IndexError, OverflowError):
            return None
        return cls(due_at=moment, kind=kind, pk=pk) if moment.tzinfo and 0 <= pk < 2**63 else None

    def text(self) -> str:
        """For an address."""
        return f"{self.due_at.isoformat()}|{self.kind}|{self.pk}"

    def order(self) -> tuple[float, str, int]:
        """The latest first; of the same moment by kind, then the newest row first."""
        return (-self.due_at.timestamp(), self.kind, -self.pk)


def page_of(rows: QuerySet, kind: str, before: Cursor | None) -> QuerySet:
    """Rows of one kind in the list's order, after a place in it."""
    if before is not None:
        after = Q(due_at__lt=before.due_at)
        if kind > before.kind:
            after |= Q(due_at=before.due_at)
        elif kind == before.kind:
            after |= Q(due_at=before.due_at, pk__lt=before.pk)
        rows = rows.filter(after)
    return rows.order_by("-due_at", "-id")
