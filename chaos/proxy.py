"""A TCP proxy that plays a network's faults: cut, refuse, hang, delay, half-open, and a cut during COMMIT."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CHUNK = 65_536
AFTER_TRIGGER_SECONDS = 0.05  # long enough for the other side to do what it was told before the cut
Upstream = tuple[str, int] | str  # host and port, or the path of a socket


@dataclass(eq=False)
class Link:
    """One connection and its two ends."""

    client: asyncio.StreamWriter
    where: Upstream = ""
    upstream: asyncio.StreamWriter | None = None
    is_dead: bool = False  # half-open: both ends believe that it lives, nothing passes
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def abort(self) -> None:
        """Reset both ends."""
        for end in (self.client, self.upstream):
            if end is not None:
                end.transport.abort()


class FaultProxy:
    """Listens on a loopback port and passes everything on, until it is told otherwise; runs in a thread of its own."""

    def __init__(self, *upstreams: Upstream) -> None:
        self.upstreams: Sequence[Upstream] = upstreams
        self.port = 0
        self.felt = 0  # connections refused, cut or held: the proof that a fault bit
        self.most_links = 0
        self._turn = 0
        self._links: set[Link] = set()
        self._refuses = False
        self._delay = 0.0
        self._trigger: tuple[bytes, int] = (b"", 0)
        self._loop = asyncio.new_event_loop()
        self._flow = asyncio.Event()
        self._flow.set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def start(self) -> FaultProxy:
        """Listen; returns itself."""
        self._thread.start()
        self._started.wait(10)
        return self

    def stop(self) -> None:
        """Close everything."""
        self._tell(self._close)
        self._thread.join(5)

    def cut(self) -> None:
        """Reset every connection there is; new ones pass."""
        self._tell(self._cut)

    def refuse(self, *, on: bool = True) -> None:
        """Reset what there is and what comes."""
        self._refuses = on
        if on:
            self._tell(self._cut)

    def hang(self, *, on: bool = True) -> None:
        """Swallow everything in both directions, as a network that drops packets does; what was held passes later."""
        self._tell(self._flow.clear if on else self._flow.set)

    def half_open(self) -> None:
        """The far end goes without a word; the near end keeps believing. New connections pass."""
        self._tell(self._half_open)

    def delay(self, seconds: float) -> None:
        """Hold each piece for so long."""
        self._delay = seconds

    def cut_after(self, pattern: bytes, times: int) -> None:
        """Pass a piece that holds `pattern` on and reset the connection before its answer, so many times."""
        self._trigger = (pattern, times)

    def links_to(self, port: int) -> int:
        """How many connections lead to a port now."""
        return sum(link.where == ("127.0.0.1", port) for link in list(self._links))

    @property
    def cuts_left(self) -> int:
        """How often `cut_after` still waits for its pattern."""
        return self._trigger[1]

    def _tell(self, what: Callable[[], None]) -> None:
        done = threading.Event()

        def work() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(work)
        done.wait(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    def _close(self) -> None:
        self._cut()
        self._loop.stop()

    def _cut(self) -> None:
        for link in list(self._links):
            self.felt += 1
            link.abort()

    def _half_open(self) -> None:
        for link in list(self._links):
            self.felt += 1
            link.is_dead = True
            if link.upstream is not None:
                link.upstream.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            self.felt += 1
            writer.transport.abort()
            return
        link = Link(writer)
        self._links.add(link)
        self.most_links = max(self.most_links, len(self._links))
        try:
            await self._flow.wait()
            far_reader, link.upstream = await self._connect(link)
            link.tasks = [
                asyncio.create_task(self._pump(reader, link.upstream, link, is_request=True)),
                asyncio.create_task(self._pump(far_reader, writer, link, is_request=False)),
            ]
            await asyncio.wait(link.tasks)
        except (OSError, asyncio.CancelledError):  # cancelled: the proxy stops
            writer.transport.abort()
        finally:
            link.abort()
            self._links.discard(link)

    async def _connect(self, link: Link) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The next upstream in turn that answers; raises OSError when none does."""
        self._turn += 1
        for step in range(len(self.upstreams)):
            upstream = self.upstreams[(self._turn + step) % len(self.upstreams)]
            try:
                if isinstance(upstream, str):
                    ends = await asyncio.open_unix_connection(upstream)
                else:
                    ends = await asyncio.open_connection(*upstream)
            except OSError:
                continue
            link.where = upstream
            return ends
        raise OSError("no upstream answers")

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link, *, is_request: bool
    ) -> None:
        try:
            while data := await reader.read(CHUNK):
                if not self._flow.is_set():
                    self.felt += 1
                    await self._flow.wait()
                if link.is_dead:
                    continue
                if self._delay:
                    self.felt += 1
                    await asyncio.sleep(self._delay)
                writer.write(data)
                await writer.drain()
                if is_request and self._is_triggered(data):
                    await asyncio.sleep(AFTER_TRIGGER_SECONDS)
                    link.abort()
        except OSError:
            pass
        if link.is_dead and not is_request:
            return  # the near end hears nothing of it
        writer.transport.abort() if link.is_dead else _finish(writer)

    def _is_triggered(self, data: bytes) -> bool:
        pattern, left = self._trigger
        if left <= 0 or pattern not in data:
            return False
        self._trigger = (pattern, left - 1)
        self.felt += 1
        return True


def _finish(writer: asyncio.StreamWriter) -> None:
    """Pass the end of one direction on; the other one may go on."""
    try:
        if writer.can_write_eof():
            writer.write_eof()
    except (OSError, RuntimeError):
        writer.transport.abort()
