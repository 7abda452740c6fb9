"""What a word means: its concept, its stem, whether it names a topic, and its correct spelling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from assistant.matching.concepts import CONCEPTS
from assistant.matching.fillers import ANYWHERE, ASKED_WITH, FILLERS, TIMES

LANGUAGES = ("en", "pt", "es", "ro")
LONGEST_WORD = 40
KEPT_WORDS = 4_000  # words whose corrections a Spelling caches: people use the same words again and again
# Suffixes of the four languages, the longest first; removed from the words of questions and entries.
ENDINGS = (
    "urile", "ului", "ilor", "elor", "ing", "uri", "ele", "ers", "ed", "es", "er", "os", "as", "ar", "ir", "an", "am",
    "en", "em", "ul", "ii", "ei", "ea", "s", "a", "e", "i", "o",
)  # fmt: skip
SHORTEST_STEM = 4
# From these lengths on a word may have one letter wrong, and two.
ONE_WRONG, TWO_WRONG = 6, 9
# In a word of six letters only these are exchanged: "write" is no misspelt "white".
ALIKE = ("aeiouy", "szcx", "kcq", "bv", "mn", "gj", "pb", "td", "fv")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a folded word without its suffix; words of up to four letters lose only their plural."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word[:-1] if len(word) == SHORTEST_STEM and word.endswith("s") else word


class Phrases:
    """Words, beginnings of words, and phrases that stand for a name, in one language."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self.exact: dict[str, str] = {}
        self.beginnings: dict[str, str] = {}
        self.longest: dict[str, int] = {}  # first word -> number of words of the longest phrase that begins with it
        for name, phrase in lines:
            if phrase.endswith("*"):
                self.beginnings.setdefault(phrase[:-1], name)
                continue
            words = phrase.split("_")
            self.exact.setdefault(" ".join(words), name)
            self.longest[words[0]] = max(self.longest.get(words[0], 1), len(words))

    def at(self, words: Sequence[str], place: int) -> tuple[str, int]:
        """Return (name, number of words) of the longest phrase that begins at this place; ("", 0) when none does."""
        for length in range(min(self.longest.get(words[place], 1), len(words) - place), 1, -1):
            name = self.exact.get(" ".join(words[place : place + length]))
            if name:
                return name, length
        name = self.of(words[place])
        return (name, 1) if name else ("", 0)

    def of(self, word: str) -> str:
        """Return what one word stands for; "" for nothing."""
        if word in self.exact:
            return self.exact[word]
        return next((name for end in range(len(word), 2, -1) if (name := self.beginnings.get(word[:end]))), "")


@cache
def phrases(language: str) -> Phrases:
    """Return the words of the concepts in a language."""
    return Phrases(_lines(CONCEPTS[language]))


def in_order(language: str) -> list[str]:
    """Return the languages to try for a word, the conversation's first."""
    first = language[:2].lower()
    return sorted(LANGUAGES, key=lambda one: one != first)


def concept_at(words: Sequence[str], place: int, language: str) -> tuple[str, int]:
    """Return (concept, number of words) at a place.

    The conversation's language decides, then its fillers, then the others.
    """
    first, *others = in_order(language)
    found = phrases(first).at(words, place)
    if found[1] or words[place] in FILLERS[first] or words[place] in TIMES:
        return found
    return next((hit for other in others if (hit := phrases(other).at(words, place))[1]), ("", 0))


def is_filler(word: str, language: str = "") -> bool:
    """Return whether a word names no topic in this language; without a language, in any of the four."""
    if word.isdecimal() or len(word) == 1 or word in ANYWHERE:
        return True
    return any(word in FILLERS[one] for one in ([language] if language else LANGUAGES))


def line_language(words: Sequence[str], language: str) -> str:
    """Return the language whose small words a line has most of; the conversation's unless another one clearly wins.

    Only for understanding the line: the language of the answer is decided elsewhere.
    """
    first = in_order(language)[0]
    counts = {one: sum(word in FILLERS[one] for word in words) for one in in_order(language)}
    best = max(counts, key=lambda one: counts[one])
    return best if counts[best] > counts[first] + 1 else first


@cache
def known_words(language: str) -> frozenset[str]:
    """Return the words that a misspelt one may have been; no fillers, because a filler is ignored."""
    return frozenset({word for phrase in phrases(language).exact for word in phrase.split()} - FILLERS[language])


class Spelling:
    """Finds the known word that is one letter away (two in long words), by leaving letters out of both."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(word for word in words if 3 <= len(word) <= LONGEST_WORD)
        self.without: dict[str, list[str]] = {}
        for word in sorted(self.words):
            for rest in _without_a_letter(word):
                self.without.setdefault(rest, []).append(word)
        self._find_cached = lru_cache(maxsize=KEPT_WORDS)(self._find)

    def correct(self, word: str) -> str:
        """Return the known word that was meant; "" when none is near, or the word is too short or too long."""
        return self._find_cached(word) if 3 <= len(word) <= LONGEST_WORD else ""

    def _find(self, word: str) -> str:
        near = {known for rest in (word, *_without_a_letter(word)) for known in self.without.get(rest, ())}
        near |= {rest for rest in _without_a_letter(word) if rest in self.words}
        fitting = [known for known in near if _may_be(word, known)]
        return min(fitting, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), known), default="")


@cache
def general_spelling(language: str) -> Spelling:
    """Return the spelling of the concepts' words."""
    return Spelling(known_words(language))


def _may_be(word: str, known: str) -> bool:
    distance = _distance(word, known)
    if len(word) < ONE_WRONG:
        # A short word that is one letter away is too often another word: only very frequent words count.
        is_near = len(known) == len(word) + 1 or sorted(word) == sorted(known)
        return known in ASKED_WITH and len(word) >= SHORTEST_STEM and distance == 1 and is_near
    if distance == 1 and len(word) == len(known) < TWO_WRONG - 2 and sorted(word) != sorted(known):
        wrong, meant = next((a, b) for a, b in zip(word, known, strict=True) if a != b)
        return any(wrong in alike and meant in alike for alike in ALIKE)
    return distance <= (2 if len(word) >= TWO_WRONG else 1)


def _distance(one: str, other: str) -> int:
    """Return how many letters to insert, remove, replace or exchange; words are short, so the table is small."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        last, row, older = row, [i], before
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if older and i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]


def _without_a_letter(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.strip().replace("\n  ", " ").splitlines():
        name, *words = line.split()
        for word in words:
            yield name, word


def concepts_of(words: Sequence[str], language: str) -> Mapping[str, None]:
    """Return the concepts that a text mentions, in order."""
    found: dict[str, None] = {}
    place = 0
    while place < len(words):
        name, length = concept_at(words, place, language)
        if name:
            found[name] = None
        place += max(length, 1)
    return found
