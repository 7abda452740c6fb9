"""Combine the pieces of a sentence: which days, times and repetitions may be meant, and whether they agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from timewords.pieces import SentenceContext, TimePiece
from timewords.repeats import Repeat
from timewords.rules import local_time, to_utc
from timewords.times_of_day import NIGHT, ClockTime, time_of_day


class Joiner:
    """The pieces of a sentence by kind, and whether they fit together."""

    def __init__(self, context: SentenceContext, zone: str) -> None:
        self.context = context
        self.own_zone = zone
        self.is_sure = all(piece.is_sure and not piece.others for piece in context.pieces)
        self.pieces: dict[str, list[TimePiece]] = {}
        for piece in context.pieces:
            self.pieces.setdefault(piece.kind, []).append(piece)
        self.zone = next((str(piece.value) for piece in self.all("zone") if piece.value), "")
        self.is_today = any("today" in piece.more for piece in self.all("day"))

    def all(self, kind: str) -> list[TimePiece]:
        """Return the pieces of a kind."""
        return self.pieces.get(kind, [])

    def doubt(self, *, when: bool = True) -> None:
        """Record that the meaning is uncertain."""
        self.is_sure = self.is_sure and not when

    @property
    def now(self) -> datetime:
        """Return the local time of the named zone, or the person's own."""
        if not self.zone or not self.own_zone:
            return self.context.now
        return local_time(to_utc(self.context.now, self.own_zone), self.zone)


def days_of(joiner: Joiner) -> list[date | None]:
    """Return the days that may be meant."""
    pieces = joiner.all("day")
    if not pieces:
        return [None]
    values = [value for piece in pieces for value in (piece.value, *piece.others)]
    joiner.doubt(when=any(value is None for value in values))
    if joiner.all("repeat") and all("weekday" in piece.more or "day of month" in piece.more for piece in pieces):
        return [None]  # the repetition uses them
    dated = [piece for piece in pieces if "weekday" not in piece.more]
    if len(pieces) > 1 and dated:
        # A weekday beside a date must match it: "Sunday 29 November".
        agrees = all(
            piece.value is not None and dated[0].value is not None and piece.value.weekday() == dated[0].value.weekday()
            for piece in pieces if "weekday" in piece.more
        ) and len({piece.value for piece in dated}) == 1  # fmt: skip
        if agrees:
            if not any(piece.others for piece in dated) and all(piece.is_sure for piece in pieces):
                joiner.is_sure = not joiner.context.left and all(
                    piece.is_sure and (not piece.others or "weekday" in piece.more) for piece in joiner.context.pieces
                )
            return [dated[0].value, *dated[0].others]
    found = list(dict.fromkeys(value for value in values if value is not None))
    joiner.doubt(when=len(found) != 1)
    return list(found) or [None]


def clocks_of(joiner: Joiner) -> list[ClockTime | None]:
    """Return the times of day that may be meant."""
    parts = [piece.value for piece in joiner.all("part")]
    for piece in joiner.all("day"):
        parts += [NIGHT] if "tonight" in piece.more else []
        parts += [int(name.removeprefix("part ")) for name in piece.more if name.startswith("part ")]
    parts += [
        piece.value.part for piece in joiner.all("repeat") if piece.value is not None and piece.value.part is not None
    ]
    joiner.doubt(when=len({_half(part) for part in parts}) > 1)
    found = list(dict.fromkeys(piece.value for piece in joiner.all("clock")))
    joiner.doubt(when=len(found) > 1 or None in found)
    if not found:
        joiner.doubt(when=0 in parts)
        return [ClockTime(parts[0] or 5)] if parts else [None]
    if not parts:
        return list(found)
    return [_of_part(joiner, clock, parts[0]) if clock is not None else None for clock in found]


def _half(part: int) -> bool:
    return part >= 12


def _of_part(joiner: Joiner, clock: ClockTime, part: int) -> ClockTime:
    if clock.is_open or clock.hour == 12:
        found, is_sure = time_of_day(clock.hour, clock.minute, part)
        joiner.doubt(when=not is_sure)
        return found or clock
    joiner.doubt(when=not clock.is_night and _half(part) != (clock.hour >= 12))
    return clock


def repeats_of(joiner: Joiner) -> list[Repeat | None]:
    """Return the repetitions that may be meant, with the days beside them."""
    pieces = joiner.all("repeat")
    joiner.doubt(when=bool(joiner.all("doubt")))
    if not pieces:
        lasting = joiner.all("lasting")
        if lasting and lasting[0].value[1] == "day" and not joiner.all("day"):
            return [Repeat(frequency="DAILY")]
        joiner.doubt(when=bool(lasting))
        return [None]
    found = [_merged(joiner, [piece.value for piece in pieces])]
    if len(pieces) == 1:
        found += pieces[0].others
    return [_with_days(joiner, repeat) for repeat in found]


def _merged(joiner: Joiner, repeats: list[Repeat]) -> Repeat:
    best = repeats[0]
    for other in repeats[1:]:
        named, plain = (other, best) if other.days or other.month_day else (best, other)
        is_one = plain.frequency == named.frequency and not plain.days and not plain.month_day and named.interval == 1
        joiner.doubt(when=not is_one)
        best = replace(named, interval=plain.interval, part=named.part or plain.part) if is_one else best
    return best


def _with_days(joiner: Joiner, repeat: Repeat) -> Repeat:
    for piece in joiner.all("day"):
        if piece.value is None:
            continue
        if "weekday" in piece.more:
            is_free = repeat.frequency == "WEEKLY" and not repeat.days
            joiner.doubt(when=not is_free)
            repeat = replace(repeat, days=(*repeat.days, piece.value.weekday())) if is_free else repeat
        elif "day of month" in piece.more:
            is_free = repeat.frequency == "MONTHLY" and not (repeat.days or repeat.month_day)
            joiner.doubt(when=not is_free)
            repeat = replace(repeat, month_day=piece.value.day) if is_free else repeat
        elif repeat.frequency != "YEARLY" and "today" not in piece.more:
            joiner.doubt()
    return repeat
