"""Which spellings are one telephone, over the whole table and beyond it; and what is typed."""

import random
import re
import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text.phone_numbers import (
    RULES,
    canonical,
    comparison_key,
    parse_contact_address,
    parse_number,
    search_terms,
    spellings,
)

# The number as it is dialled, and the other way in which it is written.
TABLE = [
    ("+5511987650001", "+551187650001"),  # São Paulo
    ("+5531971234567", "+553171234567"),
    ("+5584991234567", "+558491234567"),
    ("+525512340002", "+5215512340002"),  # Mexico City
    ("+526561234567", "+5216561234567"),
    ("+5491166773399", "+541166773399"),  # Buenos Aires
    ("+5493515123456", "+543515123456"),
    ("+2250143215478", "+22543215478"),  # Moov
    ("+2250546123456", "+22546123456"),  # MTN
    ("+2250709123456", "+22509123456"),  # Orange
    ("+2290197123456", "+22997123456"),
]
ALONE = [
    "+551132123456",  # a house in São Paulo: no ninth digit
    "+5511912345678",  # 1234-5678 would be a house's: the 9 was always there
    "+5508001234567", "+558001234567890",
    "+52155123400",  # too short for Mexico
    "+549116677339", "+54966773399123",
    "+22518139912",  # no mobile number began with 1
    "+2250212345678",
    "+229123456",
    "+15550100111", "+40721234567", "+447911123456", "+393123456789", "+6281160123", "+919885842349",
    "4711@lid", "US.13491208655302741918", "ana@example.com", "", "+", "+55", "+52",
]  # fmt: skip


@pytest.mark.parametrize(("dialled", "other"), TABLE)
def test_both_spellings_are_one_number(dialled, other):
    assert canonical(dialled) == canonical(other) == dialled
    assert spellings(dialled) == spellings(other) == (dialled, other)


@pytest.mark.parametrize("number", ALONE)
def test_what_has_one_spelling_stays_as_it_is(number):
    assert canonical(number) == number
    assert number in spellings(number)


def test_the_table_covers_every_rule_and_its_canonical_numbers_are_valid():
    assert {rule.code for rule in RULES} == {"55", "52", "54", "225", "229"}
    for dialled, _ in TABLE:
        assert phonenumbers.is_valid_number(phonenumbers.parse(dialled)), dialled
    found = {rule for rule in RULES for _, other in TABLE if rule.other.fullmatch(other, 1 + len(rule.code))}
    assert found >= set(RULES)


@st.composite
def numbers(draw):
    """A number in a spelling that a rule knows, or any other one of that country."""
    rule = draw(st.sampled_from(RULES))
    pattern = draw(st.sampled_from([rule.other, rule.dialled, re.compile(r"[0-9]{6,11}")]))
    return f"+{rule.code}{draw(st.from_regex(pattern, fullmatch=True))}"


@given(numbers())
def test_every_spelling_of_a_number_has_one_canonical_value(number):
    known = canonical(number)

    assert canonical(known) == known
    for spelling in spellings(number):
        assert canonical(spelling) == known
        assert spellings(spelling) == spellings(number)


@given(numbers(), numbers())
def test_numbers_of_two_people_do_not_collide(one, two):
    if canonical(one) == canonical(two):
        assert spellings(one) == spellings(two)
        assert len({one, two} - set(spellings(one))) <= 2  # Mexico's 044 and 045 are typed, and nobody's id
    else:
        assert not set(spellings(one)) & set(spellings(two))


def test_no_valid_number_of_the_world_becomes_that_of_somebody_else():
    """Every example of the world's plans, and numbers beside it: two different valid ones stay two."""
    chance = random.Random(11)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        seen = {}
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            whole = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            for _ in range(40):
                number = whole[:-4] + f"{chance.randrange(10_000):04}"
                if phonenumbers.is_valid_number(phonenumbers.parse(number)):
                    seen.setdefault(canonical(number), set()).add(number)
        for found in seen.values():
            # Argentina's ten digits are one line, called with the 9 or not.
            assert len(found) == 1 or (region == "AR" and found == set(spellings(min(found)))), found


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+5511987650010", "+5511987650010"),
        ("551187650010", "+551187650010"),
        ("whatsapp:+5215512340002", "+5215512340002"),
        ("tel:+1-415-555-0142", "+14155550142"),
        ("\u202a+55 11 98765‑0001\u202c", "+5511987650001"),  # as copied from a list of contacts
        ("+55\u00a011\u00a098765-0001", "+5511987650001"),
        ("00 40 721 234 567", "+40721234567"),
        ("+40 (0)721 234 567", "+40721234567"),
        ("+44 (0)7911 123456", "+447911123456"),
        ("+55 0 15 11 98765 0001", "+5511987650001"),  # with a carrier
        ("+52 044 55 1234 0002", "+525512340002"),
        ("+54 11 15 6677 3399", "+5491166773399"),
        ("+39 06 1234567", "+39061234567"),
        ("+15550100111", "+15550100111"),  # fictitious
        ("٠٠٤٠٧٢١٢٣٤٥٦٧", "+40721234567"),
        ("1-800-FLOWERS", ""),
        ("+1 415 555 0142 ext. 5", ""),
        ("12", ""),
        ("+1234567890123456", ""),
        ("", ""),
        ("+", ""),
        ("Ana", ""),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_a_number_or_nothing(typed, number):
    assert parse_number(typed) == number


def test_an_address_is_a_number_or_an_e_mail():
    assert parse_contact_address(" Ana@Example.com ") == "ana@example.com"
    assert parse_contact_address("whatsapp:+5511987650010") == "+5511987650010"
    assert parse_contact_address("nobody") == ""
    assert comparison_key("+55 11 8765-0010") == comparison_key("whatsapp:+5511987650010") == "+5511987650010"
    assert comparison_key("US.1349") == "US.1349"


@pytest.mark.parametrize(("dialled", "other"), TABLE)
def test_a_search_by_any_spelling_finds_the_other(dialled, other):
    code = next(rule.code for rule in RULES if dialled[1:].startswith(rule.code))
    for asked in (dialled, other, dialled[1:], other[1:], dialled[1 + len(code) :], other[1 + len(code) :]):
        assert all(any(part in kept for part in search_terms(asked)) for kept in (dialled, other)), (
            asked,
            search_terms(asked),
        )


def test_a_search_for_a_part_stays_a_part():
    assert search_terms("010 01") == ["01001"]
    assert search_terms("ana@example") == ["ana@example"]


def test_the_plans_of_the_world_are_not_read_to_compare_numbers():
    code = (
        "import sys; from common.text import phone_numbers;"
        "phone_numbers.canonical('+551187650001'); print('phonenumbers' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
