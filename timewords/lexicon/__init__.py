"""The words for times, by language (folded: lower case, no accents). Add a language by adding a file and a line.

A phrase may have several kinds ("la" in Romanian is "at" and "on"). The rules say how kinds make times.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from timewords.lexicon import en, es, pt, ro
from timewords.lexicon.kinds import CLASSES, WRITTEN, Entries

LANGUAGES: dict[str, Entries] = {"en": en.WORDS, "pt": pt.WORDS, "es": es.WORDS, "ro": ro.WORDS}
Kinds = dict[str, Any]  # kind -> value
MAX_WORDS = 8  # of a phrase


def _phrases(entries: Entries) -> dict[tuple[str, ...], Kinds]:
    found: dict[tuple[str, ...], Kinds] = {}
    for kind, given in entries.items():
        for value, phrases in given.items() if not isinstance(given, str) else ((None, given),):
            for phrase in phrases.split("|"):
                found.setdefault(tuple(phrase.replace("-", " ").split()), {})[kind] = value
    return found


PHRASES = {language: _phrases(entries) for language, entries in LANGUAGES.items()}
# The first words of phrases with several words.
FIRST_WORDS = {
    language: frozenset(phrase[0] for phrase in phrases if len(phrase) > 1) for language, phrases in PHRASES.items()
}
_SETS = {frozenset(kinds) for phrases in PHRASES.values() for kinds in phrases.values()}
_SETS |= {frozenset({kind}) for kind in WRITTEN}
# One sign for each combination of kinds, so that a text becomes a row of signs and rules are patterns over it.
SIGNS = {kinds: chr(0x4E00 + place) for place, kinds in enumerate(sorted(_SETS, key=sorted))}
_KINDS = {kind for kinds in SIGNS for kind in kinds}


def kinds_sign(kinds: Kinds) -> str:
    """Return the sign for the kinds of a phrase."""
    return SIGNS[frozenset(kinds)]


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern over kinds: `{minute}` is one phrase of that kind, `{NUM}` one of a class.

    Spaces do not count.
    """

    def signs(found: re.Match[str]) -> str:
        wanted = {kind for name in found[1].split("|") for kind in CLASSES.get(name, (name,))}
        assert wanted <= _KINDS, f"{wanted - _KINDS} in {pattern}"
        return f"[{''.join(sign for kinds, sign in SIGNS.items() if kinds & wanted)}]"

    return re.compile(re.sub(r"\{([\w|]+)\}", signs, "".join(pattern.split())))
