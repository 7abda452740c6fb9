"""Detect the language of a chat by words and letter groups: English, Portuguese, Spanish or Romanian.

Chats are short and informal, so a line is often uncertain, and then the language found before stays. Other languages
are known a little, so that French or Italian is not mistaken for one of the four. Plain Python; a line takes about 0.1
ms.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import chain, islice, takewhile
from math import log

from common.text.language_words import ACCENTED, EVERYWHERE, PHRASES, WORDS

LANGUAGES = ("en", "pt", "es", "ro")
SURE = 3.0  # the lead over the second language at which a text is certain
CLEAR = 8.5  # the lead over the language stored before: more than two words of the new one
LISTED = {1: 1.5, 2: 3.0, 3: 4.0}  # the score of a word in the language's list, by its number of letters: 3 and more
TOLD_APART = 3.0  # the score of a word whose accents only this language uses
FOREIGN = -1.0  # the starting score of the languages that are not ours, because few who write here speak them
UNLISTED = 1.6  # the highest score of a word in no list, by its letter groups
LEANING = 1.5  # the lead from which earlier lines are looked at too
EARLIER = 2  # how many earlier lines
MAX_LENGTH = 600  # characters of a text that are looked at
# Letters that few languages have, with the score of one of them.
LETTERS: Mapping[str, Mapping[str, float]] = {
    "ãõ": {"pt": 4},
    "ñ¿¡": {"es": 4, "ca": 0.5},
    "ășț": {"ro": 5},
    "şţ": {"ro": 4, "tr": 4},
    "î": {"ro": 3, "fr": 2},
    "â": {"ro": 2, "pt": 2, "fr": 2},
    "êô": {"pt": 2, "fr": 2},
    "ç": {"pt": 2, "fr": 2, "ca": 2, "tr": 2, "hr": 1},
    "áíóú": {"pt": 1, "es": 1, "hu": 1, "cs": 1},
    "é": {"pt": 1, "es": 1, "fr": 1, "it": 1, "ca": 1, "hu": 1, "cs": 1},
    "à": {"pt": 1, "fr": 1, "it": 1, "ca": 1},
    "èìòù": {"it": 2, "fr": 2, "ca": 2},
    "ß": {"de": 5},
    "äöü": {"de": 3, "sv": 3, "hu": 2, "tr": 2},
    "å": {"sv": 5},
    "őű": {"hu": 5},
    "ğı": {"tr": 5},
    "łąęńśżź": {"pl": 5},
    "ěřů": {"cs": 5},
    "čšž": {"cs": 3, "hr": 3},
    "ë": {"hr": 3, "fr": 1, "nl": 1},
}
_MARKS = {letter: points for letters, points in LETTERS.items() for letter in letters}
_NO_WORDS = re.compile(r"https?://\S+|\bwww\.\S+|(?<!\S)\S*[\d@]\S*|[@#]\w+")
_APOSTROPHES = re.compile(r"(?<=\w)['’`´](?=\w)")
_LONG_DRAWN = re.compile(r"(.)\1{2,}")


def detect(text: str) -> str:
    """Return the language of a text, one of LANGUAGES; "" when it is uncertain or another one."""
    return _sure(_scores(text))


def language_after(text: str, *, kept: str, earlier: Callable[[], Iterable[str]] = tuple) -> str:
    """Return the language of a chat after one more line of the customer; "" while none was found.

    Args: text: the new line. kept: the language found so far, or "". earlier: returns the customer's earlier lines, the
    newest first; called only when this line leans to another language without being certain, so that two such lines in
    a row can decide.
    """
    scores = _scores(text)
    if (found := _decided(scores, kept)) or not _leans(scores, kept):
        return found or kept
    before = takewhile(lambda one: not _speaks_for(one, kept), map(_scores, islice(earlier(), EARLIER)))
    return _decided(_sum(scores, before), kept) or kept


def nearest_language(*languages: str) -> str:
    """Return the first of these codes ("pt-br") that is one of our languages ("pt"), else English."""
    return next((language for language in map(base_language, languages) if language in LANGUAGES), "en")


def base_language(code: str) -> str:
    """Return the language of a code without its country: "pt" for "pt-br" and "pt_BR"."""
    return code.replace("_", "-").split("-", maxsplit=1)[0].lower()


Scores = Mapping[str, float]


def _decided(scores: Scores, kept: str) -> str:
    found = _sure(scores)
    if not found or not kept or found == kept:
        return found
    return found if scores[found] - scores.get(kept, 0.0) >= CLEAR else ""


def _sure(scores: Scores) -> str:
    if not scores:
        return ""
    best, second = sorted(scores, key=lambda language: -scores[language])[:2]
    return best if best in LANGUAGES and scores[best] - scores[second] >= SURE else ""


def _leans(scores: Scores, kept: str) -> bool:
    """Return whether the line leans to a language other than the stored one."""
    best = max(scores.values(), default=0.0)
    return best >= LEANING and best - scores.get(kept, 0.0) >= LEANING


def _speaks_for(scores: Scores, kept: str) -> bool:
    return bool(kept) and scores.get(kept, 0.0) >= max(LEANING, *scores.values(), 0.0)


def _sum(scores: Scores, others: Iterable[Scores]) -> Scores:
    total: Counter[str] = Counter()
    for one in chain([scores], others):
        total.update(one)
    return total


def _scores(text: str) -> Scores:
    """Return the score of each language for a text; empty for other alphabets or no letters."""
    text = _NO_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:MAX_LENGTH]))
    words = re.findall(r"[^\W\d_]+", _APOSTROPHES.sub("", text))
    letters = "".join(words)
    if not letters or sum(letter < "ɐ" or "Ḁ" <= letter <= "ỿ" for letter in letters) * 2 < len(letters):
        return {}
    share = 0.4 if _is_title(words) else 1.0
    scores = {language: 0.0 if language in LANGUAGES else FOREIGN for language in WORDS}
    plain = f" {' '.join(map(_plain, words)).casefold()} "
    for language, phrases in PHRASES.items():
        scores[language] += share * LISTED[3] * sum(f" {phrase} " in plain for phrase in phrases)
    for word in words:
        for language, points in _points(_LONG_DRAWN.sub(r"\1", word.casefold())[:30]):
            scores[language] += points * share
    for language, accented in ACCENTED.items():
        scores[language] += share * TOLD_APART * sum(word.casefold() in accented for word in words)
    for mark in set(text.casefold()):
        for language, points in _MARKS.get(mark, {}).items():
            scores[language] += points * share
    return scores


def _is_title(words: list[str]) -> bool:
    """Return whether a line looks like a name or an address: most words after the first have a capital letter."""
    if not words[0][0].isupper():
        return False
    rest = [word for word in words[1:] if len(word) > 1]
    capitals = sum(word[0].isupper() and not word.isupper() for word in rest)
    return capitals * 2 > len(rest)


def _points(word: str) -> Iterable[tuple[str, float]]:
    plain = _plain(word)
    if plain in EVERYWHERE:
        return ()
    listed = [language for language, words in WORDS.items() if plain in words]
    if listed:
        points = LISTED[min(len(plain), 3)]
        return [(language, points) for language in listed]
    return _by_letters(plain).items() if len(plain) > 2 else ()


def _plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def _by_letters(word: str) -> Mapping[str, float]:
    """Score a word in no list by its groups of three letters, compared with their average frequency."""
    groups, counts, kinds = _groups_of(word), _counts(), _kinds()
    fit = {
        language: sum(log((known[group] + 0.3) / (known.total() + 0.3 * kinds)) for group in groups) / len(groups)
        for language, known in counts.items()
    }
    mean = sum(fit.values()) / len(fit)
    return {language: max(-UNLISTED, min(UNLISTED, 1.2 * (value - mean))) for language, value in fit.items()}


@cache
def _counts() -> Mapping[str, Counter[str]]:
    """Count each group of three letters in the word list of each language."""
    return {language: Counter(chain.from_iterable(map(_groups_of, words))) for language, words in WORDS.items()}


@cache
def _kinds() -> int:
    return len({group for known in _counts().values() for group in known})


def _groups_of(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[start : start + 3] for start in range(len(padded) - 2)]
