"""Translate the reasons that rows store: they are stored in English, because a worker has no viewer."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

# Why an address is not called (common.http.client), for the catalogues.
ADDRESSES = (
    gettext_noop("only http and https addresses are called"),
    gettext_noop("an address with a user name or password is not called"),
    gettext_noop("this is not an address"),
    gettext_noop("the address is not on the public internet"),
)


def translate_reason(reason: str) -> str:
    """Translate a stored reason as far as the catalogue has it; what follows a colon is looked up separately."""
    if not reason:
        return ""
    whole = gettext(reason)
    head, colon, tail = reason.partition(": ")
    return whole if whole != reason or not colon else f"{gettext(head)}: {translate_reason(tail)}"
