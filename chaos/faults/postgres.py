"""The database crashes, hangs, is full of connections, refuses to write, and is cut in the middle of a COMMIT."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import ClassVar

import psycopg

from chaos.faults.base import Broken, Fault

AWAY = ("OperationalError", "InterfaceError", "DatabaseError", "InternalError", "AdminShutdown", "ConnectionError")
DEADLOCK_ATTEMPTS = 4


class DatabaseFault(Fault):
    """Trouble with PostgreSQL."""

    bound = 10.0
    allows: ClassVar[tuple[str, ...]] = AWAY

    def refusals(self) -> int:
        """Webhooks that were answered 503, or not at all, since this began."""
        return sum(status in (0, 503) for status in self.statuses())

    def bit(self) -> str:
        return f"{count} webhooks refused" if (count := self.refusals()) else ""


class Crashed(DatabaseFault):
    name = "F16"
    title = "PostgreSQL kill -9, then crash recovery"
    quick = True

    def inject(self) -> None:
        self.world.made.pg.kill()
        self.world.kills += 2  # sends under way in either worker cannot be settled

    def heal(self) -> None:
        self.world.made.pg.start_again()


class Hanging(DatabaseFault):
    name = "F17"
    title = "PostgreSQL hangs (SIGSTOP)"
    seconds = 4.0

    def inject(self) -> None:
        self.world.kills += 2
        self.world.made.pg.freeze()

    def heal(self) -> None:
        self.world.made.pg.freeze(signal.SIGCONT)

    def check(self) -> None:
        self.answers_within(3.0, 503)


class NetworkAway(DatabaseFault):
    name = "F6"
    title = "the database cannot be reached during webhooks"
    seconds = 3.0

    def inject(self) -> None:
        self.world.kills += 2
        self.world.made.proxies["database"].refuse()

    def heal(self) -> None:
        self.world.made.proxies["database"].refuse(on=False)


class NoConnections(DatabaseFault):
    name = "F18"
    title = "all connections of PostgreSQL taken"
    allows = (*AWAY, "TooManyConnections")

    def inject(self) -> None:
        self.world.kills += 2
        self.taken: list[psycopg.Connection] = []
        url = self.world.made.pg.url
        with psycopg.connect(url, autocommit=True) as chief:
            mine = chief.info.backend_pid
            while True:
                try:
                    self.taken.append(psycopg.connect(url, connect_timeout=2))
                except psycopg.OperationalError:
                    # The product's own are thrown out, and what they free is taken too.
                    ours = [link.info.backend_pid for link in self.taken]
                    gone = chief.execute(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE datname = 'frontdesk' AND pid <> ALL(%s)",
                        ([mine, *ours],),
                    ).fetchone()
                    if not gone or not gone[0]:
                        break

    def heal(self) -> None:
        for link in self.taken:
            link.close()


class ReadOnly(DatabaseFault):
    name = "F21"
    title = "PostgreSQL refuses to write"
    allows = (*AWAY, "ReadOnlySqlTransaction")

    def _set(self, value: str) -> None:
        options = "-c default_transaction_read_only=off"
        with psycopg.connect(self.world.made.pg.url, options=options, autocommit=True) as link:
            link.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
            link.execute("SELECT pg_reload_conf()")

    def inject(self) -> None:
        self.world.kills += 2
        self._set("on")

    def heal(self) -> None:
        self._set("off")


class CutDuringCommit(DatabaseFault):
    name = "F23"
    title = "the connection is cut after COMMIT was sent and before its answer"
    times = 6

    def inject(self) -> None:
        self.world.kills += self.times
        self.world.made.proxies["database"].cut_after(b"COMMIT", self.times)

    def bit(self) -> str:
        left = self.world.made.proxies["database"].cuts_left
        return f"{self.times} commits cut" if left == 0 else ""

    def heal(self) -> None:
        self.world.made.proxies["database"].cut_after(b"", 0)


class Deadlock(DatabaseFault):
    name = "F19"
    title = "a deadlock whose victim is the product"
    people = 1
    patience = 15.0
    allows = (*AWAY, "DeadlockDetected")

    def inject(self) -> None:
        self.all_say()
        self.world.until(lambda: not self.waits(), what="a conversation")
        conversation = self.world.database.value(
            "SELECT conversation_id FROM messaging_message WHERE external_id = ?", self.said[0].id
        )
        self.before = self._count()
        for _ in range(DEADLOCK_ATTEMPTS):  # on a busy machine the product may come too late for the rival
            done = threading.Event()
            threading.Thread(target=self._rival, args=(conversation, done), daemon=True).start()
            time.sleep(0.2)
            self.all_say()
            done.wait(30)
            if self.bit():
                return

    def _rival(self, conversation: int, done: threading.Event) -> None:
        """Hold the messages against writing, and want the conversation when the product has it and waits for them."""
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.world.made.pg.url) as link:
            link.execute("SET deadlock_timeout = '60s'")
            link.execute("LOCK TABLE messaging_message IN SHARE MODE")
            with psycopg.connect(self.world.made.pg.url, autocommit=True) as eyes:
                wanted = "SELECT id FROM messaging_conversation WHERE id = %s FOR UPDATE NOWAIT"
                for _ in range(800):
                    try:
                        eyes.execute(wanted, (conversation,))
                    except psycopg.errors.LockNotAvailable:
                        break  # the product has it, and waits for the table
                    time.sleep(0.01)
            link.execute("SET LOCAL lock_timeout = '8s'")
            link.execute("SELECT id FROM messaging_conversation WHERE id = %s FOR UPDATE", (conversation,))
        done.set()

    def during(self) -> None:
        """They have written already."""

    def _count(self) -> int:
        return int(self.world.database.value("SELECT deadlocks FROM pg_stat_database WHERE datname = 'frontdesk'"))

    def bit(self) -> str:
        return f"{count} deadlocks" if (count := self._count() - self.before) > 0 else ""


class LongQuery(DatabaseFault):
    name = "F25"
    title = "a long transaction and a vacuum beside the work"
    bound = 40.0
    seconds = 3.0

    def inject(self) -> None:
        self.link = psycopg.connect(self.world.made.pg.url)
        self.link.execute("SELECT COUNT(*), SUM(length(text)) FROM messaging_message")
        with psycopg.connect(self.world.made.pg.url, autocommit=True) as other:
            other.execute("VACUUM ANALYZE")
        self.quick_ones = 0

    def bit(self) -> str:
        return "an old snapshot is held" if not self.waits() else ""

    def heal(self) -> None:
        self.link.close()

    def check(self) -> None:
        if refused := self.refusals():
            raise Broken(f"{refused} webhooks were refused")
        self.answers_within(1.0, 200)
