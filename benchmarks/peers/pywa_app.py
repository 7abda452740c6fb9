"""The inbound peer: pywa on FastAPI, each message inserted by asyncpg. It runs in the peers' own environment.

pywa hands an update to a background task of FastAPI: it answers before the handler has stored anything, and an error
in the handler is logged, not answered.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI
from pywa_async import WhatsApp, types

INSERT = """
INSERT INTO messaging_webhookevent (state, attempts, crashes, last_error, request_id, traceparent, provider, channel_id,
    body, received_at) VALUES ('ignored', 0, 0, '', '', '', 'pywa', NULL, $1, now())
"""
state: dict[str, Any] = {}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """A pool for each process, as large as the product's threads."""
    state["pool"] = await asyncpg.create_pool(
        host=os.environ["PEER_HOST"], user="postgres", database="frontdesk", min_size=2, max_size=8
    )
    yield
    await state["pool"].close()


app = FastAPI(lifespan=lifespan)
client = WhatsApp(
    phone_id=os.environ["PEER_PHONE_ID"],
    token="unused",
    server=app,
    verify_token="unused",
    app_secret=os.environ["PEER_APP_SECRET"],
    webhook_endpoint="/webhook",
)


@client.on_message
async def keep(_: WhatsApp, message: types.Message) -> None:
    """Store the message."""
    await state["pool"].execute(INSERT, str(message.raw).encode())
