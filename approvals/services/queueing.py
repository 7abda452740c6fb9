"""Put a candidate before the people of a step of its ladder, and wake the queues of their addresses."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now

from approvals.models import Approver, ApproverAddress, AskQueue, Candidate, Prompt, PromptState, StepKind
from approvals.queries import addresses_to_ask
from approvals.services.trail import note
from common.work.queue import enqueue
from common.work.rows import State


def put_before(*, candidate: Candidate, approvers: Iterable[Approver], channel: str, step: int) -> None:
    """Let each of them be asked, on the address that fits best; in the caller's transaction."""
    found: list[ApproverAddress] = []
    for approver in approvers:
        addresses = addresses_to_ask(approver, channel)
        if addresses:
            found.append(addresses[0])
        else:
            reason = "no address on an enabled channel"
            note(candidate, StepKind.NOT_ASKED, actor="clock", approver=approver.name, reason=reason)
    # In one order everywhere: two candidates that wake the same queues must not wait for each other.
    for address in sorted(found, key=lambda row: row.pk):
        Prompt.objects.get_or_create(
            candidate=candidate, address=address, kind="ask", step=step, defaults={"tenant_id": candidate.tenant_id}
        )
        wake(address)


def wake(address: ApproverAddress) -> None:
    """Let an address's queue look at once what there is for it; in the transaction that wrote the prompt.

    The row is locked: its worker settles under the same lock, so that nothing written meanwhile is overlooked.
    """
    AskQueue.objects.get_or_create(address=address, defaults={"tenant_id": address.tenant_id})
    _wake(address.pk)


def wake_after_commit(address_id: int) -> None:
    """The same for a caller who holds locks that a queue may wait for; the clock makes a lost wake-up good.

    Whoever answers several candidates at once locks them one by one, and may not hold a queue meanwhile.
    """
    transaction.on_commit(lambda: _wake(address_id), robust=True)


def wake_forgotten() -> int:
    """Wake queues that rest though something waits for them; returns how many."""
    waiting = Prompt.objects.filter(state=PromptState.WAITING).values("address")
    resting = AskQueue.objects.filter(address__in=waiting, state__in=(State.DONE, State.IGNORED))
    found = list(resting.order_by("pk").values_list("address_id", flat=True)[:1000])
    for address_id in found:
        _wake(address_id)
    return len(found)


@transaction.atomic
def _wake(address_id: int) -> None:
    queue = AskQueue.objects.select_for_update(no_key=True).filter(address_id=address_id).first()
    if queue is None:
        return
    if queue.state != State.WORKING:
        AskQueue.objects.filter(pk=queue.pk).update(
            state=State.QUEUED, due_at=Now(), attempts=0, crashes=0, last_error=""
        )
        enqueue("approvals.ask", queue.pk)
