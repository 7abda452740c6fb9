"""Whole numbers that somebody else wrote: row ids in addresses and buttons, lengths in headers."""

from __future__ import annotations

ROW_ID_DIGITS = 18  # every number of so many digits fits into a column of 64 bits


def parse_whole_number(text: object, *, max_digits: int = ROW_ID_DIGITS) -> int | None:
    """Return the number that these ASCII digits write; None for anything else, a sign and other digits included."""
    written = text if isinstance(text, str) else ""
    if written.isascii() and written.isdigit() and len(written) <= max_digits:
        return int(written)
    return None
