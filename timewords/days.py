"""Parse days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from timewords.pieces import RuleMatch, SentenceContext, TimePiece, best_at, register_rule
from timewords.tagging import Phrase

MAX_DAYS = 3660
BEFORE = "{on|in_on|the_day|every_on|for}{0,3}"
# After these a number and a month are the name of a street.
STREETS = frozenset({
    "avenida", "av", "rua", "praca", "calle", "plaza", "strada", "str", "bulevardul", "bd", "piata", "street", "avenue", "paseo", "travessa", "largo",
})  # fmt: skip
CLOCKISH = (
    "date",
    "clock",
    "h_clock",
    "number",
    "at",
    "weak_at",
    "part",
    "bare_part",
    "noon",
    "num",
    "one",
    "midnight",
    "ampm",
    "decimal",
)


def month_of(item: Phrase) -> int:
    """Return the month that a phrase names."""
    value = item.value("month_name", "weak_month")
    return int(value if value is not None else item.kinds["mar"][1])


@register_rule("day", BEFORE + "{day_word}?(?P<d>{date})")
def _date(found: RuleMatch) -> TimePiece | None:
    day, month, year = found.value("d", "date")
    today = found.context.today
    after = found.context.item(found.end)
    is_padded = "0" in (_text(found, "d")[:1], _text(found, "d").partition("/")[2][:1])
    is_alone = year is None and not is_padded and found.end - found.begin == 1 and not found.context.pieces
    if (
        is_alone
        and after is not None
        and not after.may_be(frozenset((*CLOCKISH, "stop", "comma", "dash", "to", "join")))
    ):
        return None  # "10/10 service"
    if month > 12 and day <= 12:
        # Our customers write the day first, except for Americans: an impossible day is asked about.
        swapped = coming(today, day, month, year)
        return found.piece("day", swapped, is_sure=False)
    value = coming(today, month, day, year)
    is_open = found.context.language == "en" and day <= 12 and day != month and "/" in _text(found, "d")
    if is_open:
        return found.piece("day", value, others=(coming(today, day, month, year),))
    return found.piece("day", value)


@register_rule("day", BEFORE + "{day_word}?(?P<d>{decimal})")
def _date_with_a_dot(found: RuleMatch) -> TimePiece | None:
    whole, part = found.value("d", "decimal")
    has_word = found.end - found.begin > 1
    is_date = found.context.language == "ro" and "." in _text(found, "d") and len(part) <= 2
    last = found.context.pieces[-1] if found.context.pieces else None
    is_behind_day = last is not None and "weekday" in last.more and last.end == found.begin
    if not is_date or not (has_word or is_behind_day or found.context.is_kind(found.end, "at", "weak_at", "clock")):
        return None
    if has_word and found.context.is_kind(found.end, "minute", "hour", "day", "week", "month", "luni"):
        return None
    return found.piece("day", coming(found.context.today, int(part), int(whole), None))


@register_rule(
    "day",
    BEFORE
    + "{day_word}?(?P<d>{NUM|nth|ordinal}){of|in_on|on|turn_from}{0,2}(?P<m>{MONTH})(?:{comma}?{of|on}?(?P<y>{year_number}))?",
    BEFORE + "(?P<m>{MONTH}){on}?(?P<d>{number|nth|ordinal})(?:{comma}?(?P<y>{year_number}))?",
)
def _with_month(found: RuleMatch) -> TimePiece | None:
    day = found.number("d")
    if is_street(found.context, found.begin):
        return None
    is_clock = found.context.is_kind(found.end, "oh", "minute", "hour", "ampm", "part")
    if not 1 <= day <= 31 or (is_clock and found.match.end("d") == found.end):
        return None
    return found.piece(
        "day", coming(found.context.today, month_of(found.items("m")[0]), day, found.value("y", "year_number"))
    )


@register_rule("day", BEFORE + "(?P<r>{rel})")
def _near(found: RuleMatch) -> TimePiece | None:
    context, days = found.context, found.value("r", "rel")
    more = frozenset({"today"}) if days == 0 else frozenset()
    item = found.items("r")[0]
    if context.language == "es" and days == 1 and context.is_kind(found.begin - 1, "every", "determiner"):
        return None  # "cada ma\u00f1ana"
    has_company = found.end - found.begin > 1 or context.is_kind(found.end, *CLOCKISH) or bool(context.pieces)
    return found.piece("day", context.today + timedelta(days=days), more=more, is_sure=has_company or not item.is_slip)


@register_rule("day", BEFORE + "(?P<r>{tonight})")
def _tonight(found: RuleMatch) -> TimePiece | None:
    return found.piece("day", found.context.today, more=frozenset({"today", "tonight"}))


@register_rule("day", BEFORE + "{this}(?P<p>{bare_part|part})", "(?P<p>{bare_part|part}){suffix_this}")
def _this_part(found: RuleMatch) -> TimePiece | None:
    hour = found.value("p", "part", "bare_part")
    more = {"today", "tonight"} if hour >= 20 else {"today", f"part {hour}"}
    return found.piece("day", found.context.today, more=frozenset(more))


@register_rule("day", BEFORE + "(?P<nw>{next_week|next_month|weekend|next_year})")
def _without_a_day(found: RuleMatch) -> TimePiece | None:
    today, item = found.context.today, found.items("nw")[0]
    if "next_month" in item.kinds:
        value = months_later(today, 1)
    elif "next_year" in item.kinds:
        value = months_later(today, 12)
    else:
        value = today + timedelta(days=7 if "next_week" in item.kinds else (5 - today.weekday()) % 7 or 7)
    return found.piece("day", value, is_sure=False)


@register_rule(
    "day",
    BEFORE + "{next_month}" + BEFORE + "{day_word}?(?P<d>{NUM|nth})",
    BEFORE + "{day_word}?(?P<d>{NUM|nth}){of|on|in_on}{0,2}{next_month}",
)
def _in_next_month(found: RuleMatch) -> TimePiece | None:
    later, day = months_later(found.context.today.replace(day=1), 1), found.number("d")
    if later is None or not 1 <= day <= 31:
        return None
    return found.piece("day", later.replace(day=day) if day <= monthrange(later.year, later.month)[1] else None)


@register_rule(
    "day",
    "(?P<i>{in|in_on}){for}?(?P<n>{AMOUNT}){unit_of}?(?P<u>{DAYUNIT})",
    "(?P<n>{AMOUNT}){unit_of}?(?P<u>{DAYUNIT}){later}",
)
def _after(found: RuleMatch) -> TimePiece | None:
    value = _moved(found.context.today, found)
    return found.piece("day", value) if value is not None else None


@register_rule("answer", "(?P<n>{AMOUNT}){unit_of}?(?P<u>{DAYUNIT})")
def _bare_days(found: RuleMatch) -> TimePiece | None:
    return _after(found)


@register_rule("day", "{in|in_on}?(?P<n>{AMOUNT}){unit_of}?(?P<u>{DAYUNIT}){starting|after}")
def _after_a_day(found: RuleMatch) -> TimePiece | None:
    """Parse "a week from Friday"."""
    day = day_at(found.context, found.end)
    if day is None or day.value is None:
        return None
    value, others = _moved(day.value, found), tuple(_moved(one, found) for one in day.others)
    return found.piece("day", value, end=day.end, is_sure=day.is_sure and value is not None, others=others)


def day_at(context: SentenceContext, place: int) -> TimePiece | None:
    """Return the day that is named at a place."""
    return best_at(context, place, ("day", "numbered day"))


@register_rule(
    "numbered day",
    BEFORE + "{day_word}(?P<d>{NUM|nth|ordinal})(?:{of}{this}?{on}?{month|luni}|{of_month})?",
    BEFORE + "(?P<d>{nth})(?:{of}{this}?{on}?{month|luni}|{of_month})?",
    "{the_day}(?P<d>{number})",
)
def _of_month(found: RuleMatch) -> TimePiece | None:
    context, number = found.context, found.number("d")
    has_word = any("day_word" in one.kinds for one in context.row.items[found.begin : found.end])
    after = context.item(found.end)
    if not has_word:
        is_nth = found.value("d", "nth") is not None
        is_alone = after is None or after.may_be(
            frozenset({"at", "weak_at", "stop", "comma", "clock", "noon", "part", "to", "of", "join"})
        )
        has_on = context.is_kind(found.begin, "on", "the_day")
        if not is_alone or not has_on or (is_nth and context.language != "en"):
            return None
    if after is not None and after.may_be(frozenset({"minute", "hour", "oh", "day", "week", "month", "times"})):
        return None
    month = context.today.replace(day=1)
    for turn in range(12):
        if 1 <= number <= monthrange(month.year, month.month)[1] and month.replace(day=number) >= context.today:
            is_sure = has_word or turn == 0 or number <= 28
            return found.piece("day", month.replace(day=number), is_sure=is_sure, more=frozenset({"day of month"}))
        month = (month + timedelta(days=32)).replace(day=1)
    return found.piece("day", None) if has_word else None


def _moved(day: date | None, found: RuleMatch) -> date | None:
    unit, number = found.items("u")[0], found.number("n")
    if day is None:
        return None
    if unit.may_be(frozenset({"month", "luni"})):
        return months_later(day, number)
    if "year" in unit.kinds:
        return months_later(day, number * 12)
    days = number * (14 if "fortnight" in unit.kinds else 7 if "week" in unit.kinds else 1)
    return day + timedelta(days=days) if days <= MAX_DAYS else None


def months_later(day: date, number: int) -> date | None:
    """Return the same day so many months later, or that month's last; None beyond ten years."""
    years, month = divmod(day.month - 1 + number, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) if year < day.year + 11 else None


def coming(today: date, month: int, day: int, year: Any) -> date | None:
    """Return the next such day, or the one of that year; None where there is none."""
    years = [int(year)] if year else range(today.year, today.year + 9)  # until the next 29 February
    for candidate in years:
        if not (1 <= month <= 12 and 1 <= day <= monthrange(candidate, month)[1]):
            continue
        found = date(candidate, month, day)
        if found >= today or year:
            return found
    return None


def _text(found: RuleMatch, group: str) -> str:
    item = found.items(group)[0]
    return found.context.row.tokens[item.begin].raw


def is_street(context: SentenceContext, place: int) -> bool:
    """Return whether the word before a place says that a street's name follows."""
    item = context.item(place - 1)
    return item is not None and context.row.tokens[item.end - 1].plain in STREETS
