"""HTTP transport of the vendors' clients that limits a response to MAX_BYTES, uncompressed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

# The longest answer that we request has some ten thousand tokens. Parsing JSON blocks the process in proportion to its
# length.
MAX_BYTES = 4 * 1024 * 1024


class CappedTransport(httpx2.AsyncHTTPTransport):
    """Ends a response that grows too large, before it is loaded into memory."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Like the transport of httpx2; raises ReadError for a response that is too large or compressed."""
        request.headers["accept-encoding"] = "identity"  # a few compressed bytes can be a gigabyte
        response = await super().handle_async_request(request)
        announced = response.headers.get("content-length", "")
        is_too_large = announced.isdigit() and int(announced) > MAX_BYTES
        if is_too_large or response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.ReadError("the answer is too large" if is_too_large else "the answer is compressed")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Capped(response.stream)
        return response


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > MAX_BYTES:
                raise httpx2.ReadError("the answer is too large")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
