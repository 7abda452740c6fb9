"""What the senders of webhooks do: copies, batches, floods, drips, nonsense, and things out of order."""

from __future__ import annotations

import json
import time
from typing import Any

from chaos.faults.base import Broken, Fault
from chaos.load import CANARY


class CustomerFault(Fault):
    """Bodies on this fault's own channel."""

    line = "meta"
    alone = False
    embedded = True

    def body(self, *messages: dict[str, Any], **more: Any) -> dict[str, Any]:
        """One body of Meta's with several messages."""
        number = self.own.external_id
        people = {message["from"] for message in messages}
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": number, "phone_number_id": number},
            "contacts": [{"profile": {"name": CANARY}, "wa_id": person} for person in sorted(people)],
            "messages": list(messages),
            **more,
        }
        return {
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}],
        }

    def message(self, person: str, *, expects: str = "answer", text: str = "") -> dict[str, Any]:
        """A numbered message for a body."""
        said = self.world.load.note(self.own, person, expects=expects, by=self.name, text=text)
        self.said.append(said)
        return {
            "from": person.lstrip("+"),
            "id": said.id,
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": said.text},
        }

    def post(self, body: dict[str, Any], **more: Any) -> list[int]:
        """Post a body until it is taken; returns the answers, and notes what they acknowledge."""
        answer = self.world.sim.raw(self.own.external_id, body, **more)
        statuses = answer.get("statuses") or [answer["status"]]
        if 200 in statuses:
            for said in self.said:
                self.world.outside.acked.setdefault(said.id, time.time())
        return [int(status) for status in statuses]


class HundredCopies(CustomerFault):
    name = "F1"
    title = "the same webhook a hundred times at once"
    quick = True
    people = 1

    def inject(self) -> None:
        self.answers = self.post(self.body(self.message(self.chats[0][1])), repeat=100)

    def during(self) -> None:
        """It has been posted."""

    def bit(self) -> str:
        return f"{self.answers.count(200)} x 200" if self.answers.count(200) >= 90 else ""

    def after(self) -> None:
        """One message is enough."""


class BadItem(CustomerFault):
    name = "F2"
    title = "a batch of fifty with one bad item, and an item again in another envelope"
    quick = True
    allows = ("Unparsable", "BadBody")
    people = 10

    def inject(self) -> None:
        people = [person for _, person in self.chats]
        items = [self.message(people[number % len(people)]) for number in range(49)]
        bad = dict(items[0]) | {"id": f"wamid.BAD{time.time_ns()}", "text": ["not", "an", "object"], "timestamp": {}}
        self.post(self.body(*items[:20], bad, *items[20:]))
        self.post(self.body(items[7]))

    def during(self) -> None:
        """It has been posted."""

    def bit(self) -> str:
        return "49 good ones are answered" if not self.waits() else ""


class LateCopies(CustomerFault):
    name = "F3"
    title = "old messages come once more"

    def inject(self) -> None:
        self.bodies = [self.body(self.message(person)) for _, person in self.chats]
        for body in self.bodies:
            self.post(body)
        self.world.until(lambda: not self.waits(), what="answers")
        self.again = [self.post(body)[0] for body in self.bodies]

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        return f"{self.again.count(200)} copies taken" if self.again.count(200) == len(self.bodies) else ""


class ReversedStatuses(CustomerFault):
    name = "F9"
    title = "read, delivered and sent, in that order"

    def inject(self) -> None:
        self.all_say()
        self.world.until(lambda: not self.waits(), what="answers")
        self.ids = [send.id for send in self.world.outside.sends if send.channel == self.own.external_id]
        for message_id in self.ids:
            for status in ("read", "delivered", "sent"):
                self.world.sim.status(self.own.external_id, message_id, status)

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        rows = self.world.database.rows(
            "SELECT delivery FROM messaging_message WHERE external_id IN ({})".format(
                ", ".join(f"'{message_id}'" for message_id in self.ids)
            )
        )
        return f"{len(rows)} read" if rows and all(delivery == "read" for (delivery,) in rows) else ""


class OutOfOrder(CustomerFault):
    name = "F10"
    title = "a burst in the wrong order"

    def inject(self) -> None:
        for _, person in self.chats:
            items = [self.message(person) for _ in range(4)]
            for age, item in enumerate(items):
                item["timestamp"] = str(int(time.time()) - age * 5)
            self.post(self.body(*items))

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        return "all four of each are answered" if not self.waits() else ""


class ChannelOff(CustomerFault):
    name = "F13"
    title = "a disabled channel keeps and ignores"

    def inject(self) -> None:
        sql = "UPDATE messaging_channel SET is_enabled = {} WHERE external_id = ?"
        self.world.database.write(sql.format("false"), self.own.external_id)

    def during(self) -> None:
        self.all_say("none")

    def bit(self) -> str:
        ignored = self.world.database.value(
            "SELECT COUNT(*) FROM messaging_webhookevent w JOIN messaging_channel c ON c.id = w.channel_id"
            " WHERE c.external_id = ? AND w.last_error = 'channel disabled'",
            self.own.external_id,
        )
        return f"{ignored} kept and ignored" if ignored >= self.people else ""

    def heal(self) -> None:
        sql = "UPDATE messaging_channel SET is_enabled = {} WHERE external_id = ?"
        self.world.database.write(sql.format("true"), self.own.external_id)


class UnknownKind(CustomerFault):
    name = "F14"
    title = "a kind of message that nobody knows"

    def inject(self) -> None:
        for _, person in self.chats:
            item = self.message(person, expects="none")
            del item["text"]
            self.post(self.body(item | {"type": "hologram", "hologram": {"size": 3}}))

    def during(self) -> None:
        """It has been posted."""

    def bit(self) -> str:
        kept = self.world.database.value(
            "SELECT COUNT(*) FROM messaging_message m JOIN messaging_channel c ON c.id = m.channel_id"
            " WHERE c.external_id = ? AND m.kind = 'unsupported'",
            self.own.external_id,
        )
        return f"{kept} kept and shown" if kept >= self.people else ""


class Poison(CustomerFault):
    name = "F15"
    title = "bodies that break what reads them"
    quick = True
    allows = ("Unparsable", "BadBody")

    def inject(self) -> None:
        deep: Any = "x"
        for _ in range(60):
            deep = [deep]
        odd: dict[str, Any] = {"from": None, "id": {"a": 1}, "timestamp": [], "type": 7}
        bodies = [
            self.body(odd),
            self.body() | {"entry": "none"},
            self.body() | {"entry": [{"changes": [{"value": {"messages": 5}}]}]},
            self.body(deep=deep),
            self.body(self.message(self.chats[0][1], text="NUL \x00 and half a pair \ud83d with #n.")),
        ]
        # As finished text: half a pair can be written in JSON, but not sent through a client that encodes for us.
        self.answers = [self.world.sim.raw(self.own.external_id, json.dumps(body))["status"] for body in bodies]
        self.world.outside.acked.setdefault(self.said[0].id, time.time())

    def bit(self) -> str:
        return f"answered {sorted(set(self.answers))}" if self.answers else ""

    def check(self) -> None:
        if wrong := set(self.answers) - {200, 400, 401}:
            raise Broken(f"answered {wrong}")
