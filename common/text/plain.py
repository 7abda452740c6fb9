"""Texts of people: cut before any work, made safe to store, and folded so that they can be compared."""

from __future__ import annotations

import re
import unicodedata

# Every blank of Unicode, NUL, and the marks of no width that editors and web pages put round a copied word.
_AROUND = (
    "".join(map(chr, range(0x21)))
    + "\x7f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x2010)))
)

# No message of a person is longer (WhatsApp takes 65,536 characters): what reads a text reads no more of it than this.
MAX_TEXT = 65_536


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """Return the first `limit` characters. Every function that works on foreign text calls this before its work."""
    return text if len(text) <= limit else text[:limit]


def clean(text: str) -> str:
    """Return text that any database takes: no NUL, no lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def trimmed(secret: str) -> str:
    """Return a key, secret or setting without what copying leaves around it: blanks, line breaks, marks of no width."""
    return secret.strip(_AROUND)


def pieces(text: str, size: int = 1000) -> list[str]:
    """The whole text in pieces of at most `size` characters, cut at a blank where there is one.

    For pages: a browser needs many seconds to lay out one word of 65,000 letters, and nothing for a hundred short ones.
    """
    found, start = [], 0
    while len(text) - start > size:
        blank = max(text.rfind(sign, start + 1, start + size) for sign in " \n")
        end = blank + 1 if blank > 0 else start + size
        found.append(text[start:end])
        start = end
    return [*found, text[start:]]


def compatible(text: str, limit: int = MAX_TEXT) -> str:
    """Return the text in its compatible form (NFKC), cut before and after: one sign may become eighteen (U+FDFA)."""
    return cut(unicodedata.normalize("NFKC", cut(text, limit)), limit)


def folded(text: str, limit: int = MAX_TEXT) -> str:
    """Lower case, without accents, punctuation and doubled blanks; of the first `limit` characters alone."""
    decomposed = unicodedata.normalize("NFKD", compatible(text, limit).casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())
