"""Parse weekdays."""

from __future__ import annotations

from calendar import monthrange
from datetime import timedelta

from timewords.days import BEFORE, CLOCKISH
from timewords.pieces import RuleMatch, SentenceContext, TimePiece, register_rule
from timewords.tagging import Phrase

WEEKDAY_KINDS = ("weekday", "weak_weekday", "two_letters", "luni", "weekdays")
# Before a weekday these mean nothing about time: "a segunda via".
DETERMINERS = frozenset({"the", "a", "o", "as", "os", "da", "do", "de", "das", "dos", "la", "el", "las", "del", "al"})


def weekday_of(item: Phrase) -> int:
    """Return the weekday that a phrase names; Monday is 0."""
    value = item.value(*WEEKDAY_KINDS)
    if value is not None:
        return int(value)
    if "mar" in item.kinds:
        return int(item.kinds["mar"][0])
    return int(item.kinds["ord_weekday"][1])


@register_rule(
    "day",
    BEFORE + "(?P<x>{next|this|following})?{on}?(?P<w>{WEEKDAY})(?P<s>{suffix_next|suffix_this})?",
    BEFORE + "(?P<w>{WEEKDAY}){of|on|in_on}?(?P<nw>{next_week})",
    BEFORE + "(?P<nw>{next_week})" + BEFORE + "(?P<w>{ANYDAY})",
    BEFORE + "(?P<w>{weekdays})(?P<s>{suffix_next|suffix_this})",
)
def _weekday(found: RuleMatch) -> TimePiece | None:
    context, item = found.context, found.items("w")[0]
    has_more = found.end - found.begin > 1
    place = context.row.items.index(item, found.begin)
    is_said = "s" in found or "x" in found or "nw" in found or _has_preposition(context, found.begin, item)
    if not is_said and not _is_surely_weekday(context, place, item):
        return None
    today, number = context.today, weekday_of(item)
    ahead = (number - today.weekday()) % 7
    near, next_week = today + timedelta(days=ahead or 7), today + timedelta(days=7 - today.weekday() + number)
    is_sure = not item.is_slip or has_more or context.is_kind(found.end, *CLOCKISH)
    # "In the sun" is no day.
    is_sure = is_sure and not (
        "weak_weekday" in item.kinds and context.row.tokens[max(item.begin - 1, 0)].plain == "the"
    )
    if "nw" in found and {"two_letters", "mar"} & set(item.kinds) and not _is_surely_weekday(context, place, item):
        return None
    if "nw" in found:
        return found.piece("day", next_week, is_sure=is_sure)
    more = frozenset({"weekday"})
    is_next = found.value("x", "this") is None and (
        any("next" in one.kinds or "following" in one.kinds for one in found.items("x"))
        or any("suffix_next" in one.kinds for one in found.items("s"))
    )
    if is_next:
        # People disagree about "next Friday" while this week's is still to come.
        others = (next_week,) if near != next_week else ()
        return found.piece("day", near, others=others, more=more, is_sure=is_sure)
    if ahead == 0 and any("this" in one.kinds for one in found.items("x")):
        return found.piece("day", today, more=more, is_sure=is_sure)
    return found.piece("day", near, more=more, is_sure=is_sure)


@register_rule("day", BEFORE + "(?P<w>{WEEKDAY}){comma|dash}?{on|the_day|day_word}{0,2}(?P<d>{nth|number})")
def _weekday_and_number(found: RuleMatch) -> TimePiece | None:
    """Parse "Thursday 17th", when it is one."""
    context, number = found.context, found.number("d")
    if context.is_kind(
        found.end,
        "oh",
        "hour",
        "minute",
        "ampm",
        "part",
        "half",
        "of",
        "month_name",
        "weak_month",
        "times",
        "day",
        "week",
    ):
        return None
    between = context.row.items[found.match.end("w") : found.match.start("d")]
    if any(one.may_be(frozenset({"at", "weak_at"})) for one in between):
        return None
    month = context.today.replace(day=1)
    for _ in range(3):
        if 1 <= number <= monthrange(month.year, month.month)[1] and month.replace(day=number) >= context.today:
            day = month.replace(day=number)
            return found.piece("day", day) if day.weekday() == weekday_of(found.items("w")[0]) else None
        month = (month + timedelta(days=32)).replace(day=1)
    return None


def _has_preposition(context: SentenceContext, begin: int, item: Phrase) -> bool:
    words = context.row.items[begin : context.row.items.index(item)]
    return any(context.row.tokens[one.begin].plain not in DETERMINERS for one in words)


def _is_surely_weekday(context: SentenceContext, place: int, item: Phrase) -> bool:
    """Return whether a word that is also another word is a weekday where it stands."""
    if "weekday" in item.kinds or "luni" in item.kinds:
        return True
    if context.is_kind(place - 1, "until", "starting", "every"):
        return True
    if {"two_letters", "mar"} & set(item.kinds):
        if context.row.tokens[item.begin].is_joined:
            return False  # "aminte\u0219te-mi"
        is_clock = context.is_kind(place + 1, "clock", "h_clock") or (
            context.is_kind(place + 1, "number") and context.is_kind(place + 2, "oh", "part")
        )
        return is_clock or (
            context.is_kind(place + 1, "at", "weak_at") and context.is_kind(place + 2, "number", "num", "clock")
        )
    following = context.item(place + 1)
    if "weak_weekday" in item.kinds and _is_in_the_asking(context, place):
        return True
    is_described = context.is_kind(place - 1, "determiner")
    if (following is None and not is_described) or (
        following is not None and following.may_be(frozenset((*CLOCKISH, "stop", "comma", "and", "dash")))
    ):
        return True
    if context.is_kind(place - 1, "rel", "comma"):
        return True
    is_long = "ord_weekday" in item.kinds or (context.language == "pt" and _length(context, item) > 4)
    after = context.row.tokens[following.begin].plain if following is not None else ""
    return is_long and not is_described and after in {"de", "para", "pra", "que", "eu"}


def _is_in_the_asking(context: SentenceContext, place: int) -> bool:
    """Return whether it stands in the request: "remind me mon to pay", "amintește-mi sam să plătesc"."""
    around = [context.item(at) for at in (place - 2, place - 1, place + 1)]
    words = tuple(context.plain(one) if one is not None else "" for one in around)
    return words in {("remind", "me", "to"), ("aminteste", "mi", "sa")}


def _length(context: SentenceContext, item: Phrase) -> int:
    return len(context.row.tokens[item.begin].plain)
