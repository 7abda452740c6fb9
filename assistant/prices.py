"""Prices of models and the default ones: data in prices.json, dated."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

logger = logging.getLogger("frontdesk.assistant")

MILLION = Decimal(1_000_000)


def default_model(provider: str) -> str:
    """Return the provider's current small model; "" when it has none (Azure's deployments have names of their own)."""
    return str(_data()["defaults"].get(provider, ""))


def cost_of(model: str, *, input_tokens: int, output_tokens: int) -> Decimal:
    """Return the cost in USD of so many tokens; an unknown model counts zero and is logged once."""
    price = _price(model)
    if price is None:
        _mention(model)
        return Decimal(0)
    return (price[0] * input_tokens + price[1] * output_tokens) / MILLION


def is_known(model: str) -> bool:
    """Return whether the model has a price."""
    return _price(model) is not None


def updated_on() -> str:
    """Return the date of the prices."""
    return str(_data()["updated_on"])


def _price(model: str) -> tuple[Decimal, Decimal] | None:
    """Return the price of the model, or of the longest name it begins with (`gpt-5.4-mini-2026-03-01`)."""
    known = _data()["models"]
    fitting = [name for name in known if model == name or model.startswith((f"{name}-2", f"{name}@"))]
    if not fitting:
        return None
    found = known[max(fitting, key=len)]
    return Decimal(found["input"]), Decimal(found["output"])


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=64)
def _mention(model: str) -> None:
    logger.warning("price_unknown", extra={"model": model})
