"""Functions on people's text: truncate before any work, make safe to store, fold for comparison."""

from __future__ import annotations

import re
import unicodedata

# Every space character of Unicode, NUL, and the zero-width marks that editors and web pages add to copied words.
_AROUND = (
    "".join(map(chr, range(0x21)))
    + "\x7f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x2010)))
)

# No message is longer (WhatsApp allows 65,536 characters); functions that analyse text read no more than this.
MAX_TEXT = 65_536


def truncate(text: str, limit: int = MAX_TEXT) -> str:
    """Return the first `limit` characters. Every function that analyses foreign text calls this first."""
    return text if len(text) <= limit else text[:limit]


def clean(text: str) -> str:
    """Return the text without NUL and lone surrogates, so that any database stores it."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def strip_invisible(secret: str) -> str:
    """Return a key, secret or setting without the spaces, line breaks and zero-width marks that copying adds."""
    return secret.strip(_AROUND)


def split_text(text: str, size: int = 1000) -> list[str]:
    """Split the whole text into pieces of at most `size` characters, at spaces where there are any.

    For pages: a browser needs many seconds to lay out one word of 65,000 letters, and no time for a hundred short ones.
    """
    found, start = [], 0
    while len(text) - start > size:
        blank = max(text.rfind(sign, start + 1, start + size) for sign in " \n")
        end = blank + 1 if blank > 0 else start + size
        found.append(text[start:end])
        start = end
    return [*found, text[start:]]


def nfkc(text: str, limit: int = MAX_TEXT) -> str:
    """Return the text in its compatibility form (NFKC), truncated before and after.

    One character may become eighteen (U+FDFA).
    """
    return truncate(unicodedata.normalize("NFKC", truncate(text, limit)), limit)


def fold(text: str, limit: int = MAX_TEXT) -> str:
    """Return the first `limit` characters in lower case, without accents, punctuation and repeated spaces."""
    decomposed = unicodedata.normalize("NFKD", nfkc(text, limit).casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())
