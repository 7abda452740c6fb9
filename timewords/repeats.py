"""Parse repetitions: how often, and on which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from timewords.days import BEFORE
from timewords.pieces import RuleMatch, TimePiece, register_rule
from timewords.rules import WEEKDAYS
from timewords.tagging import Phrase
from timewords.weekdays import weekday_of

WORKDAYS, WEEKEND = tuple(range(5)), (5, 6)
LIST = "(?P<list>{ANYDAY}(?:(?:{and|comma}|{and}{on|in_on|los|every_on|the_day}|{comma}{on|in_on|los|every_on|and}){ANYDAY}){0,6})"
FREQUENCIES = {
    "single_hour": "HOURLY",
    "hour": "HOURLY",
    "oh": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "month": "MONTHLY",
    "luni": "MONTHLY",
    "year": "YEARLY",
}
OF_MONTH = "(?:{of|on|in_on|turn_from|every|this}{1,3}{month|luni}|{of_month})"
WHOLE_DAYS = frozenset({"weekday", "weak_weekday", "ord_weekday", "luni", "weekdays"})
UNIT = "(?P<u>{hour|single_hour|oh|day|week|month|luni|year|fortnight|minute})"


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """How often: every `interval` of `frequency`, on these days."""

    frequency: str
    interval: int = 1
    days: tuple[int, ...] = ()  # Monday is 0
    place: int = 0  # of the weekday in the month; -1 is the last
    month_day: int = 0  # -1 is the last
    part: int | None = None  # the part of the day that it names, by its usual hour

    def rule(self, begin: date) -> str:
        """Return the rule, with the days taken from the first day where none are named."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.place and self.days:
            parts.append(f"BYDAY={self.place}{WEEKDAYS[self.days[0]]}")
        elif self.days and self.days != tuple(range(7)):
            parts.append(f"BYDAY={','.join(WEEKDAYS[day] for day in sorted(set(self.days)))}")
        elif self.frequency == "WEEKLY":
            parts.append(f"BYDAY={WEEKDAYS[begin.weekday()]}")
        if self.month_day:
            parts.append(f"BYMONTHDAY={self.month_day}")
        elif self.frequency == "MONTHLY" and not self.place:
            parts.append(f"BYMONTHDAY={begin.day}")
        return ";".join(parts)


def _days(items: list[Phrase]) -> tuple[int, ...]:
    return tuple(weekday_of(item) for item in items if item.may_be(frozenset(
        {"weekday", "weak_weekday", "ord_weekday", "luni", "mar", "weekdays", "two_letters"})))  # fmt: skip


def _ordinal(item: Phrase) -> int:
    value = item.value("ordinal", "nth")
    return int(value if value is not None else item.kinds["ord_weekday"][0])


def _plain(found: RuleMatch, item: Phrase) -> str:
    return found.context.row.tokens[item.begin].plain


@register_rule(
    "repeat", "{every}{on|los}?(?P<o>{other|ordinal|ord_weekday|last|nth})?" + LIST, "{every}(?P<n>{number|num})" + LIST
)
def _every_weekday(found: RuleMatch) -> TimePiece | None:
    days = _days(found.items("list"))
    if "n" in found and found.end - found.match.start("list") == 1 and "luni" in found.items("list")[0].kinds:
        return None  # "la fiecare 3 luni" are months
    if "n" in found:
        return found.piece(
            "repeat", Repeat(frequency="WEEKLY", interval=found.number("n"), days=days), is_sure=found.number("n") > 0
        )
    order = found.items("o")
    if not order:
        return found.piece("repeat", Repeat(frequency="WEEKLY", days=days))
    if "last" in order[0].kinds and len(days) == 1:
        return found.piece("repeat", Repeat(frequency="MONTHLY", days=days, place=-1))
    if "other" in order[0].kinds:
        return found.piece("repeat", Repeat(frequency="WEEKLY", interval=2, days=days))
    number = _ordinal(order[0])
    monthly = Repeat(frequency="MONTHLY", days=days, place=number)
    if number == 1 and len(days) == 1:
        return found.piece("repeat", monthly)
    weekly = Repeat(frequency="WEEKLY", interval=number, days=days)
    is_two_weeks = number == 2 and found.context.language == "en"
    others = () if is_two_weeks or number > 4 or len(days) > 1 else (monthly,)
    return found.piece("repeat", weekly, others=others, is_sure=number > 0)


@register_rule("repeat", "{every}?" + BEFORE + "(?P<o>{ordinal|ord_weekday|last|nth})(?P<w>{WEEKDAY})" + OF_MONTH,
      BEFORE + "(?P<w>{WEEKDAY})(?P<o>{last}){of|on|in_on|every}{1,3}{month}",
      "{every}?" + BEFORE + "(?P<o>{ordinal|ord_weekday|last|nth})(?P<w>{WEEKDAY}){of|on|in_on}{0,2}(?P<r>{repeat})",
      "(?P<r>{repeat})" + BEFORE + "(?P<o>{ordinal|ord_weekday|last|nth})(?P<w>{WEEKDAY})")  # fmt: skip
def _placed(found: RuleMatch) -> TimePiece | None:
    """Parse "the first Monday of the month"."""
    if "r" in found and found.value("r", "repeat") != ("MONTHLY", 1):
        return None
    order = found.items("o")[0]
    place = -1 if "last" in order.kinds else _ordinal(order)
    days = (weekday_of(found.items("w")[0]),)
    if not (place == -1 or 1 <= place <= 4):
        return found.piece("repeat", Repeat(frequency="MONTHLY", days=days, place=-1), is_sure=False)
    return found.piece("repeat", Repeat(frequency="MONTHLY", days=days, place=place))


@register_rule("repeat", "{on|in_on|los|every_on}{0,2}(?P<list>{weekdays}(?:(?:{and|comma}|{and}{on|in_on|every_on}){ANYDAY}){0,6})",
      "(?P<los>{los})" + LIST, "{on|in_on|every_on}?(?P<list>{ANYDAY}(?:{and|comma}{on|every_on|in_on|comma|and}{0,2}{weekdays}){1,6})",)  # fmt: skip
def _on_weekdays(found: RuleMatch) -> TimePiece | None:
    """Parse "on Tuesdays"; los martes; nas terças; marțea."""
    return found.piece("repeat", Repeat(frequency="WEEKLY", days=_days(found.items("list"))))


@register_rule(
    "repeat",
    "{starting|of|on|every}{0,2}(?P<a>{ANYDAY})(?P<to>{to|until|dash|weak_at|at|every_on}){on|weak_at|at|in_on}?(?P<b>{ANYDAY})",
)
def _range(found: RuleMatch) -> TimePiece | None:
    """Parse "Tuesday to Thursday", "seg a sex"."""
    first, last = weekday_of(found.items("a")[0]), weekday_of(found.items("b")[0])
    short = [one for group in ("a", "b") for one in found.items(group) if not one.may_be(WHOLE_DAYS)]
    if first == last or len(short) == 1:
        return None
    days = tuple((first + step) % 7 for step in range((last - first) % 7 + 1))
    return found.piece("repeat", Repeat(frequency="WEEKLY", days=days))


@register_rule(
    "repeat", "(?P<k>{workdays|weekends|last_day|alternate|repeat})(?P<bp>{bare_part})?", "(?P<k>{every_part})"
)
def _named(found: RuleMatch) -> TimePiece | None:
    item = found.items("k")[0]
    part = found.value("bp", "bare_part") if "bp" in found else None
    if "workdays" in item.kinds:
        return found.piece("repeat", Repeat(frequency="WEEKLY", days=WORKDAYS, part=part))
    if "weekends" in item.kinds:
        return found.piece("repeat", Repeat(frequency="WEEKLY", days=WEEKEND, part=part))
    if "last_day" in item.kinds:
        return found.piece("repeat", Repeat(frequency="MONTHLY", month_day=-1, part=part))
    if "alternate" in item.kinds:
        return found.piece("repeat", Repeat(frequency="DAILY", interval=2, part=part))
    if "every_part" in item.kinds:
        return found.piece("repeat", Repeat(frequency="DAILY", part=item.value("every_part")))
    if _is_adjective(found):
        return None
    frequency, interval = item.kinds["repeat"]
    return found.piece("repeat", Repeat(frequency=frequency, interval=interval, part=part))


def _is_adjective(found: RuleMatch) -> bool:
    """Return True for "the weekly report", which is no repetition."""
    context = found.context
    text = context.row.tokens[context.row.items[found.begin].begin].plain
    if (
        found.end - found.begin > 1
        or not context.is_kind(found.begin - 1, "determiner")
        or text in {"every", "todo", "toda", "cada"}
    ):
        return False
    return context.is_kind(found.end, "unknown") or (
        context.is_kind(found.end, "know") and not context.is_kind(found.end, "join")
    )


@register_rule("repeat", "{every}(?P<p>{bare_part|part})")
def _every_part(found: RuleMatch) -> TimePiece | None:
    return found.piece("repeat", Repeat(frequency="DAILY", part=found.value("p", "part", "bare_part")))


@register_rule(
    "repeat",
    "{every}(?P<o>{other})" + UNIT, "{every}(?P<n>{NUM})?{of}?" + UNIT,
    "{every}(?P<h>{h_clock|half_hour})",
    "(?P<one>{one|article})(?P<v>{times}){per|every|on|weak_at|of}{0,2}" + UNIT,
    "(?P<la>{weak_at})(?P<n>{NUM}){unit_of}?(?P<u>{hour|day|week|month|luni|year})",
    "{of|turn_from}(?P<n>{NUM}){weak_at|in_on|in}(?P<same>{NUM}){of}?" + UNIT,
)  # fmt: skip
def _every_unit(found: RuleMatch) -> TimePiece | None:
    if "h" in found:
        hours, minutes = found.value("h", "h_clock") or (0, 30)
        return found.piece(
            "repeat", Repeat(frequency="HOURLY", interval=max(1, hours)), is_sure=hours > 0 and not minutes
        )
    if "la" in found and (found.context.language != "ro" or found.context.is_kind(found.end, "after", "before")):
        return None  # "la dou\u0103 s\u0103pt\u0103m\u00e2ni"
    unit = found.items("u")[0]
    interval = 2 if "o" in found else found.number("n")
    if unit.may_be(frozenset({"minute"})):
        return found.piece("doubt", None)
    if "fortnight" in unit.kinds:
        return found.piece("repeat", Repeat(frequency="WEEKLY", interval=2 * interval))
    frequency = next(name for kind, name in FREQUENCIES.items() if kind in unit.kinds)
    is_sure = interval > 0 and ("same" not in found or found.number("same") == interval)
    if "luni" in unit.kinds and "n" not in found and "o" not in found:
        return None  # "fiecare luni" is Monday
    return found.piece("repeat", Repeat(frequency=frequency, interval=max(1, interval)), is_sure=is_sure)


@register_rule(
    "repeat",
    BEFORE + "{day_word}?(?P<d>{nth|NUM}){of|on|in_on}{0,2}{every}{month}",
    "{every}{day_word|day}(?P<d>{number|num|nth})(?:{of|on}{1,2}{every}?{month})?",
    "{every}(?P<e>{nth}){day}?(?:" + OF_MONTH + ")?",
    BEFORE + "{day_word}?(?P<d>{nth|NUM}){of}?(?P<m>{repeat})",
    "(?P<m>{repeat}){on|in_on}{0,2}{day_word}?(?P<d>{nth|number|num})",
)
def _month_day(found: RuleMatch) -> TimePiece | None:
    """Parse "on the 5th of each month"."""
    context, group = found.context, "e" if "e" in found else "d"
    number = found.number(group)
    if "m" in found:
        words = context.row.items[found.begin : found.end]
        is_dated = any("day_word" in one.kinds for one in words)
        is_day_too = found.context.language == "pt" and found.value("m", "repeat") == ("DAILY", 1)  # "todo dia 5"
        if found.value("m", "repeat") != ("MONTHLY", 1) and not (is_day_too and found.end - found.begin == 2):
            return None
        if not is_dated and any(one.may_be(frozenset({"at", "weak_at"})) for one in words):
            return None
        if found.match.end("d") == found.end and found.context.is_kind(
            found.end, "minute", "hour", "oh", "times", "part", "ampm"
        ):
            return None
    if found.context.is_kind(found.end, "oh", "minute", "hour", "ampm"):
        return None
    before = context.row.items[found.begin : found.match.start(group)]
    if found.value(group, "nth") is None and all(
        "for" in one.kinds or _plain(found, one) in {"para", "pra"} for one in before
    ):
        return None  # "a table for 4 every month"
    return found.piece("repeat", Repeat(frequency="MONTHLY", month_day=number)) if 1 <= number <= 31 else None
