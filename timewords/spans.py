"""Parse lengths of time: how long from now, for how long, how often, until when, and in which zone."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from timewords.days import day_at
from timewords.pieces import RuleMatch, TimePiece, register_rule
from timewords.tagging import Phrase

MAX_DELAY = timedelta(days=366 * 5)
IN = "(?P<i>{in|in_on}){for|at|weak_at}?"
HOURS = "(?P<n>{AMOUNT|decimal}){unit_of}?(?P<u>{CLOCKUNIT|day|week})"
MORE = "(?:{and|comma}{0,2}(?P<more>{number|num|one}){unit_of}?(?P<mu>{minute|hour|single_hour|oh})?)?"
LENGTHS = (
    "(?P<h>{h_clock})", "(?P<h>{half_hour|half_day})", HOURS + "(?P<half>{half})?", HOURS + MORE,
    "(?P<n>{NUM})(?P<half>{half}){unit_of}?(?P<u>{CLOCKUNIT|day|week})",
    "(?P<n>{NUM})(?P<u>{CLOCKUNIT}){and}(?P<hh>{half_hour})",
)  # fmt: skip
UNIT_MINUTES: dict[str, Fraction] = {
    "second": Fraction(1, 60),
    "minute": Fraction(1),
    "hour": Fraction(60),
    "single_hour": Fraction(60),
    "oh": Fraction(60),
    "day": Fraction(1440),
    "week": Fraction(10080),
}


@register_rule("delay", *(IN + length for length in LENGTHS), *(length + "{later}" for length in LENGTHS))
def _delay(found: RuleMatch) -> TimePiece | None:
    return _length(found)


@register_rule(
    "delay",
    "{in|in_on}?(?P<n>{decimal})(?P<u>{month|luni|year})",
    "{in|in_on}?{vague|NUM|article}{of}?{minute|hour|day|week|month}{before}",
)
def _unclear(found: RuleMatch) -> TimePiece | None:
    return found.piece("doubt", None)


@register_rule("answer", *("{vague|other|and}?" + length for length in LENGTHS))
def _bare_delay(found: RuleMatch) -> TimePiece | None:
    return _length(found)


def _length(found: RuleMatch) -> TimePiece | None:
    if "h" in found:
        item = found.items("h")[0]
        if "half_day" in item.kinds:
            return found.piece("delay", timedelta(hours=12), is_sure=False)
        hours, minutes = item.kinds.get("h_clock") or (0, item.kinds.get("half_hour", 0))
        return _sure(found, Fraction(hours * 60 + minutes))
    unit = found.items("u")[0]
    amount = _amount(found)
    if amount is None:
        return None
    minutes = amount * _minutes_of(unit)
    is_long = unit.may_be(frozenset({"day", "week"}))
    if is_long and amount.denominator == 1 and not any(name in found for name in ("half", "more", "hh")):
        return None  # whole days are days of the calendar: see `timewords.days`
    if "half" in found:
        minutes += Fraction(int(found.value("half", "half")), 60) * _minutes_of(unit)
    if "hh" in found:
        minutes += int(found.value("hh", "half_hour"))
    if "more" in found:
        if not found.items("mu") and not (unit.may_be(frozenset({"hour", "single_hour", "oh"})) and _is_end(found)):
            return None
        minutes += found.number("more") * (_minutes_of(found.items("mu")[0]) if found.items("mu") else 1)
    return _sure(found, minutes)


def _is_end(found: RuleMatch) -> bool:
    """Return whether nothing follows that the last number could count: "in 2 hours 9 tickets"."""
    after = found.context.item(found.end)
    return after is None or after.may_be(frozenset({"join", "stop", "comma"}))


def _sure(found: RuleMatch, minutes: Fraction) -> TimePiece | None:
    delay = timedelta(seconds=round(minutes * 60))
    if not timedelta(0) < delay <= MAX_DELAY:
        return None
    return found.piece("delay", delay)


def _amount(found: RuleMatch) -> Fraction | None:
    written = found.value("n", "decimal")
    if written is None:
        return Fraction(found.number("n"))
    whole, part = written
    if len(part) > 2:
        return None  # "1.000"
    return Fraction(int(whole)) + Fraction(int(part), 10 ** len(part))


def _minutes_of(unit: Phrase) -> Fraction:
    return next(minutes for kind, minutes in UNIT_MINUTES.items() if kind in unit.kinds)


@register_rule("end", "{until}{at|weak_at|on|for}{0,2}")
def _until(found: RuleMatch) -> TimePiece | None:
    day = day_at(found.context, found.end)
    if day is None:
        return None
    return found.piece("until", day.value, end=day.end, is_sure=day.is_sure and not day.others)


@register_rule("end", "(?P<s>{starting})")
def _starting(found: RuleMatch) -> TimePiece | None:
    day = day_at(found.context, found.end)
    if day is None:
        return None
    return found.piece("starting", day.value, end=day.end, is_sure=day.is_sure, others=day.others)


@register_rule("end", "{for|unit_of}?{in_on}?(?P<n>{NUM}){times}")
def _count(found: RuleMatch) -> TimePiece | None:
    if found.context.is_kind(found.end, "per", "every", "on") and found.context.is_kind(
        found.end + 1, "day", "week", "month", "hour"
    ):
        return None
    return found.piece("count", found.number("n"))


@register_rule(
    "end",
    "(?P<f>{for})(?P<x>{next|following})?(?P<n>{NUM|article})(?P<x2>{next|following})?{unit_of}?(?P<u>{day|week|month|luni})",
)
def _lasting(found: RuleMatch) -> TimePiece | None:
    unit = found.items("u")[0]
    kind = "day" if "day" in unit.kinds else "week" if "week" in unit.kinds else "month"
    return found.piece("lasting", (found.number("n"), kind))


@register_rule("zone", "(?:{at|on|of|in_on|clock_of|comma}{0,2})(?P<z>{zone}){time}?")
def _zone(found: RuleMatch) -> TimePiece | None:
    return found.piece("zone", found.value("z", "zone"))


@register_rule(
    "zone",
    "{in_on|on}{0,2}(?P<z>{place}){time}",
    "(?:{on|in_on|at}{0,2})(?P<w>{clock_of}){of|in_on|on}{0,2}(?P<z>{place})",
)
def _zone_of_place(found: RuleMatch) -> TimePiece | None:
    zone = found.value("z", "place")
    return found.piece("zone", zone, is_sure=zone is not None)


@register_rule("zone", "(?P<o>{of|on|in_on|dash|comma})?(?P<z>{place})")
def _place_beside_a_clock(found: RuleMatch) -> TimePiece | None:
    """Parse "15h de Lisboa"; "15h in Lisbon" may be where something happens, so that is asked."""
    before = found.context.pieces[-1] if found.context.pieces else None
    if before is None or before.kind != "clock" or before.end != found.begin:
        return None
    zone = found.value("z", "place")
    word = found.context.row.tokens[found.context.row.items[found.begin].begin].plain
    return found.piece("zone", zone, is_sure=zone is not None and word in {"de", "do", "da", "del"})


@register_rule("zone", "{on|in_on|at|of}{0,2}(?P<w>{own_time})")
def _own_zone(found: RuleMatch) -> TimePiece | None:
    before = found.context.pieces[-1] if found.context.pieces else None
    return found.piece("own zone", None) if before is not None and before.end == found.begin else None


@register_rule("over", "{on|in_on|the_day}{0,2}(?P<o>{over})")
def _over(found: RuleMatch) -> TimePiece | None:
    return found.piece("over", None)
