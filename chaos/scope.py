"""What of the list of faults is not played here, and why."""

LEFT_OUT = {
    "F7": "filling the gap after a long outage: the product has no such part yet",
    "F20 on PostgreSQL": "a full disk needs root; F21 plays a database that refuses to write",
    "F24": "needs two releases; there has been none yet",
    "F26": "the product has no restore guard yet",
    "F43": "the clock of a zone cannot be turned here: tests/reminders/test_rules.py walks every change until 2035",
    "F46": "a slow leak needs hours; memory is compared with its baseline at the end of each run",
    "F47": "a power cut needs a second machine",
    "F54": "a crash after a tool ran: tests/assistant/test_turns.py; not played here yet",
    "F55": "the last slot of an appointment: the product has no appointments yet",
}
