"""Files that come with messages: slow, expired, and no room to keep them."""

from __future__ import annotations

import contextlib
import resource

from chaos.faults.base import Fault
from chaos.world import World

ROOM_BYTES = 64


def limit_files(world: World, most: int) -> None:
    """No file that the workers write may grow beyond so many bytes: for them the disk is full."""
    for program in (*world.fleet.of("worker"), *world.fleet.of("up")):
        for pid in program.pids:
            hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


class DiskFull(Fault):
    name = "F20"
    title = "no room for the database (a limit on the size of what the process writes)"
    embedded = only_embedded = True
    allows = ("OperationalError", "OSError")
    bound = 10.0

    def inject(self) -> None:
        limit_files(self.world, ROOM_BYTES)

    def bit(self) -> str:
        refused = self.statuses().count(503)
        return f"{refused} webhooks refused" if refused >= self.people else ""

    def heal(self) -> None:
        limit_files(self.world, resource.RLIM_INFINITY)


class MediaFault(Fault):
    """Pictures with a caption on this fault's own channel; the caption is answered whatever becomes of the file."""

    line = "meta"
    alone = False
    embedded = True

    def during(self) -> None:
        for line, person in self.chats:
            self.say(line, person, kind="image")
        self.world.until(lambda: not self.waits(), what="answers to the captions")

    def files(self) -> list[tuple[int, str, int, str]]:
        """(id, state, attempts, last error) of this business's files."""
        rows: list[tuple[int, str, int, str]] = self.world.database.rows(
            "SELECT f.id, f.state, f.attempts, f.last_error FROM messaging_mediafile f"
            " JOIN tenants_tenant n ON n.id = f.tenant_id WHERE n.slug = ?",
            self.own.tenant,
        )
        return rows

    def all_are(self, state: str) -> bool:
        """Whether every file has come to this end."""
        return len(files := self.files()) >= self.people and all(row[1] == state for row in files)


class MediaSlow(MediaFault):
    name = "F85"
    title = "files come slowly"

    def inject(self) -> None:
        self.id = self.world.fail("meta", "slow", match={"path": "lookaside"}, seconds=3.0, times=3)

    def bit(self) -> str:
        return f"{used} downloads held" if (used := self.world.rule_used(self.id)) else ""

    def heal(self) -> None:
        self.world.sim.post("unfail", id=self.id)

    def check(self) -> None:
        self.world.until(lambda: self.all_are("done"), seconds=40, what="all files are stored")


class MediaFull(MediaFault):
    name = "F45"
    title = "no room to keep files (a limit on the size of what the workers write)"
    alone = True
    embedded = False  # there the database itself would be in no better case: F20
    allows = ("OSError",)
    patience = 15.0

    def inject(self) -> None:
        limit_files(self.world, ROOM_BYTES)

    def bit(self) -> str:
        failed = [row for row in self.files() if row[3]]
        return f"{len(failed)} files could not be kept: {failed[0][3][:60]}" if failed else ""

    def heal(self) -> None:
        limit_files(self.world, resource.RLIM_INFINITY)

    def check(self) -> None:
        # Nothing is given up for want of room: it is tried again, at longer and longer intervals.
        self.world.until(lambda: self.all_are("done"), seconds=120, what="all files are stored")
