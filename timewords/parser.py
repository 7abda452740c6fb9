"""Parse times in people's words, in four languages: "every second Tuesday at 9", "in 20 minutes", "amanhã às 15h".

Every word is accounted for: it is part of a time, or of what is to be done. A word about time that was not understood
makes the whole sentence a question: nothing is guessed from half a sentence.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from timewords.combining import combine
from timewords.lexicon import LANGUAGES
from timewords.pieces import SentenceContext
from timewords.reading import PastTime, TimeReading
from timewords.scanning import scan
from timewords.tagging import PhraseRow, tag_phrases
from timewords.tokens import tokenize
from timewords.unread import unread_phrases

__all__ = ["MAX_TEXT", "PastTime", "TimeReading", "parse_time_words"]

MAX_TEXT = 500
PREFERRED = 3  # the weight of the known language, in the points of `Row.score`


def parse_time_words(
    text: str, *, now: datetime, language: str = "en", is_answer: bool = False, zone: str = ""
) -> TimeReading | None:
    """Return what a text says about time; None when it says nothing that is understood. Raises PastTime.

    Args: now: the local time of the writer. language: the writer's known language; the words may be in another one.
    is_answer: the text answers "when?": a bare length such as "10 min" counts from now. zone: the writer's zone;
    without it an hour of another zone cannot be converted and is left to a question.
    """
    text = unicodedata.normalize("NFC", text[:MAX_TEXT])
    rows = _rows(text, language)
    for row in rows:
        context = SentenceContext(row, now, is_answer=is_answer)
        scan(context)
        if context.pieces and not _is_another_languages_word(context, rows):
            context.left = unread_phrases(context, rows)
            found = combine(context, rest=_rest(context, text), zone=zone)
            if found is not None or any(piece.kind == "doubt" for piece in context.pieces):
                return found
    return None


def _rows(text: str, language: str) -> list[PhraseRow]:
    """Return the sentence in each language, first the one it is written in, chosen by all its words."""
    known = language.split("-", maxsplit=1)[0].lower()
    tokens = tokenize(text)
    rows = [tag_phrases(tokens, name) for name in sorted(LANGUAGES, key=lambda name: name != known)]
    return sorted(rows, key=lambda row: -(row.score + (PREFERRED if row.language == known else 0)))


def _is_another_languages_word(context: SentenceContext, rows: list[PhraseRow]) -> bool:
    """Return whether only a short weekday of another language was found: "să sun" is "to call"."""
    items = context.row.items[context.pieces[0].begin : context.pieces[0].end]
    if len(context.pieces) > 1 or len(items) > 1 or "weak_weekday" not in items[0].kinds:
        return False
    return context.row is not rows[0] or any(other.unknown < context.row.unknown for other in rows)


def _rest(context: SentenceContext, text: str) -> str:
    """Return the rest of the text as it was written: neither what was understood of time nor what was not."""
    items, tokens, letters = context.row.items, context.row.tokens, list(text)
    gone = [(items[piece.begin].begin, items[piece.end - 1].end) for piece in context.pieces]
    gone += [(item.begin, item.end) for item in context.left if "if" not in item.kinds]
    begins, ends = {begin for begin, _ in gone}, {end for _, end in gone}
    joins = frozenset({"or", "and", "comma"})
    gone += [(one.begin, one.end) for one in items if one.may_be(joins) and one.begin in ends and one.end in begins]
    for begin, end in gone:
        first, last = tokens[begin].start, tokens[end - 1].end
        letters[first:last] = " " * (last - first)
    return " ".join("".join(letters).split())
