"""Times out of people's words, in four languages: "every second Tuesday at 9", "in 20 minutes", "amanh\u00e3 \u00e0s 15h".

Every word is accounted for: it is part of a time, or of what is to be done. What speaks of time and was not understood
makes the whole thing a question: nothing here guesses from half a sentence.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from reminders.when.joining import joined
from reminders.when.leftovers import leftovers
from reminders.when.lexicon import LANGUAGES
from reminders.when.pieces import Context
from reminders.when.result import Past, Reading
from reminders.when.scanning import scan
from reminders.when.tagging import Row, row_of
from reminders.when.tokens import tokens_of

__all__ = ["MAX_TEXT", "Past", "Reading", "read"]

MAX_TEXT = 500
PREFERRED = 3  # what the language that is known is worth, in the points of `Row.score`


def read(text: str, *, now: datetime, language: str = "en", is_answer: bool = False, zone: str = "") -> Reading | None:
    """What a text says about time; None when it says nothing that is understood. Raises Past.

    Args:
        now: on the wall clock of whoever wrote it.
        language: the one that is known of whoever wrote it; the words themselves may say another.
        is_answer: the text answers "when?": a bare length such as "10 min" counts from now.
        zone: of whoever wrote it; without it an hour of another zone cannot be converted and is left to a question.
    """
    text = unicodedata.normalize("NFC", text[:MAX_TEXT])
    rows = _rows(text, language)
    for row in rows:
        context = Context(row, now, is_answer=is_answer)
        scan(context)
        if context.pieces and not _is_another_languages_word(context, rows):
            context.left = leftovers(context, rows)
            found = joined(context, rest=_rest(context, text), zone=zone)
            if found is not None or any(piece.kind == "doubt" for piece in context.pieces):
                return found
    return None


def _rows(text: str, language: str) -> list[Row]:
    """The sentence in each language, the one that it is written in first: chosen once, by all its words."""
    known = language.split("-", maxsplit=1)[0].lower()
    tokens = tokens_of(text)
    rows = [row_of(tokens, name) for name in sorted(LANGUAGES, key=lambda name: name != known)]
    return sorted(rows, key=lambda row: -(row.score + (PREFERRED if row.language == known else 0)))


def _is_another_languages_word(context: Context, rows: list[Row]) -> bool:
    """Whether all that was found is a short weekday, of a language that is not the sentence's: "s\u0103 sun" is "to call"."""
    items = context.row.items[context.pieces[0].begin : context.pieces[0].end]
    if len(context.pieces) > 1 or len(items) > 1 or "weak_weekday" not in items[0].kinds:
        return False
    return context.row is not rows[0] or any(other.unknown < context.row.unknown for other in rows)


def _rest(context: Context, text: str) -> str:
    """What is left of the text as it was written: neither what was understood of time nor what was not."""
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
