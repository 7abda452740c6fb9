"""How long a message stays in each stage of the pipeline, read from the times that its rows keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.report import Figure, percentile

# (the moment that ends the stage, what happens in it)
STAGES = (
    ("received -> processed", "the queue, then the body is read and the message stored"),
    ("processed -> handled", "the queue, then the handlers until the assistant wants a turn"),
    ("handled -> answered", "the queue, then the turn, with the offline model"),
    ("answered -> begun", "the queue, then the decision to send"),
    ("begun -> delivered", "the provider's answer, and its keeping"),
)
# All rows of a message carry the id of the request that began it. The first message of an answer counts.
QUERY = """
SELECT e.received_at, min(i.created_at), min(t.first_at), min(o.created_at), min(a.started_at), min(a.finished_at)
FROM messaging_webhookevent e
JOIN messaging_message i ON i.request_id = e.request_id AND i.direction = 'in'
JOIN assistant_turn t ON t.request_id = e.request_id
JOIN messaging_message o ON o.request_id = e.request_id AND o.direction = 'out'
JOIN messaging_attempt a ON a.message_id = o.id AND a.outcome = 'accepted'
WHERE e.id > %s AND e.request_id <> ''
GROUP BY e.id, e.received_at
"""


def analyze(database_url: str) -> None:
    """Let PostgreSQL count its rows and plan anew, as it does by itself within a minute of work."""
    import psycopg

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def newest_event(database_url: str) -> int:
    """The id of the last webhook so far."""
    found: int = _read(database_url, "SELECT coalesce(max(id), 0) FROM messaging_webhookevent WHERE id > %s", -1)[0][0]
    return found


def stages(database_url: str, since: int) -> list[list[float]]:
    """Milliseconds in each stage of every message whose webhook came after `since`."""
    return lengths(_read(database_url, QUERY, since))


def lengths(rows: Sequence[Sequence[Any]]) -> list[list[float]]:
    """The milliseconds between the moments of each row."""
    return [
        [(later - earlier).total_seconds() * 1000 for earlier, later in pairwise(row)]
        for row in rows
        if None not in row
    ]


def figures(bench: str, label: str, found: Sequence[Sequence[float]]) -> Iterator[Figure]:
    """p95 of each stage, with p50 beside it; a stage's end may be seen before its row is committed."""
    for number, (name, what) in enumerate(STAGES):
        times = [row[number] for row in found]
        yield Figure(
            bench=bench,
            name=f"{label}, {name}, p95",
            value=round(percentile(times, 95), 1),
            unit="ms",
            note=f"p50 {percentile(times, 50):.1f} ms of {len(times)} messages; {what}",
        )


def _read(database_url: str, query: str, since: int) -> list[Any]:
    import psycopg

    with psycopg.connect(database_url) as link:
        return link.execute(query, [since]).fetchall()  # type: ignore[arg-type]  # text of ours
