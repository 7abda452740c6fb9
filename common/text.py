"""Texts of people: made safe to store, and folded so that they can be compared."""

from __future__ import annotations

import re
import unicodedata


def clean(text: str) -> str:
    """Return text that any database takes: no NUL, no lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def folded(text: str) -> str:
    """Lower case, without accents, punctuation and doubled blanks."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())
