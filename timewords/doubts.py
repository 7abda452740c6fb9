"""Words that make a time doubtful although they stand away from it: a weekday, a correction, a city, "end of day"."""

from __future__ import annotations

from collections.abc import Iterator

from timewords.lexicon.asides import CORRECTIONS, ENDS_OF_A_DAY, NUMBERED, Phrases
from timewords.lexicon.kinds import CLASSES, UNITS
from timewords.pieces import SentenceContext
from timewords.tagging import Phrase, PhraseRow

WEEKDAYS = frozenset(CLASSES["WEEKDAY"])
ORDINARY_WORDS = frozenset({"join", "know"})  # Romanian "sa" is nearly always "to"
TIMED = frozenset({"clock", "part", "repeat"})
SIGNS = frozenset({"comma", "dash", "and", "or"})
# A time that replaces another begins with one of these.
TIMES = frozenset({
    "clock", "h_clock", "number", "num", "one", "decimal", "at", "weak_at", "noon", "midnight", "part", "rel", "date", "tonight",
    "half_past", "to_hour", "weekdays", "next_week", "month_name", "half_hour",
}) | WEEKDAYS  # fmt: skip
PREPOSITIONS = frozenset({"in_on", "on", "at", "weak_at", "the_day"})
BETWEEN = frozenset({"comma", "dash", "join", "and"})
# Before Portuguese "ter", Spanish "mar" and Romanian "ma" these show that it is a verb, the sea or a pronoun.
VERBAL = {
    "ter": {"de", "para", "pra", "vou", "vai", "sem", "por", "preciso", "quero"},
    "ma": {"sa", "o", "si", "te"},
    "mi": {"sa", "nu", "ca", "o"},
}
AFTER_A_VERB = {"ter": {"que", "de"}, "mi": {"se", "a", "am", "ai", "au", "e", "s", "le", "l", "o", "il", "aduc"}}
HOURS = 24
STOPS = frozenset({"stop", "comma", "dash"})
RANGED = {"lu", "ma", "mi", "mie", "jo", "vi"}
DENIALS = {"no", "nao", "nu", "nope", "nah", "ba"}
BEFORE_A_CITY = {"(", "[", "over", "there", "here", "la", "alla", "aca", "ali", "acolo", "aici", "down", "up"}
# Too often names and pronouns to be read as times; not with a capital.
DAYS_IN_TWO = {
    "en": {"mo", "tu", "th", "thr", "thrs", "fr", "su", "wd", "mn"},
    "es": {"lu", "ju", "ma"},
    "pt": {"sg", "qa", "qi", "sx"},
}
HOURLY = {"clock", "part"}
# Words that only ask for a reminder: after them a city is not where something happens.
ASKING = frozenset({
    "remind", "reminder", "me", "please", "lembra", "lembre", "lembrar", "lembrete", "recuerdame", "recuerda", "recordatorio",
    "aminteste", "mi", "memento", "rog",
})  # fmt: skip


def find_doubts(context: SentenceContext, taken: set[int]) -> list[Phrase]:
    """Return the phrases that no piece has taken and that make the whole sentence a question wherever they stand."""
    if not context.pieces:
        return []
    items = context.row.items
    free = [place for place in range(len(items)) if place not in taken]
    found = [items[place] for place in free if _is_weekday(context, place, taken) or _is_odd_number(context, place)]
    found += [items[place] for place in free if _is_city(context, place, taken)]
    found += [items[place] for place in free if _is_other_hour(context, place, taken)]
    found += _said(context, taken, ENDS_OF_A_DAY)
    found += [said for said in _said(context, taken, CORRECTIONS) if _is_correction(context, said, taken)]
    return found


def foreign_weekdays(context: SentenceContext, other: PhraseRow, free: set[int]) -> list[Phrase]:
    """Return weekdays in a language in which more of the words are known.

    "lembrete 3a pagar boleto 10h" of an English one.
    """
    if other.unknown >= context.row.unknown or _names_days(context) or not _is_timed(context):
        return []
    there = SentenceContext(other, context.now)
    return [
        item for place, item in enumerate(other.items)
        if item.may_be(WEEKDAYS) and free.issuperset(range(item.begin, item.end)) and not _is_another_word(there, place)
    ]  # fmt: skip


def _is_timed(context: SentenceContext) -> bool:
    return any(piece.kind in TIMED for piece in context.pieces)


def _names_days(context: SentenceContext) -> bool:
    """Return whether a piece says on which days."""
    return any(
        piece.kind in {"day", "starting"}
        or (piece.kind == "repeat" and piece.value is not None and (piece.value.days or piece.value.month_day))
        for piece in context.pieces
    )


def _is_weekday(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether a word that may be a weekday is one: no other day is named, or it stands in a list."""
    item = context.row.items[place]
    if not item.may_be(WEEKDAYS):
        return _is_letter_of_a_day(context, place, taken)
    if _is_another_word(context, place):
        return False
    if not _names_days(context):
        return _is_timed(context)
    return _is_in_a_list(context, place, taken)


def _is_another_word(context: SentenceContext, place: int) -> bool:
    """Return whether it is a verb, a pronoun or an ordinal here: "de ter", "să-mi", "a segunda via"."""
    row, item = context.row, context.row.items[place]
    before, after = context.item(place - 1), context.item(place + 1)
    word = row.tokens[item.begin]
    is_hyphened = item.end < len(row.tokens) and row.tokens[item.end].is_joined
    if is_hyphened and word.plain in RANGED and row.tokens[item.end].plain in RANGED | {"sa", "du"}:
        return False  # "lu-vi"
    if "two_letters" in item.kinds and (word.is_joined or is_hyphened):
        return True
    if (
        item.may_be(ORDINARY_WORDS)
        and word.plain not in VERBAL
        and not (after is not None and context.plain(after) == word.plain)
    ):
        return True
    if before is not None and row.tokens[before.end - 1].plain in VERBAL.get(word.plain, set()):
        return True
    if after is not None and context.plain(after) in AFTER_A_VERB.get(word.plain, set()):
        return True
    if before is None or "determiner" not in before.kinds or context.language == "en":
        return False
    is_ordinal = "ord_weekday" in item.kinds or (context.language == "pt" and len(word.plain) > 3)
    return "mar" in item.kinds or (is_ordinal and after is not None and after.may_be(frozenset({"unknown", "know"})))


def _is_in_a_list(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether it stands in a list such as "lu, mi și vi", beside a day that was understood."""
    for step in (-1, 1):
        at, has_sign = place + step, step > 0
        while (item := context.item(at)) is not None and at not in taken and item.may_be(SIGNS | WEEKDAYS):
            has_sign = has_sign or item.may_be(SIGNS)
            at += step
        pieces = [piece for piece in context.pieces if piece.begin <= at < piece.end]
        if has_sign and pieces and pieces[0].kind in {"day", "repeat"}:
            return True
    return False


def _is_letter_of_a_day(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether it is a letter for a day: "Th pay rent at 9"; "l-v 9am", "m/w/f at 9", right before a time."""
    tokens, item = context.row.tokens, context.row.items[place]
    token = tokens[item.begin]
    if token.raw in DAYS_IN_TWO.get(context.language, ()) and not _names_days(context):
        return _is_timed(context)
    if "unknown" not in item.kinds or len(token.plain) != 1 or not token.plain.isalpha():
        return False
    before = tokens[item.begin - 1] if item.begin else None
    is_pair = (
        before is not None and len(before.plain) == 1 and (token.is_joined or before.kind in {"stop", "comma", "dash"})
    )
    after = context.item(place + 1)
    is_led = place + 1 in taken or (after is not None and after.may_be(frozenset({"at", "weak_at", "comma"})))
    return is_pair and is_led and not any(piece.kind == "day" for piece in context.pieces)


def _is_odd_number(context: SentenceContext, place: int) -> bool:
    """Return whether it is a fraction or a raised digit that counts a unit or follows "at" or "in": "½ hour"."""
    item = context.row.items[place]
    if "odd_number" not in item.kinds or context.row.tokens[item.begin].plain.isascii():
        return False
    return context.is_kind(place + 1, *UNITS) or context.is_kind(place - 1, "at", "weak_at", "in_on", "in", "every")


def _before_joins(context: SentenceContext, place: int, taken: set[int]) -> int:
    """Return the first place before this one that is more than a comma or a small word; -1 at the beginning."""
    at = place - 1
    while (item := context.item(at)) is not None and at not in taken and item.may_be(BETWEEN | PREPOSITIONS):
        at -= 1
    return at


def _is_city(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether a city may change the time.

    "at 9 tomorrow in Lisbon", "in Lisbon tomorrow at 9", "9am tomorrow, Lisbon".
    """
    item, after = context.row.items[place], context.item(place + 1)
    if "place" not in item.kinds:
        return False
    is_led = context.is_kind(place - 1, *PREPOSITIONS) and place - 1 not in taken
    begin = _before_joins(context, place, taken)
    behind, ahead = _kinds_beside(context, place, taken, -1), _kinds_beside(context, place, taken, 1)
    if HOURLY & behind:
        return is_led or after is None or "stop" in after.kinds
    opens = all(context.plain(one) in ASKING for one in context.row.items[: begin + 1])
    return is_led and bool(HOURLY & ahead) and (bool(behind) or opens)


def _kinds_beside(context: SentenceContext, place: int, taken: set[int], step: int) -> set[str]:
    """Return the kinds of the pieces right before or after a place, and beside each other."""
    found: set[str] = set()
    at = place + step
    while (item := context.item(at)) is not None and (
        at in taken or item.may_be(BETWEEN | PREPOSITIONS) or context.plain(item) in BEFORE_A_CITY
    ):
        found |= {piece.kind for piece in context.pieces if piece.begin <= at < piece.end}
        at += step
    return found


def _is_other_hour(context: SentenceContext, place: int, taken: set[int]) -> bool:
    """Return whether a number may be another hour, one word after an hour: "at 9 hmm 10"; not "at 9 room 12"."""
    item, word = context.row.items[place], context.item(place - 1)
    value = item.value("number", "num")
    if not isinstance(value, int) or value > HOURS or word is None:
        return False
    at = _before_joins(context, place - 1, taken)
    if word.may_be(STOPS):
        at = place - 1
        while (sign := context.item(at)) is not None and at not in taken and sign.may_be(STOPS):
            at -= 1
        is_denied = sign is not None and at not in taken and context.plain(sign) in DENIALS
        if is_denied or context.plain(word) in {"*", ">", "/", "\u2192", "="}:
            return True
    elif "unknown" not in word.kinds:
        return False
    is_behind_hour = any(piece.kind == "clock" and piece.begin <= at < piece.end for piece in context.pieces)
    following = context.item(place + 1)
    is_counting = (
        following is not None and following.may_be(frozenset({"unknown", "know"})) and "join" not in following.kinds
    )
    return is_behind_hour and context.plain(word) not in NUMBERED and not is_counting


def _said(context: SentenceContext, taken: set[int], phrases: Phrases) -> Iterator[Phrase]:
    """Yield each of some phrases that stands in what no piece has taken, the longest at each place."""
    tokens = context.row.tokens
    gone = {
        at for place in taken for at in range(context.row.items[place].begin, context.row.items[place].end)
    }  # fmt: skip
    begin, longest = 0, max(len(phrase) for phrase in phrases)
    while begin < len(tokens):
        end = next((
            begin + width for width in range(min(longest, len(tokens) - begin), 0, -1)
            if tuple(token.plain for token in tokens[begin : begin + width]) in phrases
        ), 0)  # fmt: skip
        if end and not gone.issuperset(range(begin, end)):
            yield Phrase({"unknown": None}, begin, end)
        begin = end or begin + 1


def _is_correction(context: SentenceContext, said: Phrase, taken: set[int]) -> bool:
    """Return whether a time was said before and another follows, or the words stand right after the time."""
    items = context.row.items
    first = next(place for place, item in enumerate(items) if item.end > said.begin)
    last = next(place for place in range(first, len(items)) if items[place].end >= said.end)
    if not any(piece.begin < first for piece in context.pieces):
        return False
    if _before_joins(context, first, taken) in taken:
        return True
    behind = last + 1
    while (item := context.item(behind)) is not None and behind not in taken and item.may_be(SIGNS):
        behind += 1
    return behind in taken or (item is not None and item.may_be(TIMES))
