"""Where the product's code stands, for tests that read it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "alerts", "approvals", "assistant", "common", "config", "messaging", "privacy", "reminders", "reports", "tenants",
    "timewords",
)  # fmt: skip
