"""Texts of 65,000 characters in the transcript: their beginning, and the whole when somebody asks for it."""

import re

import pytest
from django.utils import timezone

from common.text.plain import split_text
from messaging.models import MediaFile, Message, Note
from tests.support.backoffice import write

LONG = {
    "one word": "A" * 65_000,
    "marks": "e\u0301" * 32_000,
    "directions": "\u202ea\u202d" * 20_000,
    "lines": "b\n" * 32_000,
    "html": "<script>alert(1)</script>" * 2_600,
}


@pytest.fixture
def base(session):
    return f"/admin/messaging/conversation/{session.pk}/"


def opened(client, html):
    """What the buttons of the page open, as the text that a person sees."""
    texts = []
    for address in re.findall(r'data-open="([^"]*/whole/[^"]*)"', html):
        answer = client.get(address)
        assert answer.status_code == 200
        texts.append(answer.content.decode())
    return texts


@pytest.mark.parametrize("name", LONG)
def test_the_beginning_is_shown_and_the_whole_is_one_press_away(manager, session, base, name):
    write(session, LONG[name])

    html = manager.get(f"{base}change/").content.decode()

    assert len(html) < 90_000
    assert "Show all" in html
    [whole] = opened(manager, html)
    shown = "".join(re.findall(r'<div class="fd-text">(.*?)</div>', whole, re.DOTALL))
    assert shown.replace("&lt;", "<").replace("&gt;", ">") == LONG[name]
    assert "<script>" not in whole
    assert max(map(len, re.findall(r'<div class="fd-text">(.*?)</div>', whole, re.DOTALL))) <= 1000 * 4


def test_every_long_text_of_a_line_is_cut(manager, clinic, session, base):
    message = write(session, "A" * 9_000)
    Message.objects.filter(pk=message.pk).update(
        edited_at=timezone.now(), data={"first_text": "B" * 9_000}, kind="voice"
    )
    MediaFile.objects.create(tenant=clinic, message=message, transcript="C" * 9_000, mime_type="audio/ogg")
    Note.objects.create(tenant=clinic, conversation=session, author="maria", text="D" * 9_000)
    place = write(session, "")
    Message.objects.filter(pk=place.pk).update(
        kind="location", data={"location": {"name": "E" * 9_000, "address": "F" * 9_000, "latitude": 1, "longitude": 2}}
    )
    cards = write(session, "")
    names = [{"name": {"formatted_name": "G" * 9_000}}] * 500
    Message.objects.filter(pk=cards.pk).update(kind="contacts", data={"contacts": names})

    html = manager.get(f"{base}change/").content.decode()

    longest = {letter: max(map(len, re.findall(f"{letter}+", html))) for letter in "ABCDEFG"}
    assert longest == {"A": 3000, "B": 3000, "C": 3000, "D": 3000, "E": 199, "F": 299, "G": 199}
    assert html.count("G" * 199) == 20
    wholes = opened(manager, html)
    assert sorted(whole.count(letter) for whole, letter in zip(wholes, "CABD", strict=False)) == [9_000] * 4


def test_a_short_text_is_shown_whole(manager, session, base):
    write(session, "x" * 3000)

    assert "Show all" not in manager.get(f"{base}change/").content.decode()


def test_the_whole_is_of_this_session_alone(manager, clinic, salon, session, base, make_channel):
    from tests.support.backoffice import make_session

    theirs = write(make_session(make_channel(salon, "twilio"), "+15550100177"), "secret" * 1000)
    mine = write(session, "A" * 9_000)

    assert manager.get(f"{base}whole/text/{theirs.pk}/").status_code == 404
    assert manager.get(f"{base}whole/data/{mine.pk}/").status_code == 404
    assert manager.get(f"{base}whole/note/{mine.pk}/").status_code == 404
    assert manager.get(f"{base}whole/text/{mine.pk}/").status_code == 200
    assert manager.post(f"{base}whole/text/{mine.pk}/").status_code == 404


def test_the_page_of_a_message_shows_its_text_in_pieces(manager, session):
    message = write(session, "A" * 65_000)

    html = manager.get(f"/admin/messaging/message/{message.pk}/change/").content.decode()

    assert max(map(len, re.findall("A+", html))) == 1000
    assert html.count("A" * 1000) == 65


@pytest.mark.parametrize("text", ["", "a", "a" * 1000, "a" * 1001, "a b " * 999, "\n" * 5000, *LONG.values()])
def test_pieces_are_the_text(text):
    found = split_text(text)

    assert "".join(found) == text
    assert max(map(len, found)) <= 1000
