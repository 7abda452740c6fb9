"""Mark texts for the catalogues where Django is not imported; whoever shows a marked text translates it."""

from __future__ import annotations


def customer_text(text: str) -> str:
    """Mark a sentence for customers, to be shown by `common.text.sentences.translate`; returns it unchanged."""
    return text


def gettext_noop(text: str) -> str:
    """Mark a text for operators, to be shown by `gettext`; returns it unchanged."""
    return text
