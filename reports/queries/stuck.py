"""Queries for rows that wait for an operator, of every kind of work, in one order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from common.db.counting import query_together

NAMES = ("kind", "due_at", "pk", "state", "last_error", "tenant", "tenant_name", "whom", "what")
COUNTED = 1000  # rows of a kind that are counted by reason; more are shown as "1000+"


@dataclass(frozen=True, kw_only=True)
class StuckCounts:
    """Rows of one kind that wait for an operator: how many, and why. Counted up to COUNTED."""

    total: int
    reasons: list[tuple[tuple[str, str], int]]  # ((state, reason), count), the most frequent first

    @property
    def shown(self) -> str:
        """Return the number as text."""
        return f"{COUNTED}+" if self.total > COUNTED else str(self.total)


def stuck_counts(kinds: Mapping[str, QuerySet]) -> dict[str, StuckCounts]:
    """Count the newest stuck rows of each kind by state and reason; the cost does not grow with their number."""
    newest = {
        kind: rows.order_by("-due_at", "-id").values_list("state", "last_error")[: COUNTED + 1]
        for kind, rows in kinds.items()
    }
    found: dict[str, Counter[tuple[str, str]]] = {kind: Counter() for kind in kinds}
    for kind, state, error in query_together(newest):
        found[kind][state, reason_of(error)] += 1
    return {kind: StuckCounts(total=sum(each.values()), reasons=each.most_common()) for kind, each in found.items()}


@dataclass(frozen=True, kw_only=True)
class StuckRow:
    """One row that waits for an operator, as a list shows it."""

    kind: str
    pk: int
    due_at: datetime
    state: str
    last_error: str
    tenant: int | None
    tenant_name: str
    whom: str
    what: str


def latest_stuck(
    kinds: Mapping[str, QuerySet], tenant_paths: Mapping[str, str], concerns: Mapping[str, Sequence[Any]], limit: int
) -> list[StuckRow]:
    """Return the latest of all these rows, in the order of `StuckCursor`; one query however many kinds there are.

    `tenant_paths` says how each kind leads to its tenant, `concerns` names up to two text expressions.
    """
    asked = {}
    for kind, rows in kinds.items():
        path = tenant_paths[kind]
        nothing = Value("", TextField())
        name = Coalesce(Cast(f"{path}__name", TextField()), nothing)
        texts = [*concerns[kind], nothing, nothing][:2]
        asked[kind] = rows.values_list("due_at", "pk", "state", "last_error", f"{path}_id", name, *texts)[:limit]
    found = query_together(asked, order="2 DESC, 1, 3 DESC", limit=limit)
    all_rows = [StuckRow(**dict(zip(NAMES, [kind, _moment(at), *rest], strict=True))) for kind, at, *rest in found]
    return sorted(all_rows, key=lambda row: StuckCursor.at(row).order())


def _moment(value: datetime | str) -> datetime:
    """Convert a moment from the database: SQLite returns it without its zone, which is UTC, and sometimes as text."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def reason_of(error: str) -> str:
    """Return what errors of the same sort share: the words before the colon."""
    return error.partition(":")[0].strip()


def with_reason(rows: QuerySet, reason: str) -> QuerySet:
    """Return the rows whose error is of this sort."""
    return rows.filter(Q(last_error=reason) | Q(last_error__startswith=f"{reason}:"))


@dataclass(frozen=True, kw_only=True)
class StuckCursor:
    """A place in the list of stuck rows of all kinds: after the row with this moment, kind and id."""

    due_at: datetime
    kind: str
    pk: int

    @classmethod
    def at(cls, row: StuckRow) -> StuckCursor:
        """Return the place of a row."""
        return cls(due_at=row.due_at, kind=row.kind, pk=row.pk)

    @classmethod
    def parse(cls, text: str) -> StuckCursor | None:
        """Parse what `text` wrote; None when it is not valid."""
        parts = text.split("|")
        try:
            moment, kind, pk = datetime.fromisoformat(parts[0]), parts[1], int(parts[2])
        except (ValueError, IndexError, OverflowError):
            return None
        return cls(due_at=moment, kind=kind, pk=pk) if moment.tzinfo and 0 <= pk < 2**63 else None

    def text(self) -> str:
        """Return the cursor as text for an address."""
        return f"{self.due_at.isoformat()}|{self.kind}|{self.pk}"

    def order(self) -> tuple[float, str, int]:
        """Return the sort key: the latest first; for one moment by kind, then the newest row first."""
        return (-self.due_at.timestamp(), self.kind, -self.pk)


def rows_after(rows: QuerySet, kind: str, before: StuckCursor | None) -> QuerySet:
    """Return rows of one kind in the list's order, after a place in it."""
    if before is not None:
        after = Q(due_at__lt=before.due_at)
        if kind > before.kind:
            after |= Q(due_at=before.due_at)
        elif kind == before.kind:
            after |= Q(due_at=before.due_at, pk__lt=before.pk)
        rows = rows.filter(after)
    return rows.order_by("-due_at", "-id")
