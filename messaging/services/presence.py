"""Read marks and the typing indicator for the customer, by the channel's policy."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from common.http.client import HttpError, operator_client
from messaging.models import Conversation, Message
from messaging.providers.base import Account, Address, AddressKind, Provider, ProviderError
from messaging.queries import account_of, provider_of
from messaging.services.outgoing import DeadlineHttp
from messaging.services.send_limits import closed_switch

logger = logging.getLogger("frontdesk.messaging")

PATIENCE_SECONDS = 5.0
MAX_WAITING = 50
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="presence")
_waiting = threading.BoundedSemaphore(MAX_WAITING)


def show_presence(*, conversation: Conversation, newest: Message, installation_is_on: bool | None = None) -> bool:
    """Mark the customer's newest message as read and show typing, in the background.

    Returns False when nothing is shown.

    It is optional: it is skipped when the provider is slow, and an error is ignored. `installation_is_on` is the
    installation's own switch, when the caller has just read it.
    """
    channel = conversation.channel
    provider = provider_of(channel)
    wants_typing = channel.shows_typing and provider.can_show_typing
    wants_read = channel.marks_read and provider.can_mark_read and not (wants_typing and provider.typing_marks_read)
    if not (wants_typing or wants_read) or channel.problem:
        return False
    if closed_switch(conversation, installation_is_on=installation_is_on):
        return False
    if not _waiting.acquire(blocking=False):
        return False
    address = Address(
        kind=AddressKind(conversation.recipient_kind),
        value=conversation.recipient,
        external_id=conversation.recipient,
    )
    steps = (wants_read, wants_typing)
    _pool.submit(_show, provider, account_of(channel), address, newest.external_id, steps)
    return True


def _show(provider: Provider, account: Account, address: Address, last: str, steps: tuple[bool, bool]) -> None:
    wants_read, wants_typing = steps
    http = DeadlineHttp(operator_client(), PATIENCE_SECONDS)
    try:
        if wants_read:
            provider.mark_read(conversation=address, external_id=last, account=account, http=http)
        if wants_typing:
            provider.show_typing(conversation=address, last_inbound=last, account=account, http=http)
    except (ProviderError, HttpError) as error:
        logger.debug("presence_failed", extra={"provider": provider.name, "error": type(error).__name__})
    finally:
        _waiting.release()
