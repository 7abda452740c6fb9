"""The pieces of a sentence about time, and the rules that find them in a row of phrases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from timewords.lexicon import compiled
from timewords.tagging import Phrase, PhraseRow


@dataclass(frozen=True, kw_only=True)
class TimePiece:
    """A part of the sentence that was understood: its value, and its phrases."""

    kind: str  # day, clock, part, delay, repeat, until, count, lasting, starting, zone, over, doubt
    value: Any
    begin: int
    end: int
    is_sure: bool = True
    others: tuple[Any, ...] = ()  # other values that it may have as well
    more: frozenset[str] = frozenset()  # what else is known: "weekday", "tonight", "today too"


@dataclass
class SentenceContext:
    """The sentence, and the local time of its writer."""

    row: PhraseRow
    now: datetime
    is_answer: bool = False
    pieces: list[TimePiece] = field(default_factory=list)
    left: list[Phrase] = field(default_factory=list)  # phrases about time that no piece has taken

    @property
    def today(self) -> date:
        """Return the local day."""
        return self.now.date()

    @property
    def language(self) -> str:
        """Return the language of the sentence."""
        return self.row.language

    def item(self, place: int) -> Phrase | None:
        """Return the phrase at a place; None beyond the ends."""
        return self.row.items[place] if 0 <= place < len(self.row.items) else None

    def plain(self, item: Phrase) -> str:
        """Return the first word of a phrase, as it is compared."""
        return self.row.tokens[item.begin].plain

    def is_kind(self, place: int, *kinds: str) -> bool:
        """Return whether there is a phrase at a place that may have one of these kinds."""
        item = self.item(place)
        return item is not None and item.may_be(frozenset(kinds))


class RuleMatch:
    """A place where the pattern of a rule matches."""

    def __init__(self, context: SentenceContext, match: re.Match[str]) -> None:
        self.context = context
        self.match = match
        self.begin, self.end = match.start(), match.end()

    def __contains__(self, group: str) -> bool:
        return self.match.groupdict().get(group) is not None

    def items(self, group: str) -> list[Phrase]:
        """Return the phrases of a group."""
        return self.context.row.items[self.match.start(group) : self.match.end(group)] if group in self else []

    def value(self, group: str, *kinds: str) -> Any:
        """Return the value of the first phrase of a group; None where there is none."""
        items = self.items(group)
        return items[0].value(*kinds) if items else None

    def number(self, group: str) -> int:
        """Return the number that a group names; a missing one is 1."""
        value = self.value(group, "number", "num", "one", "article", "nth", "ordinal")
        return 1 if value is None else int(value)

    def is_in_digits(self, group: str) -> bool:
        """Return whether the group is a number in digits."""
        return self.value(group, "number") is not None

    def piece(self, kind: str, value: Any, *, end: int | None = None, **more: Any) -> TimePiece:
        """Return the piece that the rule makes of it."""
        return TimePiece(kind=kind, value=value, begin=self.begin, end=self.end if end is None else end, **more)


Rule = Callable[[RuleMatch], TimePiece | None]
RULES: dict[str, list[tuple[str, Rule]]] = {}


def register_rule(group: str, *patterns: str) -> Callable[[Rule], Rule]:
    """Register a function as the meaning of patterns; `group` names the list in which they are searched."""

    def note(function: Rule) -> Rule:
        RULES.setdefault(group, []).extend((pattern, function) for pattern in patterns)
        return function

    return note


def best_at(context: SentenceContext, place: int, groups: tuple[str, ...]) -> TimePiece | None:
    """Return the longest piece that begins at a place; of equal ones the first rule's."""
    if not _any_of(groups).match(context.row.signs, place):
        return None  # as at most places
    best: TimePiece | None = None
    for group in groups:
        for pattern, function in RULES[group]:
            match = compiled(pattern).match(context.row.signs, place)
            if match is None or match.end() == place:
                continue
            piece = function(RuleMatch(context, match))
            if piece is not None and (best is None or piece.end > best.end):
                best = piece
    return best


@cache
def _any_of(groups: tuple[str, ...]) -> re.Pattern[str]:
    """Return all patterns of some groups in one: where it does not match, none of them does."""
    patterns = (compiled(pattern).pattern for group in groups for pattern, _ in RULES[group])
    return re.compile("|".join(re.sub(r"\?P<\w+>", "?:", pattern) for pattern in patterns))
