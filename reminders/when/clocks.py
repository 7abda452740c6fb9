"""The time of the day out of words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

from reminders.when.pieces import Found, Piece, rule

NIGHT_ENDS = 7  # an hour below it, said without more, is one of the afternoon
NOON, EVENING, NIGHT = 12, 19, 20
TO = "{at|weak_at|on|every_on|in_on|for}{0,2}"
AT = "{at|weak_at|every_on}"
TAIL = "(?P<half>{half|less})?{oclock}?(?P<p>{PART})?"


@dataclass(frozen=True)
class ClockTime:
    """A time as it was said."""

    hour: int
    minute: int = 0
    is_open: bool = False  # it may be one of the morning or of the evening
    is_night: bool = False  # of the night that begins on the evening of the day that was said

    def at(self, *, later: bool = False) -> time:
        """The time meant; `later`: the one of the second half of the day, when the first is over."""
        hour = self.hour
        if self.is_open and hour < 12 and (later or hour < NIGHT_ENDS):
            hour += 12
        return time(hour % 24, self.minute)


def said(
    hour: int, minute: int, part: Any, *, in_digits: bool = True, is_padded: bool = False
) -> tuple[ClockTime | None, bool]:
    """(the time that an hour, minutes and a part of the day make, whether that is sure)."""
    if minute < 0:
        hour, minute = (hour - 1) if hour > 1 else 12 if hour == 1 else 23, 60 + minute
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None, False
    if hour > 12 or hour == 0 or is_padded:
        is_right = part is None or hour == 0 or _fits(hour, part)
        return ClockTime(hour % 24, minute, is_night=hour in {0, 24} and not is_padded), is_right
    if part is None:
        return ClockTime(hour, minute, is_open=hour != 12), True
    return _of_part(hour, minute, part)


def _fits(hour: int, part: int) -> bool:
    return hour >= 12 if part >= NOON else hour < 12


def _of_part(hour: int, minute: int, part: int) -> tuple[ClockTime | None, bool]:
    """An hour from 1 to 12 with its part of the day."""
    if part == 0:  # before dawn
        return ClockTime(hour % 12, minute), hour == 12 or hour <= 6
    if part < NOON:
        return ClockTime(hour % 12, minute), hour != 12
    if part >= NIGHT and hour == 12:
        return ClockTime(0, minute, is_night=True), True
    if part >= NIGHT and hour < 5:
        return ClockTime(hour, minute, is_night=True), True
    is_right = hour < 9 or hour == 12 if part < EVENING else hour >= 5 and hour != 12
    return ClockTime(hour % 12 + 12, minute), is_right


def part_of(found: Found, group: str = "p") -> int | None:
    """The part of the day of a group: its usual hour, 0 before dawn; 12 tells "am" from "in the morning"."""
    items = found.items(group)
    if not items:
        return None
    if "dawn" in items[0].kinds:
        return 0
    return int(items[0].value("ampm", "part", "bare_part"))


def _piece(found: Found, hour: int, minute: int, *, part: int | None = None, is_padded: bool = False) -> Piece | None:
    is_ampm = any("ampm" in one.kinds for one in found.items("p"))
    if is_ampm and hour == 12 and part == 9:
        return found.piece("clock", ClockTime(0, minute, is_night=False), more=frozenset({"am"}))
    clock, is_sure = said(hour, minute, part, is_padded=is_padded)
    if clock is None:
        return found.piece("clock", None, is_sure=False)
    return found.piece("clock", clock, is_sure=is_sure or is_ampm)


def _minutes(found: Found) -> int:
    """Minutes after the hour that was named; negative ones are before it."""
    items = found.items("half")
    if not items:
        return 0
    return int(items[0].kinds["half"]) if "half" in items[0].kinds else -int(items[0].kinds["less"])


@rule(
    "clock", TO + "(?P<c>{clock|h_clock}){oh|hour|oclock}?(?P<p>{PART})?", TO + "(?P<c>{clock|h_clock})(?P<p>{PART})?"
)
def _written(found: Found) -> Piece | None:
    hour, minute = found.value("c", "clock", "h_clock")
    item = found.items("c")[0]
    is_padded = found.context.row.tokens[item.begin].plain.startswith("0")
    return _piece(found, hour, minute, part=part_of(found), is_padded=is_padded)


@rule("clock", AT + "(?P<c>{decimal}){oh}?(?P<p>{PART})?", "(?P<c>{decimal})(?P<p>{ampm})")
def _with_a_dot(found: Found) -> Piece | None:
    hour, minute = found.value("c", "decimal")
    if len(minute) != 2:
        return None
    return _piece(found, int(hour), int(minute), part=part_of(found), is_padded=hour.startswith("0"))


@rule(
    "clock",
    AT + "+(?P<n>{NUM})(?:{oclock|oh}|(?!{clock_of}{of|on}?{place}){hour})?" + TAIL,
    TO + "(?P<n>{NUM})(?P<o>{oclock|oh})" + TAIL,
    TO + "(?P<n>{NUM})(?P<p>{part|ampm|dawn})",
    TO + "(?P<n>{NUM}){half|less}(?P<p>{part|ampm|dawn})",
)
def _hour(found: Found) -> Piece | None:
    context, number = found.context, found.number("n")
    item = found.items("n")[0]
    if "one" in item.kinds and found.end - found.begin <= 2 and not context.is_kind(found.begin, "at"):
        return None  # "a uma pessoa"
    if number > 24:
        return _military(found, number)
    last = context.row.items[found.end - 1]
    if last.may_be(frozenset({"bare_part"})) and not last.may_be(frozenset({"part"})) and context.language == "en":
        return None
    if number == 24 and not context.is_kind(found.begin, "at", "weak_at", "every_on"):
        return None  # "open 24h"
    is_padded = context.row.tokens[item.begin].plain.startswith("0")
    piece = _piece(found, number, _minutes(found), part=part_of(found), is_padded=is_padded)
    if piece is None or piece.value is None:
        return piece
    is_bare = found.end - found.begin == 2 and context.is_kind(found.begin, "weak_at", "every_on", "at")
    return _unless_in_subject(found, piece) if is_bare else piece


def _military(found: Found, number: int) -> Piece | None:
    hour, minute = divmod(number, 100)
    if not 100 <= number <= 2359 or minute > 59:
        return None
    digits = found.context.row.tokens[found.items("n")[0].begin].plain
    if len(digits) != 4 or not digits.isdecimal() or found.context.is_kind(found.end, "number", "plain_number", "dash"):
        return None
    return found.piece("clock", ClockTime(hour, minute))


def _unless_in_subject(found: Found, piece: Piece) -> Piece:
    """ "La 2 prieteni" between other words is no time, and "at 5 Main Street" may be none: that is asked."""
    context = found.context
    subject = ("unknown", "know", "place", "plain_number")
    before, after = context.item(found.begin - 1), context.item(found.end)
    is_between = (
        before is not None and before.may_be(frozenset(subject)) and not before.may_be(frozenset({"join"})) and after is not None
        and after.may_be(frozenset(subject)) and not after.may_be(frozenset({"join", "and", "or"}))
    )  # fmt: skip
    touches = bool(context.pieces) and context.pieces[-1].end == found.begin
    is_plain = context.is_kind(found.begin, "at") and context.language != "en"  # "a las 5", "la ora 5"
    if is_between and not touches and not is_plain:
        return found.piece("clock", piece.value, is_sure=False)
    return piece


@rule("clock", TO + "(?P<k>{noon})(?P<half>{half})?", TO + "(?P<n>{number|num}){noon}")
def _noon(found: Found) -> Piece | None:
    if "n" in found and found.number("n") != NOON:
        return None
    return found.piece("clock", ClockTime(12, _minutes(found)))


@rule("clock", TO + "{midnight}(?P<half>{half})?", TO + "(?P<n>{number|num}){midnight}")
def _midnight(found: Found) -> Piece | None:
    if "n" in found and found.number("n") != NOON:
        return None
    return found.piece("clock", ClockTime(0, _minutes(found), is_night=True))


@rule("clock", TO + "(?P<m>{half_past|to_hour}){weak_at|at}?(?P<n>{NUM}){oclock}?(?P<p>{PART})?")
def _beside_the_hour(found: Found) -> Piece | None:
    minutes = found.items("m")[0]
    minute = int(minutes.kinds["half_past"]) if "half_past" in minutes.kinds else -int(minutes.kinds["to_hour"])
    return _piece(found, found.number("n"), minute, part=part_of(found)) if found.number("n") <= 24 else None


@rule("clock", TO + "(?P<m>{num})(?P<w>{to|past})(?P<n>{NUM}){oclock}?(?P<p>{PART})?")
def _minutes_beside_the_hour(found: Found) -> Piece | None:
    """ "Ten to five", "twenty past six"."""
    minute, hour = found.number("m"), found.number("n")
    if found.context.language != "en" or minute not in {5, 10, 20, 25} or hour > 12:
        return None
    return _piece(found, hour, minute if "past" in found.items("w")[0].kinds else -minute, part=part_of(found))


@rule(
    "clock",
    AT + "+(?P<n>{NUM})(?P<a>{and})?(?P<m>{number|num}){minute}?(?P<p>{PART})?",
    AT + "+(?P<n>{NUM})(?P<l>{except})(?P<m>{number|num}){minute}?(?P<p>{PART})?",
    TO + "(?P<n>{NUM})(?P<o>{oh|hour})(?P<a>{and})?(?P<m>{number|num}){minute}(?P<p>{PART})?",
)
def _with_minutes(found: Found) -> Piece | None:
    """ "At nine thirty", "a las nueve y veinte", "la nou\u0103 f\u0103r\u0103 zece"."""
    hour, minute = found.number("n"), found.number("m")
    if hour > 24 or not 1 <= minute <= 59:
        return None
    if "l" in found:
        word = found.context.row.tokens[found.items("l")[0].begin].plain
        return _piece(found, hour, -minute, part=part_of(found)) if word in {"menos", "fara"} else None
    if found.is_in_digits("m") != found.is_in_digits("n"):
        return None
    if "a" not in found and "o" not in found and (found.is_in_digits("m") or minute < 10):
        return None
    if "a" in found and "o" not in found and found.context.language == "en":
        return None  # "at nine and ten" are two times
    is_sure = minute > 12 or not found.is_in_digits("m") or "o" in found
    piece = _piece(found, hour, minute, part=part_of(found))
    return piece if piece is None or is_sure else found.piece("clock", piece.value, is_sure=False)


@rule("clock", "{or|and}{at|weak_at|every_on}?(?P<n>{number|num})(?:{oclock|oh})?(?P<half>{half})?(?P<p>{PART})?")
def _another(found: Found) -> Piece | None:
    """ "At 9 or 10"."""
    before = found.context.pieces[-1] if found.context.pieces else None
    after = found.context.item(found.end)
    is_thing = after is not None and after.may_be(frozenset({"unknown", "know", "place"})) and "join" not in after.kinds
    if before is None or before.kind != "clock" or before.end != found.begin or found.number("n") > 24 or is_thing:
        return None
    if found.context.is_kind(found.end, "minute", "day", "hour", "week", "month", "times"):
        return None
    return _piece(found, found.number("n"), _minutes(found), part=part_of(found))


@rule("part", TO + "(?P<p>{part|bare_part|dawn})")
def _part(found: Found) -> Piece | None:
    hour = part_of(found)
    item = found.items("p")[0]
    if not item.may_be(frozenset({"part", "dawn"})):
        # "Tomorrow morning", "todas as noites": only right behind a day or a repetition.
        before = found.context.pieces[-1] if found.context.pieces else None
        if before is None or before.end != found.begin or before.kind not in {"day", "repeat"}:
            return None
    return found.piece("part", hour, is_sure=hour != 0)
