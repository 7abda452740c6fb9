"""URLs of files in webhook bodies: a private address is allowed only for file paths of the provider's own server."""

import pytest

from common.http.client import ForbiddenAddress
from messaging.models import MediaFile
from messaging.providers import PROVIDERS
from messaging.services.media import fetch_media
from messaging.services.outgoing import UntrustedUrlHttp
from tests.support.sockets import OK, redirect, say, serving, url


@pytest.fixture(autouse=True)
def _nothing_private_is_allowed(settings):
    settings.OUTBOUND_ALLOWED_HOSTS = []


def test_only_the_file_paths_of_the_providers_server_may_be_private():
    with serving(say(OK)) as server:
        http = UntrustedUrlHttp(url(server, "/api"), ("/files/",))
        assert http.request("GET", url(server, "/api/files/1")).status == 200
        for path in (
            "/api/", "/api/filesx", "/files/1", "/api/files/../logs", "/api/files/%2e%2e/logs", "/api/files/..%2flogs",
            "/api/files/\\..\\logs", "/API/files/1", "//api/files/1", "/api//files/1",
        ):  # fmt: skip
            with pytest.raises(ForbiddenAddress):
                http.request("GET", url(server, path))

    assert len(server.seen) == 1


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.1"])
def test_a_redirect_of_the_server_to_another_private_address_is_refused(host):
    with (
        serving(say(OK), host=host) as inner,
        serving(say(redirect(url(inner, "/files/1", host=host)))) as server,
        pytest.raises(ForbiddenAddress),
    ):
        UntrustedUrlHttp(url(server), ("/files/",)).request("GET", url(server, "/files/1"), follow=3)

    assert (len(server.seen), inner.seen) == (1, [])


def test_a_redirect_of_the_server_to_another_path_of_itself_is_refused():
    def answer(link, request):
        link.sendall(redirect("/logs") if b"/files/" in request else OK)

    with serving(answer) as server, pytest.raises(ForbiddenAddress):
        UntrustedUrlHttp(url(server), ("/files/",)).request("GET", url(server, "/files/1"), follow=3)

    assert len(server.seen) == 1


def test_a_redirect_within_the_files_is_followed():
    def answer(link, request):
        link.sendall(redirect("/files/2") if b"/files/1" in request else OK)

    with serving(answer) as server:
        assert (
            UntrustedUrlHttp(url(server), ("/files/",)).request("GET", url(server, "/files/1"), follow=3).content
            == b"ok"
        )

    assert len(server.seen) == 2


def test_every_redirect_is_checked():
    # This client allows the server as the first address. The test checks that each further redirect is checked too.
    asked = []

    class Recording(UntrustedUrlHttp):
        def _client_for(self, address):
            asked.append(address)
            return super()._client_for(address)

    with serving(say(redirect("http://169.254.169.254/latest"))) as server, pytest.raises(ForbiddenAddress):
        Recording(url(server), ("/",)).request("GET", url(server, "/files/1"), follow=3)

    assert asked == [url(server, "/files/1"), "http://169.254.169.254/latest"]


@pytest.mark.parametrize("path", ["/log", "/manager", "/instance/fetchInstances", "/chat/../log", "/"])
def test_a_webhook_can_name_only_file_paths_on_the_operators_server(clinic, make_channel, session, path):
    with serving(say(OK)) as server:
        channel = make_channel(
            clinic, "evolution", external_id="private", credentials={"server_url": url(server), "api_key": "k"}
        )
        session.channel = channel
        message = session.messages.create(
            tenant=clinic, channel=channel, kind="image", direction="in", purpose="customer", sent_at=session.created_at
        )
        media = MediaFile.objects.create(tenant=clinic, message=message, url=url(server, path), mime_type="image/png")
        fetch_media(MediaFile.objects.claim(media.pk))

    media.refresh_from_db()
    assert not media.file
    assert [request for request in server.seen if "POST /chat/" not in request] == []


def test_only_base_urls_from_the_settings_have_all_paths_open():
    assert {name: provider.file_paths for name, provider in PROVIDERS.items()} == {
        "meta": ("/",), "dialog360": ("/",), "twilio": ("/",), "evolution": ("/chat/",), "imessage": (),
    }  # fmt: skip
