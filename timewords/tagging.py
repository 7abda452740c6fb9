"""Turn a text into a row of phrases of one language, each with its possible kinds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from timewords.lexicon import FIRST_WORDS, LANGUAGES, MAX_WORDS, PHRASES, SIGNS, Kinds, kinds_sign
from timewords.lexicon.kinds import NUMBERS, STRONG, UNITS, WEAK
from timewords.lexicon.ordinary import ORDINARY
from timewords.tokens import Token
from timewords.zone_words import place_at, zone_at

FUZZY = (
    "weekday",
    "weekdays",
    "month_name",
    "rel",
    "day",
    "week",
    "month",
    "minute",
    "hour",
    "year",
    "noon",
    "midnight",
    "luni",
    "weak_weekday",
    "ord_weekday",
)
CLOCKISH = frozenset({"clock", "h_clock", "number", "at", "weak_at", "noon", "midnight", "part"})
TO_A_TIME = frozenset({"at", "weak_at", "in", "in_on"})
# Small words that say little about the language.
SMALL = frozenset({"except", "or", "and", "if", "join", "on", "of", "to", "until", "vague"})
LEAST = 5  # letters of a word in which a misspelling is searched


@dataclass(frozen=True)
class Phrase:
    """A phrase: its possible kinds with their values, and its tokens."""

    kinds: Kinds
    begin: int  # in the tokens
    end: int
    is_slip: bool = False  # a letter is wrong
    is_near: bool = False  # four letters of a word for times: too short to be sure

    def value(self, *kinds: str) -> Any:
        """Return the value of the first of these kinds that it may have."""
        return next((self.kinds[kind] for kind in kinds if kind in self.kinds), None)

    def may_be(self, kinds: frozenset[str]) -> bool:
        """Return whether it may have one of these kinds."""
        return not kinds.isdisjoint(self.kinds)


@dataclass
class PhraseRow:
    """The phrases of a text in one language."""

    language: str
    tokens: list[Token]
    items: list[Phrase] = field(default_factory=list)

    @cached_property
    def signs(self) -> str:
        """Return one sign for each phrase."""
        return "".join(kinds_sign(item.kinds) for item in self.items)

    @property
    def unknown(self) -> int:
        """Return how many phrases do not belong to this language."""
        return sum("unknown" in item.kinds for item in self.items)

    @property
    def score(self) -> int:
        """Return how much of the text is in this language: words for times count most."""
        found = 0
        for place, item in enumerate(self.items):
            token = self.tokens[item.begin]
            if token.kind != "word" or item.is_slip:
                continue
            width = item.end - item.begin
            is_day = (
                "weak_weekday" in item.kinds and place + 1 < len(self.items) and self.items[place + 1].may_be(CLOCKISH)
            )
            is_small = item.may_be(SMALL)
            if (item.may_be(STRONG) and not is_small) or item.may_be(UNITS) or is_day:
                found += 4 * width
            elif item.may_be(TO_A_TIME) and place + 1 < len(self.items) and self.items[place + 1].may_be(CLOCKISH):
                found += 3 * width
            elif (item.may_be(WEAK) and not is_small) or item.may_be(NUMBERS):
                found += 2 * width
            elif "unknown" not in item.kinds and "place" not in item.kinds:
                found += width
        return found


def tag_phrases(tokens: list[Token], language: str) -> PhraseRow:
    """Return the tokens as phrases of one language: the longest phrase at each place."""
    row, place = PhraseRow(language, tokens), 0
    while place < len(tokens):
        item = _item(tokens, place, language)
        row.items.append(item)
        place = item.end
    return row


def _item(tokens: list[Token], place: int, language: str) -> Phrase:
    """Return the phrase that begins at a place.

    A zone, a city of several words, a phrase of the language, or a form in digits.
    """
    zone, city, token = zone_at(tokens, place), place_at(tokens, place), tokens[place]
    if zone is not None:
        return Phrase({zone[0]: zone[1]}, place, place + zone[2])
    if city is not None and city[1] > 1:
        return Phrase({"place": city[0]}, place, place + city[1])
    longest = MAX_WORDS if token.plain in FIRST_WORDS[language] else 1
    for width in range(min(longest, len(tokens) - place), 0, -1):
        found = _phrase(tokens[place : place + width], language)
        if found is not None:
            return Phrase(found, place, place + width)
    if token.kind != "word":
        return Phrase(_written(token), place, place + 1)
    if city is not None:
        return Phrase({"place": city[0]}, place, place + 1)
    is_capital = token.raw[:1].isupper() and not token.raw.isupper()
    # Only English writes days and months with capitals: elsewhere it is a name.
    is_name = language != "en" and is_capital and place > 0 and tokens[place - 1].kind == "word"
    slip = _slip(token.plain, language) if not is_name else None
    is_near = slip is None and not is_name and _is_nearly(token.plain, language)
    return Phrase(slip or {"unknown": None}, place, place + 1, is_slip=slip is not None, is_near=is_near)


def _phrase(part: list[Token], language: str) -> Kinds | None:
    """Return the possible kinds of these words; None when the language has no such phrase."""
    phrases, first = PHRASES[language], part[0]
    found = phrases.get((first.accented,)) if len(part) == 1 and first.accented != first.plain else None
    found = found or phrases.get(tuple(one.plain for one in part))
    if found is None and len(part) > 3:  # "dia sim, dia n\u00e3o"
        spoken = phrases.get(tuple(one.plain for one in part if one.kind != "comma"))
        found = spoken if spoken is not None and "alternate" in spoken else None
    if found is not None and first.is_joined and "two_letters" in found:
        found = {kind: value for kind, value in found.items() if kind != "two_letters"}  # "aminte\u0219te-mi"
        found = found if frozenset(found) in SIGNS else {"unknown": None}
    return found


def _written(token: Token) -> Kinds:
    if token.kind == "number" and isinstance(token.value, tuple):
        return {"year_number": token.value[1]}
    return {token.kind: token.value}


@cache
def _words(language: str) -> dict[str, list[tuple[str, Kinds]]]:
    """Return the words in which a misspelling is searched, by their first letter."""
    found: dict[str, list[tuple[str, Kinds]]] = {}
    for phrase, kinds in PHRASES[language].items():
        if len(phrase) == 1 and len(phrase[0]) >= LEAST and any(kind in kinds for kind in FUZZY):
            found.setdefault(phrase[0][0], []).append((phrase[0], kinds))
    return found


@cache
def _all_words() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for phrase in PHRASES[language] for word in phrase)


def _slip(word: str, language: str) -> Kinds | None:
    """Return what a misspelt word means: one letter wrong, missing, too many or two exchanged."""
    if len(word) < LEAST or word in ORDINARY or word in _all_words():
        return None
    near = [kinds for known, kinds in _words(language).get(word[0], []) if _is_near(word, known)]
    return near[0] if near else None


def _is_nearly(word: str, language: str) -> bool:
    """Return whether a word of four letters lacks one of a word for times."""
    if len(word) != LEAST - 1 or word in ORDINARY or word in _all_words():
        return False
    return any(len(known) == LEAST and _is_near(word, known) for known, _ in _words(language).get(word[0], []))


def _is_near(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right or left == right[1:]
