"""The simulator's whole state, in memory: one world per process."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from simulator import settings
from simulator.chats import PhoneChats
from simulator.config import ConfigFile, ProductConfig
from simulator.exchange import AcceptedMessage
from simulator.failures import FailureRules
from simulator.media import MediaStore
from simulator.people import accounts
from simulator.poster import Poster
from simulator.records import Records
from simulator.scripts import Scripts

SENT_KEPT = 50_000


@dataclass
class StatusPolicy:
    """How statuses come back: all, none, reversed or manual."""

    mode: str = "all"
    delay_seconds: float = 0.3


class World:
    """The state of the simulator; each part has its own lock."""

    def __init__(self, config_path: str, url: str) -> None:
        self.url = url.rstrip("/")
        self.stopping = threading.Event()
        self.records = Records()
        self.chats = PhoneChats()
        self.rules = FailureRules()
        self.scripts = Scripts()
        self.media = MediaStore()
        self.poster = Poster(self.records)
        self.statuses = StatusPolicy()
        self.resets = 0  # what a service remembers from before the latest one does not count
        self._config = ConfigFile(config_path)
        self._sent: OrderedDict[str, AcceptedMessage] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def config(self) -> ProductConfig:
        """Return the configuration as the file says now."""
        return self._config.current()

    def store_accepted(self, sent: AcceptedMessage) -> None:
        """Store an accepted message, so that its statuses can be posted later."""
        with self._lock:
            self._sent[sent.id] = sent
            if len(self._sent) > SENT_KEPT:
                self._sent.popitem(last=False)

    def sent(self, message_id: str) -> AcceptedMessage | None:
        """Find an accepted message by the service's id."""
        return self._sent.get(message_id)

    def reset(self) -> None:
        """Delete failure rules, records, scripts, chats and accounts, and restore the defaults."""
        self.resets += 1
        for part in (self.rules, self.records, self.scripts, self.chats, self.poster, accounts):
            part.clear()
        self.statuses = StatusPolicy()
        self.poster.reset_retries()
        with self._lock:
            self._sent.clear()


world = World(settings.SIMULATOR_CONFIG, settings.SIMULATOR_URL)
