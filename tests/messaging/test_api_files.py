"""The file of a message, by the API."""

import pytest
from django.core.files.base import ContentFile

from messaging.models import MediaFile
from tests.support.api import ApiCaller
from tests.support.backoffice import write


@pytest.fixture
def message(session, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    row = write(session, "", direction="in", purpose="customer", kind="document")
    media = MediaFile(tenant=session.tenant, message=row, mime_type="text/html", file_name="page.html", size=4)
    media.file.save("page.html", ContentFile(b"<hi>"), save=True)
    return row


def path_of(row):
    return f"sessions/{row.conversation_id}/messages/{row.pk}/file"


def test_a_file_is_served_as_a_download(message, clinic):
    answer = ApiCaller(clinic).get(path_of(message))

    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"<hi>")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["RateLimit-Remaining"]


def test_a_file_of_another_tenant_or_session_is_404(message, salon, clinic):
    assert ApiCaller(salon).get(path_of(message)).status_code == 404
    other = path_of(message).replace(f"sessions/{message.conversation_id}/", "sessions/999/")
    assert ApiCaller(clinic).get(other).status_code == 404


def test_a_file_that_is_not_stored_is_404_with_a_reason(message, clinic):
    MediaFile.objects.update(file="", state="queued")

    answer = ApiCaller(clinic).get(path_of(message))

    assert answer.status_code == 404
    assert "not stored" in answer.json()["detail"]
