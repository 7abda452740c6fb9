"""All faults: a new one is a class in one of these modules."""

from chaos.faults import (  # noqa: F401 - each adds its faults
    approvals,
    clock,
    customers,
    fates,
    floods,
    media,
    models,
    postgres,
    processes,
    providers,
    receivers,
    redis,
    reminders,
)
from chaos.faults.base import FAULTS, Broken, Fault, NotBitten

__all__ = ["FAULTS", "Broken", "Fault", "NotBitten"]
