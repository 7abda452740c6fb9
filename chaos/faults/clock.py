"""Too many beats, none, and workers whose clocks are wrong, while reminders fall due."""

from __future__ import annotations

from datetime import UTC, datetime

from chaos.faults.base import Broken
from chaos.faults.reminders import ReminderFault

NOT_YET_SECONDS = 560


class BeatsTimesThree(ReminderFault):
    name = "F32"
    title = "three beats at once, and reminders that the clock has to plan"
    seconds = 12.0

    def inject(self) -> None:
        beat = self.world.fleet["beat"]
        self.more = [
            self.world.fleet.add(name, beat.log.parent, beat.environment | {"METRICS_DIR": f"{beat.log.parent}/{name}"})
            for name in ("beat2", "beat3")
        ]
        for program in self.more:
            program.start()
        self.remind(seconds=15, within=3, is_planned=False)

    def bit(self) -> str:
        running = [program for program in self.world.fleet.of("beat") if program.runs]
        return f"{len(running)} beats" if len(running) == 3 else ""

    def heal(self) -> None:
        for program in self.more:
            program.terminate(15)
            program.kill()
            del self.world.fleet.programs[program.name]


class BeatKilled(ReminderFault):
    name = "F33"
    title = "beat kill -9, and none until people are told of it; reminders are said meanwhile"
    alone = False  # the faults of channels and models go on beside it
    seconds = 0.0
    patience = 40.0  # and three times that: two minutes

    def inject(self) -> None:
        heard = "SELECT COUNT(*) FROM common_heartbeat WHERE role = 'beat'"
        self.world.until(lambda: self.world.database.value(heard), what="a beat that was heard")
        beat = self.world.fleet["beat"]
        beat.stays_down = True
        beat.kill()
        self.remind(seconds=1)

    def bit(self) -> str:
        return self.alerted("process:beat") if self.all_told() else ""

    def heal(self) -> None:
        self.world.fleet["beat"].stays_down = False
        self.world.fleet.start_missing()
        # One that starts while the database is away ends and is started again: the next fault is not about that.
        began = datetime.now(UTC).isoformat(sep=" ")
        heard = "SELECT COUNT(*) FROM common_heartbeat WHERE role = 'beat' AND seen_at > ?"
        self.world.until(lambda: self.world.database.value(heard, began), seconds=30, what="the new beat is heard")


class WrongClocks(ReminderFault):
    name = "F42"
    title = "the clocks of the workers are ten minutes off, one ahead and one behind, while reminders fall due"
    two_workers = True
    patience = 25.0

    def inject(self) -> None:
        for name, hands in (("worker1", "clock_ahead"), ("worker2", "clock_behind")):
            worker = self.world.fleet[name]
            worker.terminate(30)
            worker.kill()
            worker.start(SABOTAGE=hands)
        # Later than the whole run: a clock that is ten minutes ahead believes that they are due.
        self.remind(seconds=NOT_YET_SECONDS)
        self.early = self.first
        self.remind(seconds=1)

    def bit(self) -> str:
        logs = [self.world.fleet[name].log.read_text(errors="replace") for name in ("worker1", "worker2")]
        turned = all('"sabotaged"' in log for log in logs)
        return "both clocks turned" if turned and self.all_told() else ""

    def heal(self) -> None:
        for worker in self.world.fleet.of("worker"):
            worker.terminate(30)
            worker.kill()
            worker.start()

    def check(self) -> None:
        super().check()
        early = {f"+{self.early + number}" for number in range(self.count)}
        if said := [send for send in self.world.outside.sends if f"+{send.to.lstrip('+')}" in early]:
            raise Broken(f"{len(said)} people were reminded before it was time")
