"""Reasons that rows keep, in the viewer's language: they are noted in English, since a worker has no viewer."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

# Why an address is not called (common.http.client), for the catalogues.
ADDRESSES = (
    gettext_noop("only http and https addresses are called"),
    gettext_noop("an address with a user name or password is not called"),
    gettext_noop("this is not an address"),
    gettext_noop("the address is not on the public internet"),
)


def in_words(reason: str) -> str:
    """A noted reason as far as its words are known; what follows a colon is looked up by itself."""
    if not reason:
        return ""
    whole = gettext(reason)
    head, colon, tail = reason.partition(": ")
    return whole if whole != reason or not colon else f"{gettext(head)}: {in_words(tail)}"
