"""The kinds of words about times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Phrases by kind, divided by "|"; where a kind has values, by value.
Entries = dict[str, "str | Mapping[Any, str]"]

# Recognised by their form, in `timewords.tokens`, and by `timewords.zone_words`.
WRITTEN = (
    "number", "decimal", "clock", "h_clock", "date", "nth", "year_number", "plain_number", "zone", "odd_zone", "place",
    "comma", "dash", "stop", "unknown", "odd_number",
)  # fmt: skip
# Several kinds under one name.
CLASSES: dict[str, tuple[str, ...]] = {
    "NUM": ("number", "num", "one"),
    "AMOUNT": ("number", "num", "one", "article"),
    "WEEKDAY": ("weekday", "weak_weekday", "ord_weekday", "luni", "mar", "two_letters"),
    "ANYDAY": ("weekday", "weak_weekday", "ord_weekday", "luni", "mar", "weekdays", "two_letters"),
    "MONTH": ("month_name", "weak_month", "mar"),
    "MONTHS": ("month", "luni"),
    "CLOCKUNIT": ("second", "minute", "hour", "single_hour", "oh"),
    "DAYUNIT": ("day", "week", "month", "luni", "year", "fortnight"),
    "PART": ("part", "ampm", "bare_part", "dawn"),
}  # fmt: skip
# Words that are about time by themselves, wherever they stand.
STRONG = frozenset({
    "clock", "h_clock", "date", "weekday", "weekdays", "month_name", "rel", "tonight", "next_week", "next_month", "repeat",
    "alternate", "workdays", "weekends", "weekend", "last_day", "part", "every_part", "dawn", "noon", "midnight", "half_hour",
    "zone", "odd_zone", "oclock", "every_day_part", "over", "except",
})  # fmt: skip
# Words that are about time only right beside what was understood, or beside a number.
WEAK = frozenset({
    "odd_number", "holiday", "suffix_next", "suffix_this", "weak_weekday", "ord_weekday", "luni", "weak_month", "bare_part", "vague_part", "vague", "if", "until",
    "starting", "half", "less", "half_past", "to_hour", "times", "often", "nth", "decimal", "ampm", "every", "second", "minute",
    "hour", "single_hour", "oh", "day", "week", "month", "year", "fortnight", "half_day", "later", "next", "ordinal", "last", "other", "time",
    "clock_of", "before", "after", "year_number", "dash", "in", "next_year", "or", "day_word", "own_time",
})  # fmt: skip
UNITS = frozenset(
    {"second", "minute", "hour", "single_hour", "oh", "day", "week", "month", "luni", "year", "fortnight"}
)
NUMBERS = frozenset({"number", "num", "one", "decimal"})
