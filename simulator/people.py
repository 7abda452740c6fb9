"""Who a person is, whichever way a wire writes them."""


def person_key(value: str) -> str:
    """Reduce an address to the form the phone and the records use: +digits, an e-mail, or an opaque id."""
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
    """A phone without its plus."""
    return person.removeprefix("+")


def is_phone(person: str) -> bool:
    """Tell a phone from an e-mail, a LID or a business-scoped user id."""
    return person.startswith("+")
