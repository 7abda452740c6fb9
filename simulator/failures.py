"""Rules that make a service fail: RELIABILITY section 3 asks for each of these faults."""

import itertools
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.exchange import ServiceRequest
from simulator.people import person_key

MODES = ("status", "timeout_after_accept", "fails_later", "slow", "garbage", "reset", "refuse")


@dataclass(kw_only=True)
class FailureRule:
    """One way to fail, for the requests it matches, so many times (-1: until reset)."""

    service: str
    mode: str
    match: dict[str, str] = field(default_factory=dict)
    times: int = 1
    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    accept: bool = False
    error: str = ""  # the service's code of a later failure
    id: int = 0
    used: int = 0

    def fits(self, call: ServiceRequest) -> bool:
        """Return whether the rule matches the request."""
        if self.service not in ("*", call.service) or self.used == self.times:
            return False
        if self.match.get("path", "") not in call.path:
            return False
        if self.match.get("contains", "") not in call.readable:
            return False
        return not self.match.get("to") or call.addressee == person_key(self.match["to"])


class FailureRules:
    """The rules in force, first match wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[FailureRule] = []
        self._ids = itertools.count(1)

    def add(self, data: dict[str, Any]) -> FailureRule:
        """Add a rule from the control API's JSON; raises ValueError with a sentence."""
        if data.get("mode") not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")
        if not data.get("service"):
            raise ValueError("service is missing (a service's name, or * for all)")
        known = {
            name: data[name] for name in FailureRule.__dataclass_fields__ if name in data and name not in ("id", "used")
        }
        with self._lock:
            rule = FailureRule(**known, id=next(self._ids))
            self._rules.append(rule)
        return rule

    def use(self, call: ServiceRequest) -> FailureRule | None:
        """Return the first rule that matches the request and count its use; None when no rule matches."""
        if not self._rules:
            return None
        with self._lock:
            rule = next((rule for rule in self._rules if rule.fits(call)), None)
            if rule:
                rule.used += 1
            return rule

    def list(self) -> list[dict[str, Any]]:
        """Return all rules with how often each was used."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]

    def remove(self, rule_id: int) -> bool:
        """Remove a rule; returns False when there is none of that id."""
        with self._lock:
            found = [rule for rule in self._rules if rule.id == rule_id]
            self._rules = [rule for rule in self._rules if rule.id != rule_id]
            return bool(found)

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules.clear()
