"""How the product behaves towards customers."""

from common import env

OUTBOUND_REPLY_ENABLED = env.flag("OUTBOUND_REPLY_ENABLED", False)
REQUIRE_INVOKE_PREFIX = env.flag("REQUIRE_INVOKE_PREFIX", False)
INVOKE_PREFIX = env.text("INVOKE_PREFIX", "/desk")
RESUME_AFTER_HOURS = env.number("RESUME_AFTER_HOURS", 2)
ANSWER_MAX_AGE_HOURS = env.number("ANSWER_MAX_AGE_HOURS", 12)
DEFAULT_SYSTEM_PROMPT = env.text(
    "DEFAULT_SYSTEM_PROMPT", "You are the friendly front desk of a small business. Answer briefly and truthfully."
)
# Held messages older than this are discarded, not sent, when a switch is turned on again.
RELEASE_MAX_AGE_HOURS = env.number("RELEASE_MAX_AGE_HOURS", 6)

# Times of RELIABILITY section 1; tests shorten them.
LEASE_SECONDS = env.number("LEASE_SECONDS", 30, least=1)
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 5, least=0.1)
SEND_TIMEOUT_SECONDS = env.number("SEND_TIMEOUT_SECONDS", 15)  # less than the lease
UNCERTAIN_SECONDS = env.number("UNCERTAIN_SECONDS", 60)
RELAY_SECONDS = env.number("RELAY_SECONDS", 0.5, least=0.05)
# The wait for more of a burst: after a complete sentence, and after a fragment.
BURST_WAIT_SECONDS = env.number("BURST_WAIT_SECONDS", 1.5)
BURST_FRAGMENT_SECONDS = env.number("BURST_FRAGMENT_SECONDS", 6)
