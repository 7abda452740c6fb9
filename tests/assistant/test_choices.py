"""Choices on the wires: buttons where there are any, numbered lines elsewhere, and each press answers its question."""

import pytest

from assistant.models import KnowledgeEntry, Turn
from assistant.services.answers import choice_buttons
from messaging.providers.base import Kind


@pytest.fixture
def written(clinic):
    KnowledgeEntry.objects.filter(tenant=clinic).delete()
    for title, keywords in (("Parking", "park car"), ("Payment", "pay card")):
        KnowledgeEntry.objects.create(tenant=clinic, title=title, keywords=keywords, content=f"About {title}.")
    return clinic


def test_meta_shows_buttons_and_a_press_is_understood(written, wire, say, drain, sim, outbox):
    channel = wire(written, "meta")
    say("parking or payment?", to=channel)
    drain()

    shown = sim.sends("meta")[-1]["raw"]["interactive"]["action"]["buttons"]
    assert [button["reply"]["title"] for button in shown] == ["Parking", "Payment", "A person, please"]
    say("Payment", to=channel, kind=Kind.BUTTON, data={"payload": shown[1]["reply"]["id"]})
    drain()

    assert outbox()[-1] == "About Payment."


def test_evolution_shows_numbered_lines_and_a_number_is_understood(written, wire, say, drain, sim, outbox):
    channel = wire(written, "evolution")
    say("parking or payment?", to=channel)
    drain()

    def question():
        # The second message of a first answer waits for its turn on this wire.
        drain()
        return [sent["text"] for sent in sim.sends("evolution") if sent["text"].startswith("Do you mean")]

    assert sim.wait(question)[0].endswith("1. Parking\n2. Payment\n3. A person, please")
    say("2", to=channel)
    drain()

    assert outbox()[-1] == "About Payment."


def test_titles_that_look_the_same_when_cut_are_numbered():
    long = "Opening hours of the house"
    choices = [{"title": f"{long} {name}", "means": "x"} for name in ("A", "B")] + [{"title": "No", "means": "nothing"}]

    titles = [button["title"] for button in choice_buttons(Turn(pk=7), choices)["buttons"]]

    assert titles == [f"1. {long} A", f"2. {long} B", "No"]
