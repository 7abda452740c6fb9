"""What the pages and the metrics read."""

from reports.queries.figures import answer_times, by_channel, by_hour, hand_overs, turns, with_spend
from reports.queries.lines import held_by_channel, with_last_messages
from reports.queries.rolling import messages_after, waiting_since
from reports.queries.stuck import Cursor, Stuck, StuckRow, latest, page_of, reason_of, stuck, with_reason
from reports.queries.work import Queue, forget, incidents, queues

__all__ = [
    "Cursor",
    "Queue",
    "Stuck",
    "StuckRow",
    "answer_times",
    "by_channel",
    "by_hour",
    "forget",
    "hand_overs",
    "held_by_channel",
    "incidents",
    "latest",
    "messages_after",
    "page_of",
    "queues",
    "reason_of",
    "stuck",
    "turns",
    "waiting_since",
    "with_last_messages",
    "with_reason",
    "with_spend",
]
