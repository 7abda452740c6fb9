"""Reminders and tasks."""

from common import env

# Done and cancelled ones, and what became of each time, are kept so long.
REMINDER_KEEP_DAYS = env.integer("REMINDER_KEEP_DAYS", 90, least=1)
# What a new reminder gets as grace: found later than this, its miss policy decides.
REMINDER_GRACE_MINUTES = env.integer("REMINDER_GRACE_MINUTES", 60, least=1)
# The part of a channel's pace that reminders may take: the rest is left to chat.
REMINDER_CHANNEL_SHARE = env.number("REMINDER_CHANNEL_SHARE", 0.5, least=0.05)
# How many a person may have at once.
REMINDERS_PER_CONTACT = env.integer("REMINDERS_PER_CONTACT", 100, least=1)
