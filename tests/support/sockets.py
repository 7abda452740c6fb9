"""Servers that answer as they should not, on real sockets."""

import socket
import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Reply: Yes\r\n\r\nok"


class Listener(ThreadingHTTPServer):
    """An HTTP server of a test that many clients may connect to at once."""

    daemon_threads = True
    request_queue_size = 128  # with the usual 5 a slow machine drops the next client, who tries again after 1 to 3 s


def read_request(link):
    """Read one request with its body; "" when the peer is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = link.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l")), 0
    )
    while len(body) < length:
        body += link.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(answer, *, host="127.0.0.1", tls=None):
    """A server that hands each request to `answer(link, request)`; yields its port, requests and connections."""
    listener = socket.create_server((host, 0))
    seen, links = [], []

    def serve(link):
        try:
            with link if tls is None else tls.wrap_socket(link, server_side=True) as wrapped:
                while request := read_request(wrapped):
                    seen.append(request.decode("latin-1"))
                    if answer(wrapped, request) is False:
                        return
        except OSError:
            return

    def accept():
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            links.append(link)
            threading.Thread(target=serve, args=(link,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield type("Server", (), {"port": listener.getsockname()[1], "seen": seen, "links": links})
    finally:
        listener.close()


def say(data):
    return lambda link, _request: link.sendall(data)


def url(server, path="/", host="127.0.0.1"):
    return f"http://{host}:{server.port}{path}"


def redirect(target, status=302):
    return f"HTTP/1.1 {status} Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
