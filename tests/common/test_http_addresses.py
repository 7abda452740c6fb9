"""Whom the HTTP client calls: addresses checked at connect, TLS by name."""

import datetime as dt
import ipaddress
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.http.addresses import is_public
from common.http.client import Client, ForbiddenAddress, NotSent
from tests.support.sockets import OK, redirect, say, serving, url


def test_a_hop_to_a_private_address_is_refused():
    http_client = Client(False, ["127.0.0.1"])
    with serving(say(OK)) as inner, serving(say(redirect(url(inner, host="127.0.0.2")))) as server:
        assert http_client.request("GET", url(server)).status == 302
        with pytest.raises(ForbiddenAddress):
            http_client.request("GET", url(server), follow=3)

    assert (len(server.seen), inner.seen) == (2, [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"]
)
def test_a_private_address_is_refused_before_a_byte_goes_out(host):
    with serving(say(OK)) as server, pytest.raises(ForbiddenAddress):
        Client(allow_private=False).request("GET", url(server, host=host))

    assert server.links == []


def test_a_name_with_one_private_address_is_refused():
    http_client = Client(False, resolver=lambda host, port: ["8.8.8.8", "127.0.0.1"])
    with pytest.raises(ForbiddenAddress):
        http_client.request("GET", "http://rebind.example/")


def test_the_checked_address_is_the_one_that_is_called():
    asked = []

    def resolver(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    with serving(say(OK)) as server:
        http_client = Client(False, ["desk.example"], resolver=resolver)
        assert http_client.request("GET", url(server, host="desk.example")).status == 200
        assert http_client.request("GET", url(server, host="DESK.example.")).status == 200
        with pytest.raises(ForbiddenAddress):
            http_client.request("GET", url(server, host="other.example"))

    assert asked == ["desk.example", "desk.example", "other.example"]
    assert f"host: desk.example:{server.port}" in server.seen[0].lower()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True), ("2606:4700:4700::1111", True), ("10.0.0.1", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False),
        ("255.255.255.255", False), ("224.0.0.1", False), ("::", False), ("::1", False), ("fe80::1%eth0", False),
        ("fc00::1", False), ("ff02::1", False), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True), ("2002:7f00:1::", False), ("::127.0.0.1", False),
    ],
)  # fmt: skip
def test_global_addresses(address, expected):
    assert is_public(address) is expected


@pytest.mark.parametrize(
    "address",
    [
        "ftp://files.example/",
        "file:///etc/passwd",
        "http://",
        "https://user:pass@shop.example/",
        "//x",
        "",
        "http://x:99999/",
    ],
)
def test_odd_addresses_are_not_called(address):
    with pytest.raises(NotSent):
        Client(allow_private=True, resolver=lambda host, port: pytest.fail("was looked up")).request("GET", address)


def certificate(folder, *names):
    """A self-signed certificate; returns the server's and the client's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


def test_tls_is_checked_for_the_name_and_not_for_the_address(tmp_path):
    server_tls, client_tls = certificate(tmp_path, "desk.example")
    asked = []
    server_tls.sni_callback = lambda link, name, context: asked.append(name)
    with serving(say(OK), tls=server_tls) as server:
        http_client = Client(True, tls=client_tls, resolver=lambda host, port: ["127.0.0.1"])
        assert http_client.request("GET", f"https://desk.example:{server.port}/").status == 200
        with pytest.raises(NotSent):
            http_client.request("POST", f"https://evil.example:{server.port}/", json={})
        with pytest.raises(NotSent):
            Client(True, resolver=lambda host, port: ["127.0.0.1"]).request(
                "GET", f"https://desk.example:{server.port}/"
            )

    assert asked == ["desk.example", "evil.example", "desk.example"]
    assert len(server.seen) == 1


def test_a_tls_handshake_that_hangs_is_surely_not_sent(http_client):
    # Without a deadline this would never end.
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(NotSent):
        http_client.request("POST", f"https://127.0.0.1:{deaf.getsockname()[1]}/", json={}, timeout=0.5)


def test_the_second_address_is_tried_when_the_first_refuses():
    with serving(say(OK)) as server:
        http_client = Client(True, resolver=lambda host, port: ["127.0.0.9", str(ipaddress.ip_address("127.0.0.1"))])
        assert http_client.request("GET", url(server, host="desk.example")).status == 200


def chain(folder, *, names=("desk.example",), days=(-1, 1), by_known=True):
    """A server's certificate of an authority that the client knows, or of another one; both contexts."""
    now = dt.datetime.now(dt.UTC)

    def make(common_name, key, issuer, signer, *, is_authority, days=(-2, 2), names=()):
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=days[0]))
            .not_valid_after(now + dt.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        return built.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    known, other, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    authority = make("authority", known, "authority", known, is_authority=True)
    leaf = make("leaf", own, "authority", known if by_known else other, is_authority=False, days=days, names=names)
    private = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "leaf.pem").write_bytes(private + leaf)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "leaf.pem")
    return server, ssl.create_default_context(cadata=authority.decode())


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"days": (-3, -1)}, "certificate has expired"),
        ({"days": (1, 3)}, "certificate is not yet valid"),
        ({"names": ("other.example",)}, "Hostname mismatch"),
        ({"names": ("*.desk.example",)}, "Hostname mismatch"),
        ({"names": ("desk.example.other.example",)}, "Hostname mismatch"),
        ({"names": ()}, "Hostname mismatch"),
        ({"by_known": False}, "certificate"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_with_its_reason(tmp_path, made, reason):
    server_tls, client_tls = chain(tmp_path, **made)
    with serving(say(OK), tls=server_tls) as server:
        http_client = Client(True, tls=client_tls, resolver=lambda host, port: ["127.0.0.1"])
        with pytest.raises(NotSent, match=f"the certificate was refused: .*{reason}"):
            http_client.request("POST", f"https://desk.example:{server.port}/", json={"secret": "x"})

    assert server.seen == []


def test_a_right_certificate_is_taken(tmp_path):
    server_tls, client_tls = chain(tmp_path)
    with serving(say(OK), tls=server_tls) as server:
        http_client = Client(True, tls=client_tls, resolver=lambda host, port: ["127.0.0.1"])
        assert http_client.request("GET", f"https://desk.example:{server.port}/").status == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_without_tls_and_an_old_one_are_refused(tmp_path):
    server_tls, client_tls = chain(tmp_path)
    server_tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    server_tls.maximum_version = ssl.TLSVersion.TLSv1_1
    server_tls.set_ciphers("ALL:@SECLEVEL=0")
    for tls in (None, server_tls):
        with serving(say(OK), tls=tls) as server:
            http_client = Client(True, tls=client_tls, resolver=lambda host, port: ["127.0.0.1"])
            with pytest.raises(NotSent):
                http_client.request("POST", f"https://desk.example:{server.port}/", json={"secret": "x"}, timeout=2)
        assert not any("secret" in request for request in server.seen)
