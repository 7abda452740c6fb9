"""Several questions in one message, answered in one line."""

from __future__ import annotations

import pytest

from approvals.models import Approver
from tests.approvals.conftest import status, steps


def test_many_waiting_ones_are_one_digest_answered_in_one_line(submit, phone):
    rows = [submit(f"Post {number}") for number in range(1, 5)]

    (digest,) = phone.see()

    assert digest.text.startswith("4 decisions wait for you:\n\n1. #")
    assert "\n4. #" in digest.text
    phone.say("1,3 yes 2 no")
    phone.say("skip 4")
    assert [status(row) for row in rows] == ["approved", "rejected", "approved", "pending"]
    assert "skipped" in steps(rows[3])


@pytest.mark.parametrize(("text", "expected"), [("ALL", "approved"), ("all no", "rejected"), ("todos sim", "approved")])
def test_all_lines_at_once(submit, phone, owner, text, expected):
    Approver.objects.filter(pk=owner.pk).update(language="pt")
    rows = [submit(f"Post {number}") for number in range(3)]
    phone.see()

    phone.say(text)

    assert [status(row) for row in rows] == [expected] * 3


def test_a_line_that_is_shortened_is_read_before_it_is_decided(submit, phone):
    rows = [submit("Short"), submit("Long", body="word " * 100), submit("Third")]
    phone.see()

    answers = phone.say("ALL")

    assert [status(row) for row in rows] == ["approved", "pending", "approved"]
    assert any(text.startswith("Please read #") for text in answers)
    phone.say("yes")
    assert status(rows[1]) == "approved"


def test_one_bad_word_in_a_line_decides_nothing(submit, phone):
    rows = [submit(f"Post {number}") for number in range(3)]
    phone.see()

    for text in ("1 yes 2 perhaps", "1 yes 7 no", "1 2", "1 yes and 1 no"):
        phone.say(text)

    assert [status(row) for row in rows] == ["pending"] * 3


def test_a_line_of_a_digest_is_edited(submit, phone):
    rows = [submit(f"Post {number}", body="b") for number in range(3)]
    phone.see()

    answers = phone.say("1,3 yes 2 edit: new text")

    assert [status(row) for row in rows] == ["approved", "pending", "approved"]
    assert any("Your new text" in text for text in answers)
    phone.say("yes")
    rows[1].refresh_from_db()
    assert rows[1].decided_body == "new text"


def test_an_answer_that_crosses_a_new_list_asks_which(submit, phone):
    first = [submit(f"Post {number}") for number in range(3)]
    phone.see()
    second = [submit(f"Later {number}") for number in range(3)]
    old, new = phone.see()

    (which,) = phone.say("ALL")

    assert which.startswith("Which one? Nothing was decided.")
    assert {status(row) for row in [*first, *second]} == {"pending"}
    phone.say("ALL", to=old)
    assert [status(row) for row in first] == ["approved"] * 3
    phone.say("2 no", to=new)
    assert [status(row) for row in second] == ["pending", "rejected", "pending"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-3 yes", "aaapp"),
        ("2 - 4 no, 1 yes", "arrrp"),
        ("5-2 yes", "ppppp"),
        ("No. 3", "ppppp"),
        ("1-9 yes", "ppppp"),
    ],
)  # fmt: skip
def test_a_range_means_all_lines_between_and_doubt_means_none(submit, phone, text, expected):
    rows = [submit(f"Post {number}") for number in range(5)]
    phone.see()

    phone.say(text)

    assert "".join(status(row)[0] for row in rows) == expected


def test_all_lines_of_a_list_that_is_over_are_said_to_be(submit, phone, partners_phone):
    rows = [submit(f"Post {number}", approvers=["owner", "partner"]) for number in range(3)]
    phone.see(), partners_phone.see()
    partners_phone.say("all no")

    (told,) = phone.say("ALL")

    assert told.count("was decided already (rejected, partner)") == 3
    assert {status(row) for row in rows} == {"rejected"}
