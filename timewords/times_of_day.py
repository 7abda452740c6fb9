"""Parse the time of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

from timewords.pieces import RuleMatch, TimePiece, register_rule

NIGHT_ENDS = 7  # an hour below it, without more, is in the afternoon
NOON, EVENING, NIGHT = 12, 19, 20
TO = "{at|weak_at|on|every_on|in_on|for}{0,2}"
AT = "{at|weak_at|every_on}"
TAIL = "(?P<half>{half|less})?{oclock}?(?P<p>{PART})?"


@dataclass(frozen=True)
class ClockTime:
    """A time as it was said."""

    hour: int
    minute: int = 0
    is_open: bool = False  # it may be in the morning or in the evening
    is_night: bool = False  # of the night that begins on the evening of the named day

    def at(self, *, later: bool = False) -> time:
        """Return the time; `later`: the one in the second half of the day, when the first is over."""
        hour = self.hour
        if self.is_open and hour < 12 and (later or hour < NIGHT_ENDS):
            hour += 12
        return time(hour % 24, self.minute)


def time_of_day(
    hour: int, minute: int, part: Any, *, in_digits: bool = True, is_padded: bool = False
) -> tuple[ClockTime | None, bool]:
    """Return (the time of an hour, minutes and a part of the day; whether that is sure)."""
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
    """Return an hour from 1 to 12 with its part of the day."""
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


def part_of(found: RuleMatch, group: str = "p") -> int | None:
    """Return the part of the day of a group: its usual hour, 0 before dawn.

    12 distinguishes "am" from "in the morning".
    """
    items = found.items(group)
    if not items:
        return None
    if "dawn" in items[0].kinds:
        return 0
    return int(items[0].value("ampm", "part", "bare_part"))


def _piece(
    found: RuleMatch, hour: int, minute: int, *, part: int | None = None, is_padded: bool = False
) -> TimePiece | None:
    is_ampm = any("ampm" in one.kinds for one in found.items("p"))
    if is_ampm and hour == 12 and part == 9:
        return found.piece("clock", ClockTime(0, minute, is_night=False), more=frozenset({"am"}))
    clock, is_sure = time_of_day(hour, minute, part, is_padded=is_padded)
    if clock is None:
        return found.piece("clock", None, is_sure=False)
    return found.piece("clock", clock, is_sure=is_sure or is_ampm)


def _minutes(found: RuleMatch) -> int:
    """Return the minutes after the named hour; negative ones are before it."""
    items = found.items("half")
    if not items:
        return 0
    return int(items[0].kinds["half"]) if "half" in items[0].kinds else -int(items[0].kinds["less"])


@register_rule(
    "clock", TO + "(?P<c>{clock|h_clock}){oh|hour|oclock}?(?P<p>{PART})?", TO + "(?P<c>{clock|h_clock})(?P<p>{PART})?"
)
def _written(found: RuleMatch) -> TimePiece | None:
    hour, minute = found.value("c", "clock", "h_clock")
    item = found.items("c")[0]
    is_padded = found.context.row.tokens[item.begin].plain.startswith("0")
    return _piece(found, hour, minute, part=part_of(found), is_padded=is_padded)


@register_rule("clock", AT + "(?P<c>{decimal}){oh}?(?P<p>{PART})?", "(?P<c>{decimal})(?P<p>{ampm})")
def _with_a_dot(found: RuleMatch) -> TimePiece | None:
    hour, minute = found.value("c", "decimal")
    if len(minute) != 2:
        return None
    return _piece(found, int(hour), int(minute), part=part_of(found), is_padded=hour.startswith("0"))


@register_rule(
    "clock",
    AT + "+(?P<n>{NUM})(?:{oclock|oh}|(?!{clock_of}{of|on}?{place}){hour})?" + TAIL,
    TO + "(?P<n>{NUM})(?P<o>{oclock|oh})" + TAIL,
    TO + "(?P<n>{NUM})(?P<p>{part|ampm|dawn})",
    TO + "(?P<n>{NUM}){half|less}(?P<p>{part|ampm|dawn})",
)
def _hour(found: RuleMatch) -> TimePiece | None:
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


def _military(found: RuleMatch, number: int) -> TimePiece | None:
    hour, minute = divmod(number, 100)
    if not 100 <= number <= 2359 or minute > 59:
        return None
    digits = found.context.row.tokens[found.items("n")[0].begin].plain
    if len(digits) != 4 or not digits.isdecimal() or found.context.is_kind(found.end, "number", "plain_number", "dash"):
        return None
    return found.piece("clock", ClockTime(hour, minute))


def _unless_in_subject(found: RuleMatch, piece: TimePiece) -> TimePiece:
    """Return the piece, unsure where it may be no time: "la 2 prieteni" between words, "at 5 Main Street"."""
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


@register_rule("clock", TO + "(?P<k>{noon})(?P<half>{half})?", TO + "(?P<n>{number|num}){noon}")
def _noon(found: RuleMatch) -> TimePiece | None:
    if "n" in found and found.number("n") != NOON:
        return None
    return found.piece("clock", ClockTime(12, _minutes(found)))


@register_rule("clock", TO + "{midnight}(?P<half>{half})?", TO + "(?P<n>{number|num}){midnight}")
def _midnight(found: RuleMatch) -> TimePiece | None:
    if "n" in found and found.number("n") != NOON:
        return None
    return found.piece("clock", ClockTime(0, _minutes(found), is_night=True))


@register_rule("clock", TO + "(?P<m>{half_past|to_hour}){weak_at|at}?(?P<n>{NUM}){oclock}?(?P<p>{PART})?")
def _beside_the_hour(found: RuleMatch) -> TimePiece | None:
    minutes = found.items("m")[0]
    minute = int(minutes.kinds["half_past"]) if "half_past" in minutes.kinds else -int(minutes.kinds["to_hour"])
    return _piece(found, found.number("n"), minute, part=part_of(found)) if found.number("n") <= 24 else None


@register_rule("clock", TO + "(?P<m>{num})(?P<w>{to|past})(?P<n>{NUM}){oclock}?(?P<p>{PART})?")
def _minutes_beside_the_hour(found: RuleMatch) -> TimePiece | None:
    """Parse "ten to five", "twenty past six"."""
    minute, hour = found.number("m"), found.number("n")
    if found.context.language != "en" or minute not in {5, 10, 20, 25} or hour > 12:
        return None
    return _piece(found, hour, minute if "past" in found.items("w")[0].kinds else -minute, part=part_of(found))


@register_rule(
    "clock",
    AT + "+(?P<n>{NUM})(?P<a>{and})?(?P<m>{number|num}){minute}?(?P<p>{PART})?",
    AT + "+(?P<n>{NUM})(?P<l>{except})(?P<m>{number|num}){minute}?(?P<p>{PART})?",
    TO + "(?P<n>{NUM})(?P<o>{oh|hour})(?P<a>{and})?(?P<m>{number|num}){minute}(?P<p>{PART})?",
)
def _with_minutes(found: RuleMatch) -> TimePiece | None:
    """Parse "at nine thirty", "a las nueve y veinte", "la nouă fără zece"."""
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


@register_rule(
    "clock", "{or|and}{at|weak_at|every_on}?(?P<n>{number|num})(?:{oclock|oh})?(?P<half>{half})?(?P<p>{PART})?"
)
def _another(found: RuleMatch) -> TimePiece | None:
    """Parse "at 9 or 10"."""
    before = found.context.pieces[-1] if found.context.pieces else None
    after = found.context.item(found.end)
    is_thing = after is not None and after.may_be(frozenset({"unknown", "know", "place"})) and "join" not in after.kinds
    if before is None or before.kind != "clock" or before.end != found.begin or found.number("n") > 24 or is_thing:
        return None
    if found.context.is_kind(found.end, "minute", "day", "hour", "week", "month", "times"):
        return None
    return _piece(found, found.number("n"), _minutes(found), part=part_of(found))


@register_rule("part", TO + "(?P<p>{part|bare_part|dawn})")
def _part(found: RuleMatch) -> TimePiece | None:
    hour = part_of(found)
    item = found.items("p")[0]
    if not item.may_be(frozenset({"part", "dawn"})):
        # "Tomorrow morning", "todas as noites": only right after a day or a repetition.
        before = found.context.pieces[-1] if found.context.pieces else None
        if before is None or before.end != found.begin or before.kind not in {"day", "repeat"}:
            return None
    return found.piece("part", hour, is_sure=hour != 0)
