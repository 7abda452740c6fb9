"""What must be true at the end, computed from the outside record and from the rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from chaos import held
from chaos.logs import wrong_lines
from chaos.outside import Send
from chaos.world import World

Check = Callable[[World], Iterator[str]]
RANKS = {"accepted": 1, "sent": 2, "delivered": 3, "read": 4, "played": 5}
GOOD_STATUSES = {0, 200, 401, 404, 429, 503}  # 0: no answer came; the others are ours to give
ECHO_SLACK_SECONDS = 6.0  # from the 200 to the row: the webhook waits for a worker
SWITCH_SECONDS = 2.0  # so long after the switch what had begun may still arrive
CHECKS: dict[str, Check] = {}


def invariant(title: str) -> Callable[[Check], Check]:
    """Register a check that yields a sentence for each broken promise."""

    def register(check: Check) -> Check:
        CHECKS[title] = check
        return check

    return register


def unanswered(world: World) -> list[int]:
    """Numbers that were acknowledged, must be answered, are not, and that nothing explains."""
    return [
        said.number
        for said in world.load.said.values()
        if said.expects == "answer"
        and world.load.is_acked(said)
        and not world.load.is_answered(said)
        and not _is_explained(world, said.id)
    ]


def duplicates(world: World) -> list[tuple[Send, Send]]:
    """(first, further one) of every message that a provider accepted more than once."""
    by_message: dict[tuple[str, ...], list[Send]] = defaultdict(list)
    for send in world.outside.sends:
        by_message[_identity(send)].append(send)
    return [(copies[0], other) for copies in by_message.values() for other in copies[1:]]


def _identity(send: Send) -> tuple[str, ...]:
    # Evolution carries no reference of ours; there the numbers make each text its own.
    if send.reference:
        return (send.service, send.reference)
    return (send.service, send.channel, send.to, send.text) if send.numbers else (send.service, send.id)


def _is_explained(world: World, external_id: str) -> bool:
    """A fixed sentence, a person who took over, or a reason that stands on the row."""
    rows = world.database.rows(
        "SELECT m.id, m.conversation_id, m.state FROM messaging_message m WHERE m.external_id = ?", external_id
    )
    if not rows:
        return False
    pk, conversation, state = rows[0]
    if state == "ignored":
        return True
    said = world.database.value(
        "SELECT COUNT(*) FROM assistant_turn WHERE conversation_id = ? AND COALESCE(seen_id, wanted_id) >= ?"
        " AND outcome IN ('fallback', 'handed_over', 'silent', 'canned')",
        conversation, pk,
    )  # fmt: skip
    return bool(said)


@invariant("every acknowledged number is answered or explained")
def _lost(world: World) -> Iterator[str]:
    for number in unanswered(world):
        said = world.load.said[number]
        yield f"#{number} of {said.by} on {said.line.external_id} was acknowledged and never answered"


@invariant("every number was acknowledged in the end")
def _refused(world: World) -> Iterator[str]:
    for said in world.load.said.values():
        if said.expects == "answer" and not world.load.is_acked(said):
            yield f"#{said.number} of {said.by} on {said.line.external_id} never got a 200"


@invariant("nothing unexpected went out")
def _unexpected(world: World) -> Iterator[str]:
    known = {said.number: said for said in world.load.said.values()}
    references = {str(pk) for (pk,) in world.database.rows("SELECT id FROM messaging_message WHERE direction = 'out'")}
    for send in world.outside.sends:
        for number in send.numbers:
            said = known.get(number)
            if said is None or said.person != send.to or said.line.external_id != send.channel:
                yield f"#{number} was told to {send.channel} {send.to[-4:]}, who never wrote it"
            elif said.expects == "none":
                yield f"#{number} of {said.by} was answered and must not have been"
        if send.reference and send.reference not in references:
            yield f"message {send.reference} went out and no row knows it"


@invariant("duplicates stay within their bounds")
def _duplicated(world: World) -> Iterator[str]:
    found = duplicates(world)
    if len(found) > world.kills:
        yield f"{len(found)} duplicates for {world.kills} interrupted processes"
    told: dict[str, float] = {}
    for webhook in world.outside.told:
        if webhook.kind.startswith("status") and webhook.status == 200:
            told.setdefault(webhook.id, webhook.at)
    for first, further in found:
        if (echo := told.get(first.id)) is not None and echo + ECHO_SLACK_SECONDS * world.excuse < further.at:
            yield f"{first.channel}: message {first.reference} went again {further.at - echo:.1f} s after its echo"
    copies = Counter(_identity(first) for first, _ in found)
    yield from (f"{identity[:2]} went out {count + 1} times" for identity, count in copies.items() if count > 1)


@invariant("a send of unknown fate is never simply sent again")
def _resent(world: World) -> Iterator[str]:
    sql = (
        "SELECT a.message_id, a.outcome FROM messaging_attempt a WHERE a.outcome IN ('', 'accepted')"
        " AND EXISTS (SELECT 1 FROM messaging_attempt b WHERE b.message_id = a.message_id AND b.id > a.id)"
    )
    for pk, outcome in world.database.rows(sql):
        yield f"message {pk} was sent again after an attempt that {'was accepted' if outcome else 'nobody knows about'}"


@invariant("one row per message of the provider")
def _rows(world: World) -> Iterator[str]:
    sql = (
        "SELECT channel_id, external_id, COUNT(*) FROM messaging_message WHERE external_id <> ''"
        " GROUP BY channel_id, external_id HAVING COUNT(*) > 1"
    )
    for _, external_id, count in world.database.rows(sql):
        yield f"{external_id} stands in {count} rows"


@invariant("nothing is left waiting, working or uncertain")
def _open(world: World) -> Iterator[str]:
    for table, pk, state, error in world.database.open_rows():
        yield f"{table} {pk} is {state} ({error})"


@invariant("nothing is dead but what was meant to die")
def _dead(world: World) -> Iterator[str]:
    explained = held.explained(world)
    for table in ("messaging_webhookevent", "messaging_mediafile", "assistant_turn", "messaging_message"):
        sql = f"SELECT id, last_error FROM {table} WHERE state IN ('dead', 'held')"
        for pk, error in world.database.rows(sql):
            if f"{table}:{pk}" not in world.expected_dead | explained:
                yield f"{table} {pk} is dead or held: {error}"


@invariant("statuses never fell")
def _statuses(world: World) -> Iterator[str]:
    best: dict[str, int] = defaultdict(int)
    for told in world.outside.told:
        name = told.kind.partition(":")[2]
        if told.kind.startswith("status") and told.status == 200 and name in RANKS:
            best[told.id] = max(best[told.id], RANKS[name])
    rows = world.database.rows("SELECT external_id, delivery FROM messaging_message WHERE direction = 'out'")
    for external_id, delivery in rows:
        if delivery in RANKS and RANKS[delivery] < best.get(external_id, 0):
            yield f"{external_id} is {delivery}, and more had been told"


@invariant("what goes out in a conversation goes in order")
def _order(world: World) -> Iterator[str]:
    resent = {str(pk) for (pk,) in world.database.rows(
        "SELECT DISTINCT message_id FROM messaging_attempt WHERE outcome = 'uncertain'")}  # fmt: skip
    last: dict[tuple[str, str], int] = defaultdict(int)
    for send in world.outside.sends:
        if not send.reference or send.reference in resent:
            continue
        key = (send.channel, send.to)
        if int(send.reference) < last[key]:
            yield f"{send.channel} {send.to[-4:]}: message {send.reference} after {last[key]}"
        last[key] = max(last[key], int(send.reference))


@invariant("no word of the assistant after a committed pause")
def _pauses(world: World) -> Iterator[str]:
    accepted = {send.id: send.at for send in world.outside.sends}
    sql = (
        "SELECT m.id, m.external_id, c.paused_at FROM messaging_attempt a JOIN messaging_message m"
        " ON m.id = a.message_id JOIN messaging_conversation c ON c.id = m.conversation_id"
        " WHERE m.purpose = 'assistant' AND c.paused_at IS NOT NULL AND a.started_at > c.paused_at"
    )
    for pk, external_id, paused_at in world.database.rows(sql):
        # A worker's own clock may be wrong (F42): what the provider saw decides.
        moment = datetime.fromisoformat(str(paused_at))
        paused = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if accepted.get(external_id, paused + 1) > paused:
            yield f"the sending of message {pk} began after the pause of its conversation"


@invariant("the kill switch holds")
def _switch(world: World) -> Iterator[str]:
    for channel, began, ended in world.switched:
        for send in world.outside.sends:
            if send.channel == channel and began + SWITCH_SECONDS * world.excuse < send.at < ended:
                yield f"{channel}: {send.id} went out {send.at - began:.1f} s after the switch"


@invariant("each channel keeps its pace")
def _pace(world: World) -> Iterator[str]:
    paces = {line.external_id: line.pace for line in world.made.lines}
    moments: dict[str, list[float]] = defaultdict(list)
    for call in world.outside.calls:
        if call["kind"] not in ("", "read", "typing") and call["channel"] in paces:
            moments[call["channel"]].append(call["at"])
    for channel, times in moments.items():
        times.sort()
        # A full bucket, what flows in during a second, and two that were already under way.
        allowed = max(1.0, paces[channel]) + paces[channel] + 2
        for start in range(len(times)):
            within = sum(1 for at in times[start : start + 500] if at < times[start] + 1.0)
            if within > allowed:
                yield f"{channel}: {within} messages in one second, allowed {allowed:.0f}"
                break


@invariant("webhooks are answered 200, 429 or 503, never 500")
def _answers(world: World) -> Iterator[str]:
    # Raw bodies are bad on purpose.
    answers = (told.status for told in world.outside.told if told.status != 400 or told.kind != "raw")
    counted = Counter(status for status in answers if status not in GOOD_STATUSES)
    yield from (f"{count} webhooks were answered {status}" for status, count in counted.items())


@invariant("no process ended by itself")
def _ended(world: World) -> Iterator[str]:
    yield from (f"{name} ended {count} times" for name, count in sorted(world.ended.items()))


@invariant("one active turn per conversation")
def _turns(world: World) -> Iterator[str]:
    sql = (
        "SELECT conversation_id, COUNT(*) FROM assistant_turn WHERE state IN ('queued', 'working', 'uncertain')"
        " GROUP BY conversation_id HAVING COUNT(*) > 1"
    )
    yield from (f"conversation {pk} has {count} active turns" for pk, count in world.database.rows(sql))


@invariant("logs hold no person, no secret, and no traceback that nobody injected")
def _logs(world: World) -> Iterator[str]:
    yield from wrong_lines(world)
