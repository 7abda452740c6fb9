"""What the offline assistant and the tool find in what is written down."""

import pytest

from assistant.models import KnowledgeEntry
from assistant.queries import load_knowledge

pytestmark = pytest.mark.both

ENTRIES = {
    "Opening hours": "open close hours when horario aberto",
    "Where we are": "address location where onde endereco",
    "Prices": "price cost how much preco quanto custa",
}


@pytest.fixture
def business(salon):
    for title, keywords in ENTRIES.items():
        KnowledgeEntry.objects.create(tenant=salon, title=title, keywords=keywords, content=f"About {title}.")
    return salon


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("When are you open?", ["Opening hours"]),
        ("Where are you?", ["Where we are"]),
        ("Onde vocês ficam? Qual o endereço?", ["Where we are"]),
        ("QUANTO CUSTA?", ["Prices"]),
        ("How are you?", []),
        ("Do you sell elephants?", []),
        ("", []),
        ("🙂", []),
    ],
)
def test_the_right_entry_is_found(text, titles, business):
    assert [entry.title for entry in load_knowledge(business).search(text)] == titles


def test_another_tenants_entries_are_never_found(business, clinic):
    assert "Prices" not in [entry.title for entry in load_knowledge(clinic).search("What does it cost?")]


def test_an_entry_switched_off_is_not_found(business):
    KnowledgeEntry.objects.filter(title="Prices").update(is_active=False)

    assert load_knowledge(business).search("What is the price?") == []
