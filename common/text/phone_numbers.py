"""Phone numbers: which spellings are the same line, and which number a person means by what they type.

WhatsApp identifies an account by a number that is not always the one that is dialled: an account keeps the spelling
with which it was registered, while a country changes its numbers. Numbers are compared here and nowhere else. Messages
go to the spelling that the provider uses, which is stored beside the canonical one.

RULES lists the countries whose rule is known and certain: each other spelling belongs to exactly one dialled number. A
number without a rule stays as it is, and there the provider's own answer says who it is (`wa_id`, `jid`: see
messaging.services.contacts.store_provider_address).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

E164_DIGITS = range(7, 16)
_TYPED = re.compile(r"\+?[0-9\s()./\u2010-\u2015-]+")


@dataclass(frozen=True)
class SpellingRule:
    """One way in which numbers of a country have a second spelling; patterns match what follows the country code."""

    country: str
    code: str
    other: re.Pattern[str]  # the other spelling
    dialled_as: str  # the dialled number for it
    dialled: re.Pattern[str]  # a dialled number that may have the other spelling
    written_as: str  # the other spelling of that number


def _digits(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


RULES = (
    # Brazil: between 2012 and 2016 (by area) mobile numbers got a 9 before their eight digits; older accounts have
    # none. Mobile numbers of eight digits began with 6 to 9, landlines begin with 2 to 5 and have no 9.
    # chatwoot/chatwoot 5840, 6222, 13986; nyaruka/courier 433; devlikeapro/waha 238, 1261; Evolution API's createJid
    # drops the 9. (Trunked radio with eight digits beginning with 7 existed beside them until 2018.)
    SpellingRule(
        "BR", "55", _digits(r"([1-9][1-9])([6-9]\d{7})"), r"\g<1>9\g<2>",
        _digits(r"([1-9][1-9])9([6-9]\d{7})"), r"\g<1>\g<2>",
    ),
    # Mexico: until August 2019 mobile numbers were dialled with a 1 (from within the country with 044 or 045), which
    # WhatsApp keeps. An area code begins with 2 to 9. chatwoot/chatwoot 14048, 14174, 14926; code-chat-br/whatsapp-api
    # 107; daviddrysdale/python-phonenumbers 306; mgp25/Chat-API 538; Evolution API's createJid drops the 1.
    SpellingRule("MX", "52", _digits(r"(?:1|04[45])([2-9]\d{9})"), r"\g<1>", _digits(r"([2-9]\d{9})"), r"1\g<1>"),
    # Argentina: from abroad a mobile number is dialled with a 9 before its area code, and messages are sent without it;
    # the ten digits are the same and belong to one line. An area code begins with 1 to 3. google/libphonenumber 684;
    # floere/phony 310; AfterShip/phone 125, 253; devlikeapro/waha 2260; Evolution API's createJid drops the 9.
    SpellingRule("AR", "54", _digits(r"([1-3]\d{9})"), r"9\g<1>", _digits(r"9([1-3]\d{9})"), r"\g<1>"),
    # Ivory Coast: on 31 January 2021 the eight digits of a mobile number got two more before them, by the operator,
    # which the second digit identifies. Older accounts kept the eight. devlikeapro/waha 1894; floere/phony 478.
    SpellingRule("CI", "225", _digits(r"([04-9][0-3]\d{6})"), r"01\g<1>", _digits(r"01([04-9][0-3]\d{6})"), r"\g<1>"),
    SpellingRule("CI", "225", _digits(r"([04-9][4-6]\d{6})"), r"05\g<1>", _digits(r"05([04-9][4-6]\d{6})"), r"\g<1>"),
    SpellingRule("CI", "225", _digits(r"([04-9][7-9]\d{6})"), r"07\g<1>", _digits(r"07([04-9][7-9]\d{6})"), r"\g<1>"),
    # Benin: on 30 November 2024 all numbers of eight digits got 01 before them. mobi/telephone_number 138.
    SpellingRule("BJ", "229", _digits(r"([2-9]\d{7})"), r"01\g<1>", _digits(r"01([2-9]\d{7})"), r"\g<1>"),
)  # fmt: skip
_BY_CODE = {code: tuple(rule for rule in RULES if rule.code == code) for code in {rule.code for rule in RULES}}


def canonical(number: str) -> str:
    """Return the one spelling (+digits) by which numbers are compared: as it is dialled from abroad today.

    What is not a number, or of a country without a rule, is returned unchanged.
    """
    if number[:1] != "+":
        return number
    for code in (number[1:3], number[1:4]):
        for rule in _BY_CODE.get(code, ()):
            found = rule.other.fullmatch(number, 1 + len(code))
            if found is not None:
                return f"+{code}{found.expand(rule.dialled_as)}"
    return number


def spellings(number: str) -> tuple[str, ...]:
    """Return all spellings that a number (+digits) may have on WhatsApp, the canonical one first."""
    known = canonical(number)
    if known[:1] == "+":
        for code in (known[1:3], known[1:4]):
            for rule in _BY_CODE.get(code, ()):
                found = rule.dialled.fullmatch(known, 1 + len(code))
                if found is not None:
                    return (known, f"+{code}{found.expand(rule.written_as)}")
    return (known,)


def parse_number(text: str) -> str:
    """Parse a typed phone number to +digits in the spelling typed; "" when it is not one.

    Digits alone count as a whole number, as WhatsApp writes its ids. Prefixes that are only dialled within the country,
    such as +40 (0)721 or Argentina's 15, are removed.
    """
    text = "".join(str(int(each)) if each.isdecimal() else each for each in _visible(text))
    text = text.strip().lower().removeprefix("whatsapp:").removeprefix("tel:").strip()
    if not _TYPED.fullmatch(text):
        return ""  # letters: a name or an extension
    digits = digits_of(text.replace("(0)", ""))
    if digits.startswith("00"):
        digits = digits[2:]
    number = _from_abroad(f"+{digits}")
    # What WhatsApp never writes, such as Mexico's 044, becomes what is dialled from abroad.
    known = spellings(number)
    number = number if number in known else known[0]
    return number if len(number) - 1 in E164_DIGITS else ""


def parse_contact_address(text: str) -> str:
    """Parse an address as contacts have it: an e-mail address in lower case, or a number as +digits.

    "" when it is neither.
    """
    plain = _visible(text).strip().lower().removeprefix("whatsapp:")
    return plain if "@" in plain else parse_number(plain)


def comparison_key(address: str) -> str:
    """Return the form in which typed addresses are compared: the same for each spelling of a number."""
    return canonical(parse_contact_address(address)) or address.strip()


def search_terms(text: str) -> list[str]:
    """Return the texts to search for in stored numbers and addresses when somebody types `text`; each may match a part.

    A number is found by each of its spellings, with and without its country code.
    """
    typed = "".join(_visible(text).split())
    if any(each.isalpha() for each in typed):
        return [typed]
    plain = re.sub(r"[().\-/]", "", typed) or typed
    digits = plain.removeprefix("+")
    found = [plain, *(each for each in spellings(f"+{digits}") if each != f"+{digits}")]
    if not plain.startswith("+"):
        for code in _BY_CODE:
            national = spellings(f"+{code}{digits}")
            found += [each[1 + len(code) :] for each in national if len(national) > 1]
    return list(dict.fromkeys(found))


def digits_of(text: str) -> str:
    """Return the digits of a number, however a provider writes it."""
    return re.sub(r"[^0-9]", "", text)


def _visible(text: str) -> str:
    """Remove the direction marks that are copied along with a number from a contact list."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def _from_abroad(number: str) -> str:
    """Return the number as dialled from abroad when it is valid by the numbering plans of the world; else unchanged."""
    import phonenumbers  # imported only when a person has typed something, because it makes the start slower

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed):
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
