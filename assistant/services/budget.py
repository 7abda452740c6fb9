"""A tenant's monthly budget: reserved before a call, counted after it, never spent twice by parallel calls."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from assistant.models import AssistantProfile, Spend, Turn
from common.work.rows import LeaseLost, State
from tenants.models import Tenant

STEP = Decimal("0.000001")
CHEAPER_FROM = Decimal("0.8")


class BudgetLevel(StrEnum):
    """How much of the month's budget is left."""

    FREE = "free"
    CHEAPER = "cheaper"  # four fifths are spent
    EXHAUSTED = "exhausted"


def budget_level(profile: AssistantProfile) -> BudgetLevel:
    """Return the tenant's level of this month; without a budget there is no limit."""
    budget = profile.monthly_budget_usd
    if budget is None:
        return BudgetLevel.FREE
    row = Spend.objects.filter(tenant_id=profile.tenant_id, month=this_month()).first()
    taken = row.spent_usd + row.reserved_usd if row is not None else Decimal(0)
    if taken >= budget:
        return BudgetLevel.EXHAUSTED
    return BudgetLevel.CHEAPER if taken >= budget * CHEAPER_FROM else BudgetLevel.FREE


@transaction.atomic
def reserve(*, turn: Turn, profile: AssistantProfile, amount: Decimal) -> bool:
    """Reserve `amount` for a call of this turn; returns False when the month's budget does not allow it.

    One conditional update decides, so parallel calls cannot spend more than there is.
    """
    _lock_turn(turn)
    month = this_month()
    amount = rounded(amount)
    Spend.objects.get_or_create(tenant_id=turn.tenant_id, month=month)
    row = Spend.objects.filter(tenant_id=turn.tenant_id, month=month)
    if profile.monthly_budget_usd is not None:
        row = row.filter(
            spent_usd__lte=profile.monthly_budget_usd - F("reserved_usd") - amount,
            spent_usd__lt=profile.monthly_budget_usd,
        )
    if not row.update(reserved_usd=F("reserved_usd") + amount):
        return False
    _update_turn(turn, reserved_usd=F("reserved_usd") + amount, reserved_month=month)
    turn.reserved_usd += amount
    turn.reserved_month = month
    return True


@transaction.atomic
def count_cost(*, turn: Turn, cost: Decimal, input_tokens: int, output_tokens: int) -> None:
    """Replace the reservation by the actual cost, on the month and on the turn."""
    _lock_turn(turn)
    cost = rounded(cost)
    _give_back(turn, cost)
    fields: dict[str, Any] = {"cost_usd": cost, "input_tokens": input_tokens, "output_tokens": output_tokens}
    _update_turn(turn, reserved_usd=0, **{name: F(name) + value for name, value in fields.items()})
    for name, value in fields.items():
        setattr(turn, name, getattr(turn, name) + value)
    turn.reserved_usd = Decimal(0)


def release(*, turn: Turn) -> None:
    """Release what a worker had reserved before it died."""
    if not turn.reserved_usd:
        return
    with transaction.atomic():
        _lock_turn(turn)
        _give_back(turn, Decimal(0))
        _update_turn(turn, reserved_usd=0)
    turn.reserved_usd = Decimal(0)


def release_locked(*, turn: Turn) -> None:
    """Release the reservation of a turn that is taken from its worker; its row must be locked."""
    if turn.reserved_usd:
        _give_back(turn, Decimal(0))
        Turn.objects.filter(pk=turn.pk).update(reserved_usd=0)


def add_cost(*, tenant: Tenant, cost: Decimal) -> None:
    """Count a cost outside of a turn."""
    Spend.objects.get_or_create(tenant=tenant, month=this_month())
    Spend.objects.filter(tenant=tenant, month=this_month()).update(spent_usd=F("spent_usd") + rounded(cost))


def this_month() -> str:
    """Return the month in UTC, for example 2026-11."""
    return datetime.now(UTC).strftime("%Y-%m")


def rounded(amount: Decimal) -> Decimal:
    """Round up to the next millionth of a dollar."""
    return amount.quantize(STEP, rounding=ROUND_UP)


def _give_back(turn: Turn, cost: Decimal) -> None:
    row = Spend.objects.filter(tenant_id=turn.tenant_id, month=turn.reserved_month or this_month())
    row.update(
        reserved_usd=Greatest(F("reserved_usd") - turn.reserved_usd, Decimal(0)), spent_usd=F("spent_usd") + cost
    )


def _lock_turn(turn: Turn) -> None:
    """Lock the turn while it is ours, before the month's row: everybody locks both in this order."""
    mine = Turn.objects.select_for_update(no_key=True).filter(pk=turn.pk, token=turn.token, state=State.WORKING)
    if not list(mine.values_list("pk")):
        raise LeaseLost(f"turn {turn.pk}")


def _update_turn(turn: Turn, **changes: object) -> None:
    """Update the turn while it is ours; raises LeaseLost, and with it the whole change is undone."""
    mine = Turn.objects.filter(pk=turn.pk, token=turn.token, state=State.WORKING)
    if not mine.update(**changes):
        raise LeaseLost(f"turn {turn.pk}")
