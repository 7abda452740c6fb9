"""Addresses out of webhook bodies: the provider's own server alone may be private, of it the paths of files alone."""

import pytest

from common.http.client import ForbiddenAddress
from messaging.models import MediaFile
from messaging.providers import PROVIDERS
from messaging.services.media import fetch_media
from messaging.services.outgoing import Guarded
from tests.support.sockets import OK, redirect, say, serving, url


@pytest.fixture(autouse=True)
def _nothing_private_is_allowed(settings):
    settings.OUTBOUND_ALLOWED_HOSTS = []


def test_the_servers_files_may_be_private_and_nothing_else_on_it():
    with serving(say(OK)) as server:
        http = Guarded(url(server, "/api"), ("/files/",))
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
        Guarded(url(server), ("/files/",)).request("GET", url(server, "/files/1"), follow=3)

    assert (len(server.seen), inner.seen) == (1, [])


def test_a_redirect_of_the_server_to_another_path_of_itself_is_refused():
    def answer(link, request):
        link.sendall(redirect("/logs") if b"/files/" in request else OK)

    with serving(answer) as server, pytest.raises(ForbiddenAddress):
        Guarded(url(server), ("/files/",)).request("GET", url(server, "/files/1"), follow=3)

    assert len(server.seen) == 1


def test_a_redirect_within_the_files_is_followed():
    def answer(link, request):
        link.sendall(redirect("/files/2") if b"/files/1" in request else OK)

    with serving(answer) as server:
        assert Guarded(url(server), ("/files/",)).request("GET", url(server, "/files/1"), follow=3).content == b"ok"

    assert len(server.seen) == 2


def test_a_stranger_that_redirects_to_the_files_of_the_server_gets_no_further_than_they():
    # The first address is public in its table and leads nowhere here: what counts is that each hop is asked about.
    asked = []

    class Noting(Guarded):
        def _client_for(self, address):
            asked.append(address)
            return super()._client_for(address)

    with serving(say(redirect("http://169.254.169.254/latest"))) as server, pytest.raises(ForbiddenAddress):
        Noting(url(server), ("/",)).request("GET", url(server, "/files/1"), follow=3)

    assert asked == [url(server, "/files/1"), "http://169.254.169.254/latest"]


@pytest.mark.parametrize("path", ["/log", "/manager", "/instance/fetchInstances", "/chat/../log", "/"])
def test_a_body_signed_by_the_tenant_reads_nothing_else_on_the_operators_server(clinic, make_channel, session, path):
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


def test_only_the_wires_whose_base_is_the_installations_open_all_of_it():
    assert {name: provider.file_paths for name, provider in PROVIDERS.items()} == {
        "meta": ("/",), "dialog360": ("/",), "twilio": ("/",), "evolution": ("/chat/",), "imessage": (),
    }  # fmt: skip
