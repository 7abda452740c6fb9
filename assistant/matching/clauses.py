"""Parse a customer's line: the items that it asks about, clause by clause, and what is to be done."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assistant.matching.concepts import ACTS, OWN_RECORDS, TYPES, UNDOABLE
from assistant.matching.fillers import ASKING, CHOOSING, DENYING, JOINING, MINE, SHORT, TIMES
from assistant.matching.lexicon import concept_at, in_order, is_filler, line_language, phrases, stem
from common.text.plain import fold

MAX_LENGTH = 1000  # characters of a question that are looked at
BREAKS = re.compile(r"([?!.;:,\n]+)")
DENIED_WITHIN = 5  # words
Correct = Callable[[str], str]  # an unknown word -> the known one that was meant, or ""


@dataclass(frozen=True)
class QuestionItem:
    """One thing that a question is about: a word's stem, its concept, or both."""

    stem: str
    word: str = ""  # as it was written (or meant)
    concept: str = ""
    is_time: bool = False
    is_guess: bool = False  # the word was misspelt, and this is what was probably meant

    @property
    def is_type(self) -> bool:
        """Return whether it says what kind of answer is wanted (how much, where), not about what."""
        return self.concept in TYPES


@dataclass
class Clause:
    """A part of a line between two conjunctions or signs."""

    items: list[QuestionItem] = field(default_factory=list)
    acts: set[str] = field(default_factory=set)
    is_own: bool = False  # about the customer's own appointment or invoice
    is_joined: bool = False  # joined by "and" to the clause before
    is_choice: bool = False  # joined by "or"
    is_apart: bool = False  # a question of its own: joined by "and", after a question mark, or on a line of its own

    @property
    def topics(self) -> list[QuestionItem]:
        """Return what it is about: kinds of answer count only where nothing else is named."""
        named = [item for item in self.items if not item.is_type and not item.is_time]
        return named or [item for item in self.items if item.is_type] or self.items


def parse_clauses(text: str, language: str, *, is_known: Callable[[str], bool], correct: Correct) -> list[Clause]:
    """Return the clauses of a line; `is_known` returns whether any entry has a stem."""
    language = line_language(fold(text[:MAX_LENGTH]).split(), language)
    clauses: list[Clause] = []
    after_question = False
    for part, sign in _parts(text[:MAX_LENGTH]):
        words = [SHORT.get(word, word) for word in _words(part, language)]
        for is_choice, piece, is_joined in _pieces(words, language):
            clause = _clause(piece, language, is_known, correct)
            clause.is_choice, clause.is_joined = is_choice, is_joined
            clause.is_apart = is_joined or after_question
            clauses.append(clause)
        after_question = "?" in sign or "\n" in sign  # a line, or a message of several, is a question of its own
    return clauses


def _parts(text: str) -> list[tuple[str, str]]:
    """Return (the text before a sign, the sign)."""
    pieces = BREAKS.split(text)
    return list(zip(pieces[::2], [*pieces[1::2], ""], strict=True))


def _words(part: str, language: str) -> list[str]:
    # The Portuguese and Romanian "é", "e" (is) must not be taken for "e" (and): the accent distinguishes them, where
    # written.
    if language.startswith("pt"):
        part = re.sub(r"\b[éÉ]\b", "esta", part)
    if language.startswith("ro"):
        part = re.sub(r"\b[sș]i-", "", part, flags=re.IGNORECASE)  # "și-a uitat" joins nothing
    plain = f" {fold(part)} "
    for phrase in ASKING:
        plain = plain.replace(f" {phrase} ", " ")
    return plain.split()


def _pieces(words: Sequence[str], language: str) -> list[tuple[bool, list[str], bool]]:
    """Return (whether it follows "or", words, whether it follows "and") between the conjunctions."""
    first = in_order(language)[0]
    found: list[tuple[bool, list[str], bool]] = []
    piece: list[str] = []
    is_choice = is_joined = False
    for word in words:
        if word in JOINING[first] or word in CHOOSING[first]:
            found.append((is_choice, piece, is_joined))
            piece, is_choice, is_joined = [], word in CHOOSING[first], word in JOINING[first]
        else:
            piece.append(word)
    return [*found, (is_choice, piece, is_joined)]


def _clause(words: Sequence[str], language: str, is_known: Callable[[str], bool], correct: Correct) -> Clause:
    clause = Clause()
    denied_until = -1
    deny = DENYING[in_order(language)[0]]
    written = words
    words = [_corrected(word, language, is_known, correct) for word in words]
    place = 0
    while place < len(words):
        concept, length = concept_at(words, place, language)
        is_guess = words[place] != written[place]
        if words[place] in deny:
            denied_until = place + DENIED_WITHIN
        if concept in ACTS:
            clause.acts.add(concept)
        elif concept:
            if concept in UNDOABLE and place <= denied_until:
                clause.acts.add("UNDO")
            near = words[max(place - 1, 0) : place + length + 1]
            clause.is_own |= concept in OWN_RECORDS and any(word in MINE for word in near)
            stemmed = stem(words[place]) if length == 1 else ""
            clause.items.append(
                QuestionItem(stemmed, words[place] if stemmed else "", concept, words[place] in TIMES, is_guess)
            )
        elif words[place] in TIMES:
            clause.items.append(QuestionItem(stem(words[place]), words[place], is_time=True))
        elif not is_filler(words[place], language):
            clause.items.append(QuestionItem(stem(words[place]), words[place], is_guess=is_guess))
        place += max(length, 1)
    if all(item.is_type for item in clause.items):
        # "How much is 2 + 2?" does not ask for a price.
        clause.items += [QuestionItem(word) for word in words if word.isdecimal()]
    return clause


def _corrected(word: str, language: str, is_known: Callable[[str], bool], correct: Correct) -> str:
    if is_filler(word, language) or word in TIMES or is_known(stem(word)):
        return word
    if any(phrases(one).of(word) for one in in_order(language)):
        return word
    return correct(word) or word
