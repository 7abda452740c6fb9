"""Queries of the pages and the metrics."""

from reports.queries.channels import held_by_channel, with_last_messages
from reports.queries.figures import answer_times, by_channel, by_hour, hand_overs, turns, with_spend
from reports.queries.roll_up import messages_after, waiting_since
from reports.queries.stuck import (
    StuckCounts,
    StuckCursor,
    StuckRow,
    latest_stuck,
    reason_of,
    rows_after,
    stuck_counts,
    with_reason,
)
from reports.queries.work import QueueState, incident_counts, queue_states, reset_counts

__all__ = [
    "QueueState",
    "StuckCounts",
    "StuckCursor",
    "StuckRow",
    "answer_times",
    "by_channel",
    "by_hour",
    "hand_overs",
    "held_by_channel",
    "incident_counts",
    "latest_stuck",
    "messages_after",
    "queue_states",
    "reason_of",
    "reset_counts",
    "rows_after",
    "stuck_counts",
    "turns",
    "waiting_since",
    "with_last_messages",
    "with_reason",
    "with_spend",
]
