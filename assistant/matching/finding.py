"""Find the entries that answer a question: one, several, a choice between two, or none. Never a guess.

The thresholds were chosen on the first halves of `benchmarks/words/corpora/answers`; `bin/bench --only words` measures
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from assistant.matching.clauses import MAX_LENGTH, Clause, QuestionItem, parse_clauses
from assistant.matching.concepts import LEAVE, NEEDS_OBJECT, OPPOSITES, TAKES_ANYTHING
from assistant.matching.index import KEYWORD, EntryIndex, IndexedEntry
from assistant.matching.lexicon import concept_at
from common.text.plain import fold

LEAST = 0.66  # share of a question's weight that must stand in an entry that answers it
MARGIN = 0.12  # lead over the next entry; below it the customer is asked which of the two is meant
COUNTS = 0.3  # from this weight on, a word that the best entry lacks is searched in another one
MOST_ANSWERS = 3


class ResultKind(StrEnum):
    """The kind of result."""

    ANSWER = "answer"  # say these entries
    CHOICE = "choice"  # ask which of these is meant
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class MatchResult:
    """What answers a question: ids of entries."""

    kind: ResultKind
    entries: tuple[int, ...] = ()
    is_partial: bool = False  # another part of the question is answered by none of them


UNKNOWN = MatchResult(ResultKind.UNKNOWN)


@dataclass(frozen=True)
class _Fit:
    """How well one entry fits some items."""

    entry: IndexedEntry
    score: float
    missing: tuple[QuestionItem, ...] = field(default=())
    is_named: bool = False  # a topic stands in its heading


def find_entries(text: str, index: EntryIndex, language: str, *, before: str = "") -> MatchResult:
    """Return what answers `text`; `before` is the customer's last question, for "and how much is it?"."""
    clauses = _read(text, index, language)
    if not clauses:
        return UNKNOWN
    earlier = _read(before, index, language) if before else []
    for is_own in (True, False):
        asked = _Search(index, language, is_own=is_own)
        found = asked.follow_up(clauses, earlier) or asked.best_of(clauses)
        if found.kind != ResultKind.UNKNOWN:
            return found
    core = _leave_asked(text, language)
    return replace(find_entries(core, index, language), is_partial=True) if core else UNKNOWN


def _leave_asked(text: str, language: str) -> str:
    """Return "can I park" of "can I park a trampoline there?", where the object is a detail; "" for anything else."""
    words = fold(text[:MAX_LENGTH]).split()
    for place in range(len(words)):
        length = next((n for n in (2, 1) if " ".join(words[place : place + n]) in LEAVE), 0)
        verb = place + length
        if not length or verb >= len(words):
            continue
        concept, size = concept_at(words, verb, language)
        if concept in TAKES_ANYTHING and verb + size < len(words):
            return " ".join(words[place : verb + size])
    return ""


def rank_entries(text: str, index: EntryIndex, language: str, *, limit: int = 3) -> list[int]:
    """Return the entries that fit best, for a language model: less must fit than for an answer."""
    items = [item for clause in _read(text, index, language) for item in clause.items]
    asked = _Search(index, language)
    fits = sorted(asked.fits(items, items), key=asked.order)
    return [fit.entry.pk for fit in fits[:limit] if fit.score >= fits[0].score / 2]


def _read(text: str, index: EntryIndex, language: str) -> list[Clause]:
    clauses = parse_clauses(text, language, is_known=index.knows, correct=lambda word: index.correct(word, language))
    return _merged(_with_acts([clause for clause in clauses if clause.items or clause.acts]))


def _with_acts(clauses: Sequence[Clause]) -> list[Clause]:
    """Apply the wanted act to the whole sentence: "I must cancel, sorry, my tooth is fine" wants one thing."""
    groups: list[list[Clause]] = []
    for clause in clauses:
        if groups and not clause.is_apart:
            groups[-1].append(clause)
        else:
            groups.append([clause])
    for group in groups:
        acts = {act for clause in group for act in clause.acts}
        for clause in group:
            clause.acts |= acts
    return list(clauses)


def _merged(clauses: Sequence[Clause]) -> list[Clause]:
    """Return the clauses, with "and how much is it?" merged into the clause it belongs to."""
    found: list[Clause] = []
    for clause in clauses:
        if found and not clause.acts and all(item.concept in NEEDS_OBJECT for item in clause.items):
            found[-1].items += clause.items
        else:
            found.append(clause)
    return found


class _Search:
    """One question over some of the entries."""

    def __init__(self, index: EntryIndex, language: str, *, is_own: bool | None = None) -> None:
        self.index = index
        self.language = language[:2].lower()
        self.is_own = is_own  # only entries of the conversation's language or none, only the others, or all (None)

    def fits(self, items: Sequence[QuestionItem], topics: Sequence[QuestionItem]) -> list[_Fit]:
        """Return each entry that names a topic, with how much of the items it covers."""
        weights = [self.index.weight(item) for item in items]
        total = sum(weights)
        if not total:
            return []
        found = []
        for entry in self.index.speaking_of(items):
            if self.is_own is not None and self.is_own != (entry.language in ("", self.language)):
                continue
            matches = [entry.match(item, self.language) for item in items]
            if not any(matches):
                continue
            score = sum(weight * match for weight, match in zip(weights, matches, strict=True)) / total
            covered = sum(weight for weight, match in zip(weights, matches, strict=True) if match) / total
            missing = tuple(item for item, match in zip(items, matches, strict=True) if not match)
            named = any(entry.match(item, self.language) >= KEYWORD for item in topics)
            found.append(_Fit(entry, (score + covered) / 2, missing, named))
        return found

    def order(self, fit: _Fit) -> tuple[float, bool, int]:
        """Return the sort key: the best first; of equals the one in the conversation's language."""
        return (-fit.score, fit.entry.language != self.language, fit.entry.pk)

    def allowed(self, fits: Iterable[_Fit], clauses: Sequence[Clause]) -> list[_Fit]:
        """Return those that name a topic and do not answer the opposite of what is wanted, the best first."""
        named = sorted((fit for fit in fits if fit.is_named), key=self.order)
        wrong = next((place for place, fit in enumerate(named) if _is_wrong(fit.entry, clauses)), len(named))
        # When the best one answers the opposite, one that fits less well is no answer either.
        return named[:wrong]

    def best_of(self, clauses: Sequence[Clause]) -> MatchResult:
        """Return several answers for several clauses, else one entry for all, else what the clauses give."""
        by_clause = self.by_clause(clauses)
        are_apart = len(clauses) > 1 and all(clause.is_apart for clause in clauses[1:])
        if len(by_clause.entries) > 1 and not by_clause.is_partial and are_apart:
            return by_clause
        return self.whole(clauses) or by_clause

    def whole(self, clauses: Sequence[Clause]) -> MatchResult | None:
        """Return one entry that covers the whole line; None when there is none, or the line offers a choice."""
        if any(clause.is_choice for clause in clauses):
            return None
        items = [item for clause in clauses for item in clause.items]
        topics = [item for clause in clauses for item in clause.topics]
        fits = self.allowed(self.fits(items, topics), clauses)
        full = [fit for fit in fits if not fit.missing]
        return self._decided(full) if full else None

    def follow_up(self, clauses: Sequence[Clause], earlier: Sequence[Clause]) -> MatchResult | None:
        """Return the entry that answers the new line together with the question before.

        None when the line stands alone.
        """
        items = [item for clause in clauses for item in clause.items]
        about = [item for clause in earlier for item in clause.topics]
        if not about or not items or any(clause.acts for clause in clauses):
            return None
        needs = all(item.concept in NEEDS_OBJECT or item.is_time for item in items)
        joins = clauses[0].is_joined
        if not (needs or joins):
            return None
        fits = self.allowed(self.fits([*items, *about], about), [*clauses, *earlier])
        fits = [fit for fit in fits if (fit.score >= LEAST if needs else not fit.missing)]
        return self._decided(fits) if fits else None

    def by_clause(self, clauses: Sequence[Clause]) -> MatchResult:
        """Return the result of each clause: its answers together, or a choice, or nothing."""
        answers: dict[int, None] = {}
        choices: dict[int, None] = {}
        unknown: list[Clause] = []
        for clause in clauses:
            found = self._clause(clause)
            if found.kind == ResultKind.ANSWER:
                (choices if clause.is_choice else answers).update(dict.fromkeys(found.entries))
            elif found.kind == ResultKind.CHOICE:
                choices.update(dict.fromkeys(found.entries))
            else:
                unknown.append(clause)
        if any(clause.is_choice for clause in clauses):
            choices = {**answers, **choices}
            answers = {} if len(choices) > 1 else choices
        if answers and not set(choices) - set(answers):
            # Half of a sentence is no question: "I cannot find parking, the yard is full".
            if unknown and clauses[-1] in unknown and not all(clause.is_apart for clause in clauses[1:]):
                return UNKNOWN
            return MatchResult(ResultKind.ANSWER, tuple(answers)[:MOST_ANSWERS], bool(unknown))
        if len(choices) > 1 or (choices and answers):
            return MatchResult(ResultKind.CHOICE, tuple({**answers, **choices})[:2])
        return UNKNOWN

    def _clause(self, clause: Clause) -> MatchResult:
        fits = self.allowed(self.fits(clause.items, clause.topics), [clause])
        if not fits:
            return UNKNOWN
        best = fits[0]
        other = self._beside(best, clause)
        if other is not None:
            return MatchResult(ResultKind.CHOICE, (best.entry.pk, other.pk))
        if best.score < LEAST:
            return UNKNOWN
        return self._decided(fits)

    def _beside(self, best: _Fit, clause: Clause) -> IndexedEntry | None:
        """Return another entry about something of the clause that the best one does not mention."""
        missing = [item for item in best.missing if item.is_time or self.index.weight(item) >= COUNTS]
        items = [item for item in missing if not item.is_type]
        fits = sorted(self.fits(clause.items, items), key=self.order)
        named = [fit.entry for fit in fits if fit.is_named and not _is_wrong(fit.entry, [clause])]
        return next((entry for entry in named if entry.language == best.entry.language), None)

    def _decided(self, fits: Sequence[_Fit]) -> MatchResult:
        best = fits[0]
        near = [
            fit
            for fit in fits[1:]
            if fit.score > best.score - MARGIN and fit.score >= LEAST and fit.entry.language == best.entry.language
        ]
        if near:
            return MatchResult(ResultKind.CHOICE, (best.entry.pk, near[0].entry.pk))
        return MatchResult(ResultKind.ANSWER, (best.entry.pk,))


def _is_wrong(entry: IndexedEntry, clauses: Sequence[Clause]) -> bool:
    """Return whether it answers something else than what is wanted.

    Booking instead of cancelling, buying for selling.
    """
    for clause in clauses:
        if any(not entry.has(act) for act in clause.acts):
            return True
        if clause.is_own and not entry.has("STATUS"):
            return True
        for item in clause.items:
            opposite = OPPOSITES.get(item.concept)
            if opposite and entry.has(opposite) and not entry.has(item.concept):
                return True
    return False


def entry_about(concept: str, index: EntryIndex, language: str) -> int | None:
    """Return the entry whose title, else whose keywords, name a concept; the conversation's language first."""
    first = language[:2].lower()
    named = [entry for entry in index.entries if concept in entry.concepts]
    order = sorted(
        named, key=lambda entry: (entry.language not in (first, ""), concept not in entry.in_title, entry.pk)
    )
    return order[0].pk if order else None
