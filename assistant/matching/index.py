"""The search index of a tenant's entries: built once per version of the entries, not per question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.matching.clauses import QuestionItem
from assistant.matching.concepts import IMPLIES
from assistant.matching.lexicon import Spelling, concepts_of, general_spelling, in_order, is_filler, stem
from common.text.plain import fold

MAX_CONTENT = 2000  # characters of an entry's text that are searched; title and keywords have their own limits
TITLE, KEYWORD, CONTENT = 1.0, 0.75, 0.5  # the weight of a word by where it stands
SHARED_STEM = 5  # letters that a word must share with an entry of another language
RAREST_TYPE, TIME = 0.25, 0.1  # the highest weight of a kind of answer, and the weight of a day


@dataclass(frozen=True)
class EntrySource:
    """The source of an entry."""

    pk: int
    title: str
    keywords: str
    content: str
    language: str = ""


class IndexedEntry:
    """The words and concepts of an entry."""

    def __init__(self, written: EntrySource, default_language: str) -> None:
        self.pk = written.pk
        self.title = written.title
        self.language = written.language[:2].lower()
        language = self.language or default_language
        heading = fold(f"{written.title} {written.keywords}").split()
        content = fold(written.content[:MAX_CONTENT]).split()
        title = fold(written.title).split()
        self.in_title = _implied(concepts_of(title, language)) | {stem(word) for word in title}
        self.words = frozenset(heading)
        self.heading = frozenset(stem(word) for word in heading)
        self.concepts = _implied(concepts_of(heading, language))
        self.content = frozenset(stem(word) for word in content if not is_filler(word))
        self.content_concepts = _implied(concepts_of(content, language))
        self.spoken = {word for word in (*heading, *content) if not is_filler(word)}

    def match(self, item: QuestionItem, language: str = "") -> float:
        """Return how well it matches an item: in its heading, in its text, or not at all.

        An entry of another language than the question's is found by what languages share: concepts and long words.
        """
        is_foreign = self.language not in ("", language) and len(item.stem) < SHARED_STEM
        stemmed = "" if is_foreign else item.stem
        if is_foreign and item.word and item.word in self.words:
            return KEYWORD
        if stemmed in self.in_title or item.concept in self.in_title:
            return TITLE
        if stemmed in self.heading or item.concept in self.concepts:
            return KEYWORD
        if item.is_guess:
            return 0.0
        if stemmed in self.content or item.concept in self.content_concepts:
            return CONTENT
        return 0.0

    def has(self, concept: str) -> bool:
        """Return whether it mentions a concept anywhere."""
        return concept in self.concepts or concept in self.content_concepts


class EntryIndex:
    """All entries of a tenant."""

    def __init__(self, entries: Iterable[EntrySource], *, default_language: str = "en") -> None:
        self.entries = [IndexedEntry(entry, default_language) for entry in entries]
        self.counts: Counter[str] = Counter()
        self._speaking: dict[str, list[IndexedEntry]] = {}
        for entry in self.entries:
            names = {*entry.heading, *entry.content, *entry.concepts, *entry.content_concepts}
            self.counts.update(names)
            for name in names | entry.words:
                self._speaking.setdefault(name, []).append(entry)
        self._spellings: dict[str, Spelling] = {}

    def speaking_of(self, items: Iterable[QuestionItem]) -> list[IndexedEntry]:
        """Return the entries with a word or a concept of any of the items, in order: no others can match."""
        names = {name for item in items for name in (item.stem, item.word, item.concept) if name}
        found = {entry.pk: entry for name in names for entry in self._speaking.get(name, ())}
        return [found[pk] for pk in sorted(found)]

    def knows(self, stemmed: str) -> bool:
        """Return whether any entry has a word of this stem."""
        return stemmed in self.counts

    def correct(self, word: str, language: str) -> str:
        """Return the word that a misspelt one was meant to be: one of the entries', else one of the language's."""
        first = in_order(language)[0]
        if first not in self._spellings:
            spoken = (entry.spoken for entry in self.entries if entry.language in ("", first))
            self._spellings[first] = Spelling(word for words in spoken for word in words)
        return self._spellings[first].correct(word) or general_spelling(first).correct(word)

    def weight(self, item: QuestionItem) -> float:
        """Return how much an item says about what is wanted: little when all entries have it, most when few do."""
        seen = [self.counts[name] for name in (item.stem, item.concept) if name and self.counts[name]]
        rarity = 1.0 if not seen else _rarity(max(seen), len(self.entries))
        if item.is_time:
            return TIME * rarity if seen else TIME
        return min(RAREST_TYPE, rarity) if item.is_type else rarity


def _rarity(count: int, total: int) -> float:
    return max(0.1, math.log((total + 1) / (count + 0.5)) / math.log(total + 1.5))


def _implied(concepts: Iterable[str]) -> frozenset[str]:
    found = set(concepts)
    return frozenset(found | {IMPLIES[name] for name in found if name in IMPLIES})
