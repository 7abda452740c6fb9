"""Find words about time that were not understood: then the meaning of the sentence is uncertain."""

from __future__ import annotations

from timewords.days import is_street
from timewords.doubts import find_doubts, foreign_weekdays
from timewords.lexicon.kinds import NUMBERS, STRONG, UNITS, WEAK
from timewords.pieces import SentenceContext
from timewords.scanning import scan
from timewords.tagging import Phrase, PhraseRow

MIN_ZONE, MAX_ZONE = 3, 5  # letters of a zone's short name, which nearly always ends in T
JOINS = frozenset(
    {
        "join",
        "comma",
        "and",
        "on",
        "in_on",
        "of",
        "at",
        "weak_at",
        "the_day",
        "every_on",
        "determiner",
        "los",
        "for",
        "dash",
    }
)
MAX_CLOCK_DIGITS = 2
NOUNS = frozenset({"unknown", "place", "ordinal"})
# These make a time of a unit beside them: "2 hours", "next month".
COUNTS = frozenset(
    {
        "number",
        "num",
        "one",
        "article",
        "decimal",
        "every",
        "next",
        "last",
        "other",
        "ordinal",
        "nth",
        "this",
        "after",
        "before",
        "vague",
        "per",
    }
)
# In the language of the sentence they may mean nothing about time, so only the surest words count there.
FOREIGN = frozenset(
    {
        "weekday",
        "weekdays",
        "rel",
        "tonight",
        "noon",
        "midnight",
        "next_week",
        "next_month",
        "workdays",
        "alternate",
        "part",
        "half_hour",
        "repeat",
        "month_name",
    }
)
# Right beside a time even short words and negations count.
FOREIGN_BESIDE = FOREIGN | STRONG | frozenset({"weak_weekday", "weak_month", "mar", "luni", "odd_zone", "or"})
LEAST_LETTERS, LEAST_BESIDE = 4, 3


def unread_phrases(context: SentenceContext, rows: list[PhraseRow]) -> list[Phrase]:
    """Return the phrases about time that no piece has taken; `rows` are the sentence in each of our languages."""
    row = context.row
    taken = {place for piece in context.pieces for place in range(piece.begin, piece.end)}
    found = [
        row.items[place] for place in range(len(row.items)) if place not in taken and _is_time(context, place, taken)
    ]
    found += [item for item in find_doubts(context, taken) if item not in found]
    free = {
        number for place, item in enumerate(row.items) if place not in taken for number in range(item.begin, item.end)
    }
    # An ordinary word of the sentence's own language belongs to no other language.
    own = {place for one in row.items if "unknown" not in one.kinds for place in range(one.begin, one.end)}
    for other in sorted(rows, key=lambda one: one.language):
        if other is not row:
            found += _foreign_pieces(context, other, free, own)
            found += foreign_weekdays(context, other, free)
            found += [item for item in other.items if _is_foreign_time(row, item, free, own)]
    return found


def _is_foreign_time(row: PhraseRow, item: Phrase, free: set[int], own: set[int]) -> bool:
    """Return whether a phrase of another language is about time: right beside a time also a short one."""
    places = range(item.begin, item.end)
    if item.is_slip or not free.issuperset(places) or item.may_be(frozenset({"join", "know"})):
        return False
    is_beside, behind = _is_beside(row, free, item.begin, item.end), item.end
    if not item.may_be(FOREIGN_BESIDE if is_beside else FOREIGN):
        return False
    letters = sum(len(row.tokens[place].plain) for place in places)
    is_or = "or" in item.kinds and behind < len(row.tokens) and row.tokens[behind].kind == "number" and is_beside
    if letters < (2 if is_or else LEAST_BESIDE if is_beside else LEAST_LETTERS) and "rel" not in item.kinds:
        return False
    return not own.issuperset(places)


def _is_beside(row: PhraseRow, free: set[int], begin: int, end: int) -> bool:
    """Return whether something understood stands right before or after this, except for a comma."""
    before, behind = begin - 1, end
    while before >= 0 and row.tokens[before].kind in {"comma", "dash"} and before in free:
        before -= 1
    while behind < len(row.tokens) and row.tokens[behind].kind in {"comma", "dash"} and behind in free:
        behind += 1
    return (before >= 0 and before not in free) or (behind < len(row.tokens) and behind not in free)


def _foreign_pieces(context: SentenceContext, other: PhraseRow, free: set[int], own: set[int]) -> list[Phrase]:
    """Return what is a time when the sentence is read as another language, and no word of its own: "em 2h", "la 9"."""
    there, found = SentenceContext(other, context.now), []
    scan(there)
    for piece in there.pieces:
        items = other.items[piece.begin : piece.end]
        words = [item for item in items if not own.issuperset(range(item.begin, item.end)) and free & {item.begin}]
        has_month = any(item.may_be(frozenset({"month_name", "weak_month"})) and item.begin in free for item in items)
        is_beside = _is_beside(other, free, items[0].begin, items[-1].end)
        is_slip = all(item.is_slip or "weak_weekday" in item.kinds for item in words) and not is_beside
        takes_own = any(place not in free for item in items for place in range(item.begin, item.end))
        if (words and not is_slip) or (has_month and len(items) > 1 and not takes_own):
            found += words or items
    return found


def _is_time(context: SentenceContext, place: int, taken: set[int]) -> bool:
    item = context.row.items[place]
    if _is_street_name(context, place) or "greeting" in item.kinds:
        return False
    if _is_capitals_behind_a_clock(context, place) or (
        "holiday" in item.kinds and context.is_kind(place - 1, "on", "in_on", "at", "of", "weak_at")
    ):
        return True
    if item.is_near:
        is_led = context.is_kind(place - 1, "on", "in_on", "every", "this", "next", "ordinal", "of", "number")
        return is_led or _touches(context, place, taken)
    if item.may_be(frozenset({"two_letters", "mar"})):
        is_clock = context.is_kind(place + 1, "clock", "h_clock") or (
            context.is_kind(place + 1, "number") and context.is_kind(place + 2, "ampm", "oh")
        )
        return is_clock and not context.row.tokens[item.begin].is_joined
    if item.may_be(STRONG):
        return _is_strong(context, place, taken)
    if item.may_be(frozenset({*NUMBERS, "nth", "ordinal", "last"})):
        return _is_loose_number(context, place, taken)
    return item.is_slip or _is_weak(context, place, taken)


def _is_strong(context: SentenceContext, place: int, taken: set[int]) -> bool:
    item = context.row.items[place]
    if "repeat" in item.kinds:
        return not _is_described(context, place)
    return "except" not in item.kinds or _touches(context, place, taken)


def _is_weak(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether a word that only sometimes is about time is so here."""
    item = context.row.items[place]
    if item.may_be(UNITS) and context.is_kind(place - 1, *COUNTS) and place - 1 not in taken:
        # "O" and "un" are articles in Romanian, and "o oră" beside no time is any hour.
        is_article = context.is_kind(place - 1, "article") and context.language == "ro"
        return not is_article or _touches(context, place - 1, taken) or _touches(context, place, taken)
    if "if" in item.kinds and all("unknown" not in one.kinds for one in context.row.items[:place]):
        return True
    if not item.may_be(WEAK) or item.may_be(JOINS) or "know" in item.kinds:
        return False
    return _touches(context, place, taken)


def _is_described(context: SentenceContext, place: int) -> bool:
    return context.is_kind(place - 1, "determiner") and context.is_kind(place + 1, "unknown", "know")


def _is_loose_number(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether a number right beside a time counts nothing: "at 9 or 10"; before a word it counts things.

    "2 tickets".
    """
    item = context.row.items[place]
    if item.may_be(NUMBERS) and context.is_kind(place + 1, *UNITS) and place + 1 not in taken:
        return True
    if context.is_kind(place - 1, "at") and place - 1 not in taken:
        return True
    following = context.item(place + 1)
    is_place = item.may_be(frozenset({"ordinal", "last"})) and place + 1 not in taken
    if is_place and following is not None and following.may_be(NOUNS | frozenset({"know"})):
        return False  # "the last invoice"
    token = context.row.tokens[item.begin]
    is_long = token.kind == "number" and len(token.plain) > MAX_CLOCK_DIGITS  # an invoice, a telephone number
    is_article = "one" in item.kinds and "number" not in item.kinds
    behind = [piece for piece in context.pieces if piece.end == place and piece.kind in {"day", "repeat", "part"}]
    if behind and not any(piece.kind in {"clock", "delay"} for piece in context.pieces):
        return not is_article  # "tomorrow 10 call Ana"
    if is_article or is_long or _is_name(context, place, taken):
        return False
    return _touches(context, place, taken)


def _is_name(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether it is a name such as "room 12", "a table for 4": a number after a noun, beside another time."""
    if place - 1 in taken or not any(piece.kind in {"clock", "delay"} for piece in context.pieces):
        return False
    before = context.item(place - 1)
    if before is not None and context.row.tokens[before.begin].plain in {"for", "para", "pra", "pentru"}:
        before = context.item(place - 2)
    return before is not None and before.may_be(NOUNS) and not before.may_be(JOINS)


def _is_street_name(context: SentenceContext, place: int) -> bool:
    return any(is_street(context, at) for at in range(max(1, place - 2), place + 1))


def _is_capitals_behind_a_clock(context: SentenceContext, place: int) -> bool:
    """Return whether "9am XKT" may contain a zone that we do not know."""
    item = context.row.items[place]
    token = context.row.tokens[item.begin]
    is_short = "unknown" in item.kinds and MIN_ZONE <= len(token.raw) <= MAX_ZONE and token.plain.endswith("t")
    has_no_vowel = not set(token.plain) & set("aeiouy")
    is_behind = any(piece.kind == "clock" and piece.end == place for piece in context.pieces)
    is_capital = token.raw.isupper() and any(one.raw.islower() for one in context.row.tokens)
    return is_short and is_behind and (is_capital or has_no_vowel)


def _touches(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether only small words stand between this and something understood."""
    for step in (-1, 1):
        at = place + step
        while 0 <= at < len(context.row.items):
            if at in taken:
                return True
            item = context.row.items[at]
            if not (item.may_be(JOINS) or item.may_be(frozenset({"or"}))) or item.may_be(frozenset({"unknown"})):
                break
            at += step
    return False
