"""Find the pieces of a sentence about time, from left to right."""

from __future__ import annotations

from dataclasses import replace

from timewords import days, repeats, spans, times_of_day, weekdays  # noqa: F401 - importing them registers their rules
from timewords.pieces import SentenceContext, TimePiece, best_at
from timewords.tagging import Phrase

OF = {"of", "de", "do", "da", "das", "dos", "del"}
OWNERS = {"the", "my", "our"}
GROUPS = ("over", "repeat", "end", "delay", "clock", "day", "numbered day", "zone", "part")


def scan(context: SentenceContext) -> None:
    """Add the pieces of the sentence from left to right, the longest at each place."""
    groups = (*GROUPS, "answer") if context.is_answer else GROUPS
    place = 0
    while place < len(context.row.items):
        piece = best_at(context, place, groups)
        if piece is not None:
            context.pieces.append(piece)
        place = piece.end if piece is not None else place + 1
    context.pieces = [
        replace(piece, is_sure=False) if _is_of_a_thing(context, piece) else piece for piece in context.pieces
    ]
    if len(context.pieces) == 1:
        only = context.row.items[context.pieces[0].begin : context.pieces[0].end]
        if len(only) == 1 and only[0].is_slip and len(context.row.items) > 1:
            context.pieces.clear()  # a misspelt word for times, and nothing else about time


def _is_of_a_thing(context: SentenceContext, piece: TimePiece) -> bool:
    """Return whether a day or time may name a thing: "the Friday meeting", "a reunião de sexta", "tomorrow's call"."""
    first, before, after = context.item(piece.begin), context.item(piece.begin - 1), context.item(piece.end)
    if first is None or piece.kind not in {"day", "clock"}:
        return False
    if after is not None and context.plain(after) == "s":
        return True
    owners = [one for one in (first, before) if one is not None and one.end - one.begin == 1]
    is_owned = any(context.plain(one) in OWNERS for one in owners)
    if context.language == "en" and is_owned and after is not None and _is_thing(after):
        return True
    place = piece.begin if context.plain(first) in OF and piece.end - piece.begin > 1 else piece.begin - 1
    thing, of = context.item(place - 1), context.item(place)
    is_of = of is not None and of.end - of.begin == 1 and context.plain(of) in OF
    return is_of and thing is not None and _is_thing(thing)


def _is_thing(item: Phrase) -> bool:
    return item.may_be(frozenset({"unknown", "know", "place"})) and "join" not in item.kinds
