"""What the assistant knows, kept by programs."""

import pytest

from assistant.models import KnowledgeEntry
from tenants.models import AuditEntry
from tests.support.api import ApiCaller

ENTRY = {"title": "Parking", "content": "Behind the house.", "keywords": "car park"}


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


def test_an_entry_is_written_changed_and_removed(api):
    made = api.post("knowledge", ENTRY, **{"Idempotency-Key": "k"})
    again = api.post("knowledge", ENTRY, **{"Idempotency-Key": "k"})
    path = f"knowledge/{made.json()['id']}"

    assert (made.status_code, again.status_code) == (201, 200)
    assert api.post("knowledge", ENTRY).status_code == 409
    assert api.patch(path, {"is_active": False}).json()["is_active"] is False
    assert [row["title"] for row in api.get("knowledge", is_active="false").json()["results"]] == ["Parking"]
    assert api.delete(path).status_code == 204
    assert not KnowledgeEntry.objects.filter(title="Parking").exists()
    actions = ["knowledge_written", "knowledge_changed", "knowledge_deleted"]
    assert (
        list(AuditEntry.objects.filter(action__in=actions).order_by("pk").values_list("action", flat=True)) == actions
    )


@pytest.mark.parametrize(
    "body",
    [{"title": ""}, {"content": " "}, {"content": 5}, {"is_active": "yes"}, {"title": "x" * 201}, {"language": "?"}],
)
def test_what_is_no_entry_is_told(api, body):
    before = KnowledgeEntry.objects.count()

    answer = api.post("knowledge", ENTRY | body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(body)))
    assert KnowledgeEntry.objects.count() == before
