"""Too many beats, and none."""

from __future__ import annotations

from chaos.faults.base import Fault


class BeatsTimesThree(Fault):
    name = "F32"
    title = "three beats at once"
    seconds = 12.0

    def inject(self) -> None:
        beat = self.world.fleet["beat"]
        self.more = [
            self.world.fleet.add(name, beat.log.parent, beat.environment | {"METRICS_DIR": f"{beat.log.parent}/{name}"})
            for name in ("beat2", "beat3")
        ]
        for program in self.more:
            program.start()

    def bit(self) -> str:
        running = [program for program in self.world.fleet.of("beat") if program.runs]
        return f"{len(running)} beats" if len(running) == 3 else ""

    def heal(self) -> None:
        for program in self.more:
            program.terminate(15)
            program.kill()
            del self.world.fleet.programs[program.name]


class BeatKilled(Fault):
    name = "F33"
    title = "beat kill -9, and none until people are told of it"
    alone = False  # the faults of channels and models go on beside it
    seconds = 0.0
    patience = 40.0  # and three times that: two minutes

    def inject(self) -> None:
        heard = "SELECT COUNT(*) FROM common_heartbeat WHERE role = 'beat'"
        self.world.until(lambda: self.world.database.value(heard), what="a beat that was heard")
        beat = self.world.fleet["beat"]
        beat.stays_down = True
        beat.kill()

    def bit(self) -> str:
        return self.alerted("process:beat")

    def heal(self) -> None:
        self.world.fleet["beat"].stays_down = False
        self.world.fleet.start_missing()
