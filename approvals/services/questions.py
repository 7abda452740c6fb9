"""Add a candidate to the queues of the approvers of an escalation step, and wake up those queues."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from approvals.models import Approver, ApproverAddress, AskQueue, Candidate, Question, QuestionState, TrailKind
from approvals.queries import addresses_to_ask
from approvals.services.trail import record_trail
from common.work.queue import enqueue
from common.work.rows import State


def add_questions(*, candidate: Candidate, approvers: Iterable[Approver], channel: str, step: int) -> None:
    """Add a question for each of them at the address that fits best; in the caller's transaction."""
    found: list[ApproverAddress] = []
    for approver in approvers:
        addresses = addresses_to_ask(approver, channel)
        if addresses:
            found.append(addresses[0])
        else:
            reason = "no address on an enabled channel"
            record_trail(candidate, TrailKind.NOT_ASKED, actor="clock", approver=approver.name, reason=reason)
    # Always in one order: two candidates that wake up the same queues must not wait for each other.
    for address in sorted(found, key=lambda row: row.pk):
        Question.objects.get_or_create(
            candidate=candidate, address=address, kind="ask", step=step, defaults={"tenant_id": candidate.tenant_id}
        )
        wake_up_queue(address)


def wake_up_queue(address: ApproverAddress) -> None:
    """Make an address's queue due now, in the transaction that wrote the question.

    The row is locked: its worker settles under the same lock, so that no question is overlooked.
    """
    AskQueue.objects.get_or_create(address=address, defaults={"tenant_id": address.tenant_id})
    _wake(address.pk)


def wake_up_after_commit(address_id: int) -> None:
    """The same after commit, for a caller with locks that a queue may wait for.

    Beat finds a queue whose wake-up was lost.

    Somebody who answers several candidates at once locks them one by one and may not hold a queue meanwhile.
    """
    transaction.on_commit(lambda: _wake(address_id), robust=True)


def wake_up_forgotten() -> int:
    """Wake up queues that are idle although questions wait; returns how many."""
    waiting = Question.objects.filter(state=QuestionState.WAITING).values("address")
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
        AskQueue.objects.filter(pk=queue.pk).requeue()
        enqueue("approvals.ask", queue.pk)
