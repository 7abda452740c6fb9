"""Reminders and tasks."""

from common import env

# How long finished and cancelled reminders and the result of each occurrence are stored.
REMINDER_KEEP_DAYS = env.integer("REMINDER_KEEP_DAYS", 90, least=1)
# The grace of a new reminder: an occurrence found later than this is handled by its miss policy.
REMINDER_GRACE_MINUTES = env.integer("REMINDER_GRACE_MINUTES", 60, least=1)
# The share of a channel's rate that reminders may use; the rest is left to chat.
REMINDER_CHANNEL_SHARE = env.number("REMINDER_CHANNEL_SHARE", 0.5, least=0.05)
# How many a person may have at once.
REMINDERS_PER_CONTACT = env.integer("REMINDERS_PER_CONTACT", 100, least=1)
