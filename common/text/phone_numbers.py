"""Numbers of telephones: which spellings are one telephone, and what a person means who types one.

WhatsApp names an account by a number, and that number is not always the one that is dialled: an account keeps the
spelling with which it was registered, and a country changes its numbers meanwhile. Numbers are compared here and
nowhere else. Messages go to the spelling that the provider uses, which is kept beside the canonical one.

RULES names the countries where the rule is known and certain: each other spelling belongs to one dialled number and
to no second one. What it does not know is left as it is, and there the provider's own answer says who is who
(`wa_id`, `jid`: see messaging.services.contacts.learn_address).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

E164_DIGITS = range(7, 16)
_TYPED = re.compile(r"\+?[0-9\s()./\u2010-\u2015-]+")


@dataclass(frozen=True)
class Rule:
    """One way in which numbers of a country have a second spelling; all patterns are of what follows the code."""

    country: str
    code: str
    other: re.Pattern[str]  # the other spelling
    dialled_as: str  # what is dialled for it
    dialled: re.Pattern[str]  # a dialled number that may have it
    written_as: str  # the other spelling of that number


def _digits(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


RULES = (
    # Brazil: since 2012 to 2016 (by area) a mobile number has a 9 before its eight digits; accounts that are older
    # have none. Mobile numbers of eight digits began with 6 to 9, those of houses begin with 2 to 5 and have no 9.
    # chatwoot/chatwoot 5840, 6222, 13986; nyaruka/courier 433; devlikeapro/waha 238, 1261; Evolution API's createJid
    # drops the 9. (Trunked radio of eight digits that began with 7 lived beside them until 2018.)
    Rule(
        "BR", "55", _digits(r"([1-9][1-9])([6-9]\d{7})"), r"\g<1>9\g<2>",
        _digits(r"([1-9][1-9])9([6-9]\d{7})"), r"\g<1>\g<2>",
    ),
    # Mexico: until August 2019 mobile numbers were dialled with a 1 (from within the country with 044 or 045), which
    # WhatsApp keeps. An area begins with 2 to 9. chatwoot/chatwoot 14048, 14174, 14926; code-chat-br/whatsapp-api
    # 107; daviddrysdale/python-phonenumbers 306; mgp25/Chat-API 538; Evolution API's createJid drops the 1.
    Rule("MX", "52", _digits(r"(?:1|04[45])([2-9]\d{9})"), r"\g<1>", _digits(r"([2-9]\d{9})"), r"1\g<1>"),
    # Argentina: from abroad a mobile number is called with a 9 before its area, and written to without; the ten
    # digits are the same and belong to one line. An area begins with 1 to 3. google/libphonenumber 684; floere/phony
    # 310; AfterShip/phone 125, 253; devlikeapro/waha 2260; Evolution API's createJid drops the 9.
    Rule("AR", "54", _digits(r"([1-3]\d{9})"), r"9\g<1>", _digits(r"9([1-3]\d{9})"), r"\g<1>"),
    # Ivory Coast: on 31 January 2021 the eight digits of a mobile number got two more before them, by the operator,
    # whom the second digit tells. Accounts that are older kept the eight. devlikeapro/waha 1894; floere/phony 478.
    Rule("CI", "225", _digits(r"([04-9][0-3]\d{6})"), r"01\g<1>", _digits(r"01([04-9][0-3]\d{6})"), r"\g<1>"),
    Rule("CI", "225", _digits(r"([04-9][4-6]\d{6})"), r"05\g<1>", _digits(r"05([04-9][4-6]\d{6})"), r"\g<1>"),
    Rule("CI", "225", _digits(r"([04-9][7-9]\d{6})"), r"07\g<1>", _digits(r"07([04-9][7-9]\d{6})"), r"\g<1>"),
    # Benin: on 30 November 2024 all numbers of eight digits got 01 before them. mobi/telephone_number 138.
    Rule("BJ", "229", _digits(r"([2-9]\d{7})"), r"01\g<1>", _digits(r"01([2-9]\d{7})"), r"\g<1>"),
)  # fmt: skip
_BY_CODE = {code: tuple(rule for rule in RULES if rule.code == code) for code in {rule.code for rule in RULES}}


def canonical(number: str) -> str:
    """The one spelling of a number (+digits) by which numbers are compared: as it is dialled from abroad today.

    What is no number, or of a country without a rule, comes back as it is.
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
    """All spellings that one number (+digits) may have on WhatsApp, the canonical one first."""
    known = canonical(number)
    if known[:1] == "+":
        for code in (known[1:3], known[1:4]):
            for rule in _BY_CODE.get(code, ()):
                found = rule.dialled.fullmatch(known, 1 + len(code))
                if found is not None:
                    return (known, f"+{code}{found.expand(rule.written_as)}")
    return (known,)


def read_number(text: str) -> str:
    """The number that a person has typed, as +digits in the spelling typed; "" when it is none.

    Digits alone count as a whole number, as WhatsApp writes its ids. What is only for calls within the country, such
    as +40 (0)721 or Argentina's 15, is taken out.
    """
    text = "".join(str(int(each)) if each.isdecimal() else each for each in _visible(text))
    text = text.strip().lower().removeprefix("whatsapp:").removeprefix("tel:").strip()
    if not _TYPED.fullmatch(text):
        return ""  # letters: a name, an extension
    digits = digits_of(text.replace("(0)", ""))
    if digits.startswith("00"):
        digits = digits[2:]
    number = _from_abroad(f"+{digits}")
    # What WhatsApp never writes, such as Mexico's 044, becomes what is dialled.
    known = spellings(number)
    number = number if number in known else known[0]
    return number if len(number) - 1 in E164_DIGITS else ""


def read_address(text: str) -> str:
    """An address as contacts have it: an e-mail in lower case, or a number as +digits; "" when it is neither."""
    plain = _visible(text).strip().lower().removeprefix("whatsapp:")
    return plain if "@" in plain else read_number(plain)


def key_of(address: str) -> str:
    """What two addresses that a person has typed are compared by: the same for each spelling of a number."""
    return canonical(read_address(address)) or address.strip()


def sought(text: str) -> list[str]:
    """The texts to look for in kept numbers and addresses when somebody searches for `text`, each as a part.

    A number is found by each of its spellings, with and without the code of its country.
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
    """The digits of a number, however a wire writes it."""
    return re.sub(r"[^0-9]", "", text)


def _visible(text: str) -> str:
    """Without the marks of direction that come along when a number is copied from a list of contacts."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def _from_abroad(number: str) -> str:
    """The number as it is dialled from abroad, where the world's plans tell that it is one; else as it is."""
    import phonenumbers  # only where a person has typed something: it is not needed to start

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed):
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
