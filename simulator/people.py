"""One form for the addresses of people, which each service writes in its own way."""

import threading
from collections.abc import Iterable


class Accounts:
    """WhatsApp accounts whose own id is not the number that people dial.

    A Brazilian account may be registered without the ninth digit, a Mexican one with the 1: whichever spelling is
    sent to, the network answers in the account's own one and writes from it (wire/meta-cloud.md section 4, "Who is the
    sender"; wire/evolution.md section 6: "the JID in the answer may differ from what you sent").
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: dict[str, str] = {}

    def register(self, own: str, reached_by: Iterable[str]) -> None:
        """Add spellings by which the account can be reached."""
        with self._lock:
            self._own |= dict.fromkeys(reached_by, own)

    def own_id(self, person: str) -> str:
        """Return the id of the account that `person` reaches; `person` itself when no account is registered for it."""
        return self._own.get(person, person)

    def clear(self) -> None:
        """Delete all accounts."""
        with self._lock:
            self._own.clear()


accounts = Accounts()


def person_key(value: str) -> str:
    """Reduce an address to the form the phone and the records use: +digits, an e-mail, or an opaque id.

    Numbers of a registered account become its own id.
    """
    return accounts.own_id(normalised(value))


def normalised(value: str) -> str:
    """Return the address in that form, without looking for a registered account."""
    value = value.strip().removeprefix("whatsapp:")
    name, at, domain = value.partition("@")
    if domain in ("s.whatsapp.net", "c.us"):
        value = name.partition(":")[0]
    elif at:
        return value.lower()
    if any(letter.isalpha() for letter in value):
        return value  # a business-scoped user id such as US.1349
    digits = "".join(filter(str.isdigit, value))
    return f"+{digits}" if digits else ""


def digits(person: str) -> str:
    """Return a phone number without its plus."""
    return person.removeprefix("+")


def is_phone(person: str) -> bool:
    """Return whether it is a phone number, not an e-mail address, a LID or a business-scoped user id."""
    return person.startswith("+")
