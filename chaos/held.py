"""Messages that wait for a person because nobody knows whether they arrived: whose doing it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chaos.installation import SCALED
from chaos.world import World

NEARLY = 0.9  # of the time that a send may take: the end of a call is noted by another clock than its beginning
UNKNOWN = (
    "SELECT a.message_id, a.started_at, a.finished_at, a.reason FROM messaging_attempt a"
    " JOIN messaging_message m ON m.id = a.message_id"
    " WHERE m.state = 'held' AND m.held_by = 'uncertain' AND a.outcome = 'uncertain'"
)


def explained(world: World) -> set[str]:
    """Held messages each of whose sends was of unknown fate because of something that was done to it.

    Either a process was killed, frozen or cut while the send was under way, or the provider did not answer in the time
    that a send may take: to hold then is what is promised. A lease that a living process outlived explains nothing.
    """
    found: dict[int, bool] = {}
    for pk, began, ended, reason in world.database.rows(UNKNOWN):
        found[pk] = found.get(pk, True) and _is_explained(world, _seconds(began), _seconds(ended), reason)
    return {f"messaging_message:{pk}" for pk, is_explained in found.items() if is_explained}


def _is_explained(world: World, began: float, ended: float, reason: str) -> bool:
    if "worker died" in reason:
        # The mark is set before or after the blow, by a harness that a slow machine holds up as well.
        return any(began - world.slack <= at <= ended + world.slack for at in world.interrupted)
    return ended - began >= NEARLY * SCALED["SEND_TIMEOUT_SECONDS"] * world.slowness


def _seconds(moment: Any) -> float:
    """As time.time(); SQLite gives text."""
    at = datetime.fromisoformat(str(moment))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
