"""Whether words about time were left over beside those that were understood: then nobody knows what is meant."""

from __future__ import annotations

import re
from functools import lru_cache

from reminders.when.lexicon import LEXICON
from reminders.when.span import TAKEN, Words

_TOKENS = re.compile(rf"{TAKEN}+|\d+(?:[:.]\d+)?\w*|[:.]\d+|\w+")
_CLOCK = re.compile(r"\d{1,2}(?:[:.]\d\d)?(?:am|pm|h|hs|h\d\d|st|nd|rd|th|o)?|[:.]\d+")
_UNITS = ("minutes", "hours", "days", "weeks", "months_unit", "years")


def is_doubtful(words: Words) -> bool:
    """Whether something about time stands right beside what was understood: "at 9 or 10", "every day for two weeks"."""
    tokens = _TOKENS.findall(words.text)
    taken = [place for place, token in enumerate(tokens) if token.startswith(TAKEN)]
    return any(_is_time_beside(words, tokens, place, step) for place in taken for step in (1, -1))


def _is_time_beside(words: Words, tokens: list[str], place: int, step: int) -> bool:
    joiners = set(LEXICON[words.language]["joiners"].split())
    at = place + step
    while 0 <= at < len(tokens):
        if _is_time(words, tokens, at):
            return True
        if tokens[at] not in joiners:
            return False
        at += step
    return False


def _is_time(words: Words, tokens: list[str], at: int) -> bool:
    if at >= len(tokens):
        return False
    token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else TAKEN
    if token.startswith(TAKEN):
        return False
    if _named(words.language).fullmatch(token):
        return True
    is_clock = _CLOCK.fullmatch(token) is not None
    if is_clock and not token.isdecimal():
        return True
    if re.fullmatch(words.lexicon["counting"], token):
        # "The last day", and not "the last invoice".
        return _is_time(words, tokens, at + 1) or following.startswith(TAKEN) or _is_unit(words, following)
    is_number = is_clock or words.knows(token) or re.fullmatch(words.lexicon["a"], token) is not None
    if is_number and _is_unit(words, following):
        return True
    # A number before other words counts things: "at 9 two tickets".
    return is_number and following.startswith(TAKEN) and not re.fullmatch(words.lexicon["a"], token)


def _is_unit(words: Words, token: str) -> bool:
    return _unit(words.language).fullmatch(token) is not None


@lru_cache
def _named(language: str) -> re.Pattern[str]:
    """Words that are never said but of times: days, months, and the words between times."""
    lexicon = LEXICON[language]
    names = [*lexicon["weekdays"].split(), *lexicon["months"].split(), lexicon["doubtful"]]
    return re.compile("|".join(names))


@lru_cache
def _unit(language: str) -> re.Pattern[str]:
    return re.compile("|".join(LEXICON[language][name] for name in _UNITS))
