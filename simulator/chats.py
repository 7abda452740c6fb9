"""The chats as the phone shows them; every change moves a version, so that polling is a comparison."""

import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from typing import Any

BUBBLES_KEPT = 300
CHATS_KEPT = 5_000
RANK = {"": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4, "played": 5, "failed": 9}


@dataclass(kw_only=True)
class PhoneBubble:
    """One message in a chat; `author` is customer, desk or owner."""

    id: str
    author: str
    kind: str = "text"
    text: str = ""
    tick: str = ""
    error: str = ""
    reply_to: str = ""
    reaction: str = ""
    media: str = ""
    choices: list[dict[str, str]] = field(default_factory=list)
    at: float = field(default_factory=time.time)
    version: int = 0


@dataclass
class PhoneChat:
    """The bubbles of one person on one channel."""

    bubbles: list[PhoneBubble] = field(default_factory=list)
    name: str = ""
    typing_until: float = 0.0
    version: int = 0


class PhoneChats:
    """All chats, the least recently used forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chats: OrderedDict[tuple[str, str], PhoneChat] = OrderedDict()
        self._where: dict[tuple[str, str], str] = {}
        self._version = self._cleared = int(time.time() * 1000)  # higher than before a restart

    def add(self, channel: str, person: str, bubble: PhoneBubble, name: str = "") -> None:
        """Put a bubble into a chat; the desk's own bubble ends its typing."""
        with self._lock:
            chat = self._open(channel, person)
            chat.name = name or chat.name
            if bubble.author == "desk":
                chat.typing_until = 0.0
            chat.bubbles.append(bubble)
            self._where[(channel, bubble.id)] = person
            self._forget(channel, chat.bubbles[:-BUBBLES_KEPT])
            del chat.bubbles[:-BUBBLES_KEPT]
            self._touch(chat, bubble)

    def tick(self, channel: str, person: str, message_id: str, tick: str, error: str | None = None) -> None:
        """Move a bubble's tick forward, never back."""
        with self._lock:
            chat = self._open(channel, person)
            bubble = next((bubble for bubble in reversed(chat.bubbles) if bubble.id == message_id), None)
            if bubble is None:
                return
            if RANK.get(tick, 0) > RANK.get(bubble.tick, 0) or bubble.tick == "failed":
                bubble.tick = tick
            bubble.error = bubble.error if error is None else error
            self._touch(chat, bubble)

    def read(self, channel: str, message_id: str) -> str:
        """The desk read a customer's message and those before it; returns whose chat it is."""
        with self._lock:
            person = self._where.get((channel, message_id), "")
            chat = self._chats.get((channel, person)) or PhoneChat()
            for bubble in chat.bubbles:
                if bubble.author == "customer" and bubble.tick in ("", "sending", "sent", "delivered"):
                    bubble.tick = "read"
                    self._touch(chat, bubble)
                if bubble.id == message_id:
                    break
            return person

    def person_of(self, channel: str, message_id: str) -> str:
        """Whose chat a message is in."""
        with self._lock:
            return self._where.get((channel, message_id), "")

    def react(self, channel: str, person: str, message_id: str, emoji: str) -> None:
        """Stick an emoji to a bubble, or take it off."""
        with self._lock:
            chat = self._open(channel, person)
            for bubble in chat.bubbles:
                if bubble.id == message_id:
                    bubble.reaction = emoji
                    self._touch(chat, bubble)

    def typing(self, channel: str, person: str, seconds: float) -> None:
        """Show that the desk is writing."""
        with self._lock:
            chat = self._open(channel, person)
            chat.typing_until = time.time() + seconds
            self._touch(chat)

    def since(self, channel: str, person: str, version: int = 0) -> dict[str, Any] | None:
        """Return what changed in a chat after `version`, None when nothing did."""
        with self._lock:
            chat = self._chats.get((channel, person)) or PhoneChat()
            forgotten = 0 < version < self._cleared
            if version and chat.version <= version and not forgotten:
                return None
            version = 0 if forgotten else version
            return {
                "cursor": self._version,
                "forgotten": forgotten,
                "typing_seconds": max(0.0, round(chat.typing_until - time.time(), 1)),
                "messages": [asdict(bubble) for bubble in chat.bubbles if bubble.version > version],
            }

    def people(self) -> list[dict[str, str]]:
        """Who has a chat, latest first."""
        with self._lock:
            newest = list(reversed(self._chats.items()))[:50]
        return [{"channel": channel, "person": person, "name": chat.name} for (channel, person), chat in newest]

    def clear(self) -> None:
        """Forget all chats."""
        with self._lock:
            self._chats.clear()
            self._where.clear()
            self._version += 1
            self._cleared = self._version

    def _open(self, channel: str, person: str) -> PhoneChat:
        chat = self._chats.setdefault((channel, person), PhoneChat())
        self._chats.move_to_end((channel, person))
        if len(self._chats) > CHATS_KEPT:
            (where, _), oldest = self._chats.popitem(last=False)
            self._forget(where, oldest.bubbles)
        return chat

    def _forget(self, channel: str, bubbles: list[PhoneBubble]) -> None:
        for bubble in bubbles:
            self._where.pop((channel, bubble.id), None)

    def _touch(self, chat: PhoneChat, bubble: PhoneBubble | None = None) -> None:
        self._version += 1
        chat.version = self._version
        if bubble:
            bubble.version = self._version
